import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dumpSchema } from '../../test/support/dump-schema.ts'
import { makeEmptyDatabase } from '../../test/support/empty-database.ts'
import { migrateDatabase } from '../../test/support/migrate-database.ts'
import { databaseLocation } from './database.ts'

/** After a wanted change of the schema: `WRITE_SCHEMA_DUMPS=1 npm test -- src/store/schema-dump.test.ts`, then read the difference. */
const isWriting = process.env['WRITE_SCHEMA_DUMPS'] === '1'

test('the schema is the one that is written down for this engine', async () => {
  const database = await makeEmptyDatabase()
  try {
    await migrateDatabase(database.url)
    const file = join(import.meta.dirname, 'schema-dumps', `${databaseLocation(database.url).kind}.sql`)
    const dump = await dumpSchema(database.url)
    if (isWriting) writeFileSync(file, dump)
    expect(dump).toBe(readFileSync(file, 'utf8'))
  } finally {
    await database.drop()
  }
})
