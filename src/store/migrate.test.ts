import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeEmptyDatabase } from '../../test/support/empty-database.ts'
import type { FreshDatabase } from '../../test/support/fresh-database.ts'
import { type Db, databaseLocation, migratable, openDatabase } from './database.ts'
import { capabilitiesOf } from './dialects/engine-capabilities.ts'
import { MIGRATIONS, migrateToLatest, NewerSchemaError } from './migrate.ts'
import type { NamedMigration } from './named-migration.ts'
import { previewMigrations } from './pending-migrations.ts'

const NAMES = MIGRATIONS.map(({ name }) => name)

test('the names of migrations are unique, dated and in order', () => {
  expect([...NAMES].sort()).toEqual(NAMES)
  expect(new Set(NAMES).size).toBe(NAMES.length)
  for (const name of NAMES) {
    expect(name).toMatch(/^\d{8}-\d{4}-[a-z0-9-]+$/)
    expect(name).not.toMatch(/migration|update|fix/)
  }
})

describe('the schema', () => {
  let database: FreshDatabase
  let handles: Db[]

  beforeEach(async () => {
    database = await makeEmptyDatabase()
    handles = []
  })
  afterEach(async () => {
    for (const handle of handles) await handle.destroy()
    await database.drop()
  })

  function open(): Db {
    const handle = openDatabase(databaseLocation(database.url))
    handles.push(handle)
    return handle
  }

  async function hasTable(db: Db, table: string): Promise<boolean> {
    const { rows } = await sql.raw<{ name: string }>(capabilitiesOf(db).tableNames).execute(db)
    return rows.some(({ name }) => name === table)
  }

  test('it is applied once, and a second run finds nothing to do', async () => {
    const db = open()
    expect(await previewMigrations(migratable(db))).toEqual({ applied: [], pending: NAMES, newer: [] })
    expect((await migrateToLatest(migratable(db))).applied).toEqual(NAMES)
    expect((await migrateToLatest(migratable(db))).applied).toEqual([])
    expect(await previewMigrations(migratable(db))).toEqual({ applied: NAMES, pending: [], newer: [] })
  })

  test('of several that start together exactly one applies it', async () => {
    const reports = await Promise.all(Array.from({ length: 4 }, () => migrateToLatest(migratable(open()))))
    expect(reports.flatMap(({ applied }) => applied)).toEqual(NAMES)
  }, 60_000)

  test('of a newer program is refused with what to do, and is left alone', async () => {
    const db = open()
    const future = { name: '20990101-0000-from-the-future', breaking: true, up: async () => undefined }
    await migrateToLatest(migratable(db), [...MIGRATIONS, future])
    await expect(migrateToLatest(migratable(db))).rejects.toThrow(NewerSchemaError)
    await expect(migrateToLatest(migratable(db))).rejects.toThrow(
      /20990101-0000-from-the-future.*Start that newer version, or restore the backup/,
    )
    expect((await previewMigrations(migratable(db))).newer).toEqual([{ name: future.name, breaking: true }])
  })

  test('with a newer step that is not breaking lets the older program run', async () => {
    const db = open()
    const harmless = { name: '20990101-0000-harmless', breaking: false, up: async () => undefined }
    await migrateToLatest(migratable(db), [...MIGRATIONS, harmless])
    expect((await migrateToLatest(migratable(db))).applied).toEqual([])
  })

  const broken = (last: string): NamedMigration => ({
    name: '20990101-0000-half-made',
    breaking: true,
    up: async (execute, types) => {
      await execute(`create table half_made (id ${types.id} not null primary key)`)
      await execute(`create index half_made_id on half_made (id)`)
      await execute(last)
    },
  })

  test('a step that fails leaves nothing behind, or goes on where it stopped', async () => {
    const db = open()
    const { undoesSchemaChanges } = capabilitiesOf(db)
    const failure = migrateToLatest(migratable(db), [broken('this is no SQL')])
    await expect(failure).rejects.toThrow(undoesSchemaChanges ? /syntax/ : /stopped at its statement 3: .*syntax/)
    expect(await hasTable(db, 'half_made')).toBe(!undoesSchemaChanges)
    const repaired = broken("insert into half_made (id) values ('whole')")
    expect((await migrateToLatest(migratable(db), [repaired])).applied).toEqual([repaired.name])
    const { rows } = await sql<{ id: string }>`select id from half_made`.execute(db)
    expect(rows.map(({ id }) => id)).toEqual(['whole'])
  })

  test('a program that died between a statement and the note of it is no hindrance', async () => {
    const db = open()
    if (capabilitiesOf(db).undoesSchemaChanges) {
      await expect(migrateToLatest(migratable(db), [broken('nonsense')])).rejects.toThrow()
      expect(await hasTable(db, 'schema_step')).toBe(false)
      return
    }
    await expect(migrateToLatest(migratable(db), [broken('this is no SQL')])).rejects.toThrow()
    // As if the index had been made, but its note was lost.
    await sql`update schema_progress set statements = 1`.execute(db)
    await migrateToLatest(migratable(db), [broken('drop table half_made')])
    expect(await hasTable(db, 'half_made')).toBe(false)
  })

  test('may stop after any of its steps and go on later', async () => {
    const db = open()
    for (let count = 1; count <= MIGRATIONS.length; count++) {
      const { applied } = await migrateToLatest(migratable(db), MIGRATIONS.slice(0, count))
      expect(applied).toEqual(NAMES.slice(count - 1, count))
    }
  })
})
