import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import type { Db } from './database.ts'
import { capabilitiesOf } from './dialects/engine-capabilities.ts'
import { faultOf } from './fault-of.ts'
import { inTransaction, isStorageFault } from './transaction.ts'
import { violatesUnique } from './unique-violation.ts'

let database: TempDatabase
let db: Db

beforeAll(async () => {
  database = await makeTempDatabase()
  db = database.db
})
afterAll(() => database.close())

const person = (id: string, email: string) => ({
  tenant_id: 't',
  id,
  name: id,
  email,
  role: 'responder',
  removed_at: null,
})

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  )

test('a second row of a unique key is told by its table and column', async () => {
  await db.insertInto('person').values(person('a', 'a@example.com')).execute()
  const sameEmail = await errorOf(db.insertInto('person').values(person('b', 'a@example.com')).execute())
  expect([faultOf(sameEmail), isStorageFault(sameEmail)]).toEqual(['unique', false])
  expect(violatesUnique(sameEmail, 'person', 'email')).toBe(true)
  expect(violatesUnique(sameEmail, 'person', 'id')).toBe(false)
  expect(violatesUnique(sameEmail, 'digest', 'email')).toBe(false)
})

test('so is a second row of a primary key, also when an update would make it', async () => {
  await db
    .insertInto('person')
    .values([person('c', 'c@example.com'), person('d', 'd@example.com')])
    .execute()
  const again = await errorOf(db.insertInto('person').values(person('c', 'x@example.com')).execute())
  const renamed = await errorOf(
    db.updateTable('person').set({ id: 'd' }).where('tenant_id', '=', 't').where('id', '=', 'c').execute(),
  )
  for (const error of [again, renamed]) {
    expect(violatesUnique(error, 'person', 'id')).toBe(true)
    expect(violatesUnique(error, 'person', 'email')).toBe(false)
  }
})

test('a statement that is refused at any time is no fault of the storage', async () => {
  const missing = await errorOf(sql`select * from no_such_table`.execute(db))
  const missingValue = await errorOf(sql`insert into sequence (tenant_id) values ('t')`.execute(db))
  expect([missing, missingValue].map(faultOf)).toEqual(['other', 'other'])
  expect([null, new Error('x'), 'x'].map(faultOf)).toEqual(['other', 'other', 'other'])
})

test('of two transactions that wait for each other one is repeated, and both are done', async () => {
  const add = (from: Db, names: readonly string[]) =>
    inTransaction(from, async (tx) => {
      for (const name of names) {
        await tx
          .updateTable('sequence')
          .set((eb) => ({ value: eb('value', '+', 1) }))
          .where('tenant_id', '=', 'deadlock')
          .where('name', '=', name)
          .execute()
        await sleep(30)
      }
    })
  for (const name of ['x', 'y'])
    await db.insertInto('sequence').values({ tenant_id: 'deadlock', name, value: 0 }).execute()
  await Promise.all([add(db, ['x', 'y']), add(database.openAnother(), ['y', 'x'])])
  const rows = await db.selectFrom('sequence').select('value').where('tenant_id', '=', 'deadlock').execute()
  expect(rows.map(({ value }) => value)).toEqual([2, 2])
})

test('a transaction whose statement failed stores nothing', async () => {
  const work = inTransaction(db, async (tx) => {
    await tx.insertInto('sequence').values({ tenant_id: 'swallowed', name: 'before', value: 1 }).execute()
    await tx.insertInto('sequence').values({ tenant_id: 'swallowed', name: 'before', value: 1 }).execute()
  })
  expect(faultOf(await errorOf(work))).toBe('unique')
  expect(await db.selectFrom('sequence').select('name').where('tenant_id', '=', 'swallowed').execute()).toEqual([])
})

test('values that would be stored as something else are refused on every engine', async () => {
  const date = new Date() as unknown as number
  await expect(
    db.insertInto('sequence').values({ tenant_id: 't', name: 'date', value: date }).execute(),
  ).rejects.toThrow(/cannot be stored/)
  expect(capabilitiesOf(db).maxParameters).toBeGreaterThan(10_000)
})
