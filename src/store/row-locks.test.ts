import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import type { Db, Tx } from './database.ts'
import { capabilitiesOf } from './dialects/engine-capabilities.ts'
import { lockFreeRows, lockRows } from './row-locks.ts'
import { inTransaction } from './transaction.ts'

let database: TempDatabase
let db: Db

beforeEach(async () => {
  database = await makeTempDatabase()
  db = database.db
  for (const name of ['a', 'b']) await db.insertInto('sequence').values({ tenant_id: 't', name, value: 0 }).execute()
})
afterEach(() => database.close())

const rowsOf = (tx: Tx) => tx.selectFrom('sequence').selectAll().where('tenant_id', '=', 't').orderBy('name')

/** Reads, waits as a slow program would, and writes what it made of it. */
async function addSlowly(from: Db): Promise<void> {
  await inTransaction(from, async (tx) => {
    const [first] = await lockRows(rowsOf(tx)).execute()
    await sleep(20)
    await tx
      .updateTable('sequence')
      .set({ value: (first?.value ?? 0) + 1 })
      .where('tenant_id', '=', 't')
      .where('name', '=', 'a')
      .execute()
  })
}

test('what was read under a lock is still true when it is written', async () => {
  const others = [db, database.openAnother(), database.openAnother()]
  await Promise.all(others.flatMap((handle) => [addSlowly(handle), addSlowly(handle)]))
  const row = await db.selectFrom('sequence').select('value').where('name', '=', 'a').executeTakeFirst()
  expect(row?.value).toBe(6)
})

test('rows that somebody holds are passed over where several can write, and waited for where one can', async () => {
  const other = database.openAnother()
  const held = Promise.withResolvers<void>()
  const letGo = Promise.withResolvers<void>()
  const namesFree = async (tx: Tx) => (await lockFreeRows(rowsOf(tx)).limit(1).execute()).map(({ name }) => name)
  const first = inTransaction(db, async (tx) => {
    expect(await namesFree(tx)).toEqual(['a'])
    held.resolve()
    await letGo.promise
  })
  await held.promise
  const second = inTransaction(other, namesFree)
  if (capabilitiesOf(db).writers === 'many') expect(await second).toEqual(['b'])
  letGo.resolve()
  await first
  if (capabilitiesOf(db).writers === 'one') expect(await second).toEqual(['a'])
})

test('the SQL of a lock says the same as the helper', () => {
  const { rowLock, rowLockSkipping } = capabilitiesOf(db)
  const query = db.selectFrom('sequence').select('name')
  expect(lockRows(query).compile().sql.trimEnd()).toBe(query.compile().sql + rowLock)
  expect(lockFreeRows(query).compile().sql.trimEnd()).toBe(query.compile().sql + rowLockSkipping)
})
