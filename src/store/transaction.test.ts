import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTempFolder, type TempFolder } from '../../test/support/temp-folder.ts'
import { spawnThread } from '../../test/support/thread-entry.ts'
import { type DatabaseLocation, type Db, databaseLocation, migratable, openDatabase } from './database.ts'
import { migrateToLatest } from './migrate.ts'
import { takeNumbers } from './sequence.ts'
import { inTransaction, isStorageFault } from './transaction.ts'

let folder: TempFolder
let location: DatabaseLocation
let db: Db

beforeEach(async () => {
  folder = makeTempFolder('transaction')
  location = databaseLocation(`sqlite:${folder.path}/nunchi.db`)
  db = openDatabase(location)
  await migrateToLatest(migratable(db))
})

afterEach(async () => {
  await db.destroy()
  folder.remove()
})

const take = (from: Db): Promise<number> => inTransaction(from, (tx) => takeNumbers(tx, 'default', 'test', 1))

test('read-then-write transactions of two threads lose nothing', async () => {
  const other = openDatabase(location, spawnThread)
  const numbers = await Promise.all(Array.from({ length: 200 }, (_, i) => take(i % 2 === 0 ? db : other)))
  expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
  await other.destroy()
})

test('a waiting writer gets its turn in the order of asking', async () => {
  const order: string[] = []
  const first = inTransaction(db, async () => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    order.push('first')
  })
  await new Promise((resolve) => setImmediate(resolve))
  const second = inTransaction(db, async () => void order.push('second'))
  const third = inTransaction(db, async () => void order.push('third'))
  await Promise.all([third, second, first])
  expect(order).toEqual(['first', 'second', 'third'])
})

test('reading does not wait for a transaction, and sees what was committed', async () => {
  await take(db)
  await inTransaction(db, async (tx) => {
    await takeNumbers(tx, 'default', 'test', 5)
    const row = await db.selectFrom('sequence').select('value').where('name', '=', 'test').executeTakeFirst()
    expect(row?.value).toBe(1)
  })
})

test('an error rolls everything back', async () => {
  await expect(
    inTransaction(db, async (tx) => {
      await takeNumbers(tx, 'default', 'test', 5)
      throw new Error('changed my mind')
    }),
  ).rejects.toThrow('changed my mind')
  expect(await take(db)).toBe(1)
})

test('a lock that another program holds is waited for', async () => {
  const stranger = new DatabaseSync(join(folder.path, 'nunchi.db'))
  stranger.exec('begin immediate')
  setTimeout(() => stranger.exec('commit'), 1200)
  expect(await take(db)).toBe(1)
  stranger.close()
})

test('a value that SQLite would misread is refused', async () => {
  const date = new Date() as unknown as number
  await expect(
    db.insertInto('sequence').values({ tenant_id: 'default', name: 'x', value: date }).execute(),
  ).rejects.toThrow(/cannot be stored/)
})

test('a broken rule of the schema is no fault of the storage', async () => {
  await take(db)
  const duplicate = db.insertInto('sequence').values({ tenant_id: 'default', name: 'test', value: 1 }).execute()
  const error: unknown = await duplicate.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(Error)
  expect(isStorageFault(error)).toBe(false)
  expect(isStorageFault(Object.assign(new Error('full'), { errcode: 13 }))).toBe(true)
})
