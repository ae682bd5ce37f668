import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { makeTempDatabase } from '../../test/support/temp-database.ts'
import { onlyEmbedded } from '../../test/support/test-size.ts'
import { TABLE_KEYS } from './table-keys.ts'

test('every table is named, and no other', async () => {
  const database = await makeTempDatabase()
  const tables = (await database.db.introspection.getTables()).filter(({ isView }) => !isView)
  await database.close()
  const names = tables.map(({ name }) => name).filter((name) => !name.startsWith('schema_'))
  expect(names.toSorted()).toEqual(Object.keys(TABLE_KEYS).toSorted())
})

onlyEmbedded('SQLite is asked what the key is, and the schema is one for all engines', () => {
  test('the keys are those of the schema', async () => {
    const database = await makeTempDatabase()
    const found: Record<string, readonly string[]> = {}
    for (const table of Object.keys(TABLE_KEYS)) {
      const { rows } = await sql
        .raw<{ name: string }>(`select name from pragma_table_info('${table}') where pk > 0 order by pk`)
        .execute(database.db)
      found[table] = rows.map(({ name }) => name)
    }
    await database.close()
    expect(found).toEqual(TABLE_KEYS)
  })
})
