import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../../test/support/temp-database.ts'
import { insertMany, upsertMany } from '../bulk-write.ts'
import type { Db } from '../database.ts'
import { inTransaction } from '../transaction.ts'
import { capabilitiesOf } from './engine-capabilities.ts'

let database: TempDatabase
let db: Db

beforeAll(async () => {
  database = await makeTempDatabase()
  db = database.db
})
afterAll(() => database.close())

test('the clock of the database is milliseconds since 1970, as a number', async () => {
  const before = Date.now()
  const { rows } = await sql.raw<{ now: unknown }>(`select ${capabilitiesOf(db).nowMs} as now`).execute(db)
  expect(Number.isSafeInteger(rows[0]?.now)).toBe(true)
  expect(rows[0]?.now).toBeGreaterThanOrEqual(before - 50)
  expect(rows[0]?.now).toBeLessThanOrEqual(Date.now() + 50)
})

test('the tables of the schema are listed by name', async () => {
  const { rows } = await sql.raw<{ name: string }>(capabilitiesOf(db).tableNames).execute(db)
  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['incident', 'job', 'schema_step']))
})

test('counts, sums and comparisons are numbers, whatever their width', async () => {
  const largest = Number.MAX_SAFE_INTEGER
  await db.insertInto('sequence').values({ tenant_id: 'numbers', name: 'a', value: largest }).execute()
  const { rows } = await sql`select count(*) as n, sum(value) as total, max(value) as top, value = ${largest} as same
    from sequence where tenant_id = ${'numbers'} group by value`.execute(db)
  expect({ ...(rows[0] as object) }).toEqual({ n: 1, total: largest, top: largest, same: 1 })
})

const PLAN = {
  table: 'sequence',
  columns: ['tenant_id', 'name', 'value'],
  key: ['tenant_id', 'name'],
} as const

const rowsOf = (tenant: string, values: readonly number[]) =>
  values.map((value, i) => ({ tenant_id: tenant, name: `n${i}`, value }))

async function valuesOf(tenant: string): Promise<readonly number[]> {
  const rows = await db.selectFrom('sequence').select('value').where('tenant_id', '=', tenant).orderBy('name').execute()
  return rows.map(({ value }) => value)
}

for (const [rule, expected] of [
  ['incoming', [1, 50]],
  ['add', [11, 70]],
  ['least', [1, 20]],
  ['greatest', [10, 50]],
] as const) {
  test(`a row that is there is merged by the rule "${rule}"`, async () => {
    const merge = { value: rule }
    await inTransaction(db, (tx) => insertMany(tx, 'sequence', PLAN.columns, rowsOf(rule, [10, 20])))
    await inTransaction(db, (tx) => upsertMany(tx, { ...PLAN, merge }, rowsOf(rule, [1, 50])))
    expect(await valuesOf(rule)).toEqual(expected)
  })
}

test('many rows are written at once, whatever their number', async () => {
  const values = Array.from({ length: 53 }, (_, i) => i)
  await inTransaction(db, (tx) => insertMany(tx, 'sequence', PLAN.columns, rowsOf('many', values)))
  expect((await valuesOf('many')).toSorted((a, b) => a - b)).toEqual(values)
})
