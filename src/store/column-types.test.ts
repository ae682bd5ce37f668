import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import type { Db } from './database.ts'
import { capabilitiesOf } from './dialects/engine-capabilities.ts'

let database: TempDatabase
let db: Db

beforeAll(async () => {
  database = await makeTempDatabase()
  db = database.db
})
afterAll(() => database.close())

const put = (tenant: string, name: string) =>
  db.insertInto('sequence').values({ tenant_id: tenant, name, value: 1 }).execute()

describe('a key is compared byte by byte', () => {
  for (const [what, one, other] of [
    ['case', 'api', 'API'],
    ['accents', 'resume', 'résumé'],
    ['a space at the end', 'disk', 'disk '],
    ['two ways to write one sign', '\u{e9}', 'e\u{301}'],
    ['signs beyond the basic plane', '🔥', '🧯'],
  ] as const) {
    test(`${what} makes another key`, async () => {
      await put(what, one)
      await put(what, other)
      const found = await db
        .selectFrom('sequence')
        .select('name')
        .where('tenant_id', '=', what)
        .where('name', '=', one)
        .execute()
      expect(found.map(({ name }) => name)).toEqual([one])
    })
  }

  test('and sorted by bytes', async () => {
    for (const name of ['b', 'a', 'B', 'ä', 'Z']) await put('sorting', name)
    const found = await db
      .selectFrom('sequence')
      .select('name')
      .where('tenant_id', '=', 'sorting')
      .orderBy('name')
      .execute()
    expect(found.map(({ name }) => name)).toEqual(['B', 'Z', 'a', 'b', 'ä'])
  })
})

test('a text may be long, and comes back as it was', async () => {
  const text = '"\'\\%_🔥\r\n\t'.repeat(100_000)
  await db
    .insertInto('change_feed')
    .values({ tenant_id: 'long', seq: 1, at: 0, kind: 'incident', subject_id: 'x', data: text })
    .execute()
  const row = await db.selectFrom('change_feed').select('data').where('tenant_id', '=', 'long').executeTakeFirst()
  expect(row?.data === text).toBe(true)
})

test('half a pair of surrogates and NUL are stored as something that every engine can keep', async () => {
  await put('odd', 'a\0b')
  await put('odd', 'c\ud800d')
  const found = await db.selectFrom('sequence').select('name').where('tenant_id', '=', 'odd').orderBy('name').execute()
  expect(found.map(({ name }) => name)).toEqual([expect.stringMatching(/^a[\0\u{fffd}]b$/u), 'c\u{fffd}d'])
})

test('an instant is shown in UTC, exact to the second, and none stays none', async () => {
  const { instant } = await capabilitiesOf(db).readColumnTypes(db)
  await db
    .insertInto('change_feed')
    .values({ tenant_id: 'instant', seq: 1, at: 1_795_634_321_417, kind: 'incident', subject_id: 'x', data: '' })
    .execute()
  const { rows } = await sql
    .raw<{ at: string; none: null }>(
      `select ${instant('at')} as at, ${instant('nullif(at, at)')} as none from change_feed where tenant_id = 'instant'`,
    )
    .execute(db)
  expect({ ...rows[0] }).toEqual({ at: '2026-11-25T19:18:41Z', none: null })
})
