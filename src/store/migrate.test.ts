import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { makeTempFolder } from '../../test/support/temp-folder.ts'
import { databaseLocation, migratable, openDatabase } from './database.ts'
import { MIGRATIONS, migrateToLatest, NewerSchemaError } from './migrate.ts'

async function withFolder(work: (url: string) => Promise<void>): Promise<void> {
  const folder = makeTempFolder('migrate')
  try {
    await work(`sqlite:${folder.path}/nunchi.db`)
  } finally {
    folder.remove()
  }
}

test('the names of migrations are unique, dated and in order', () => {
  const names = MIGRATIONS.map(({ name }) => name)
  expect([...names].sort()).toEqual(names)
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) {
    expect(name).toMatch(/^\d{8}-\d{4}-[a-z0-9-]+$/)
    expect(name).not.toMatch(/migration|update|fix/)
  }
})

test('it is applied once, and a second run finds nothing to do', async () => {
  await withFolder(async (url) => {
    const db = openDatabase(databaseLocation(url))
    expect((await migrateToLatest(migratable(db))).applied).toEqual(MIGRATIONS.map(({ name }) => name))
    expect((await migrateToLatest(migratable(db))).applied).toEqual([])
    await db.destroy()
  })
})

test('of several that start together exactly one applies it', async () => {
  await withFolder(async (url) => {
    const handles = Array.from({ length: 4 }, () => openDatabase(databaseLocation(url)))
    const reports = await Promise.all(handles.map((db) => migrateToLatest(migratable(db))))
    expect(reports.flatMap(({ applied }) => applied)).toEqual(MIGRATIONS.map(({ name }) => name))
    await Promise.all(handles.map((db) => db.destroy()))
  })
})

test('a schema of a newer program is refused with what to do, and is left alone', async () => {
  await withFolder(async (url) => {
    const db = openDatabase(databaseLocation(url))
    const future = { name: '20990101-0000-from-the-future', breaking: true, up: async () => undefined }
    await migrateToLatest(migratable(db), [...MIGRATIONS, future])
    await expect(migrateToLatest(migratable(db))).rejects.toThrow(NewerSchemaError)
    await expect(migrateToLatest(migratable(db))).rejects.toThrow(
      /20990101-0000-from-the-future.*Start that newer version, or restore the backup/,
    )
    await db.destroy()
  })
})

test('a newer step that is not breaking lets the older program run', async () => {
  await withFolder(async (url) => {
    const db = openDatabase(databaseLocation(url))
    await migrateToLatest(migratable(db), [
      ...MIGRATIONS,
      { name: '20990101-0000-harmless', breaking: false, up: async () => undefined },
    ])
    expect((await migrateToLatest(migratable(db))).applied).toEqual([])
    await db.destroy()
  })
})

test('a step that fails leaves nothing behind', async () => {
  await withFolder(async (url) => {
    const db = openDatabase(databaseLocation(url))
    const broken = {
      name: '20990101-0000-broken',
      breaking: true,
      up: async (execute: (statement: string) => Promise<void>) => {
        await execute('create table half_made (id text)')
        await execute('this is no SQL')
      },
    }
    await expect(migrateToLatest(migratable(db), [broken])).rejects.toThrow(/syntax error/)
    const { rows } = await sql<{ name: string }>`select name from sqlite_master where name = 'half_made'`.execute(db)
    expect(rows).toEqual([])
    await db.destroy()
  })
})
