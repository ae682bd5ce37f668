import { afterEach, expect, test } from 'vitest'
import { describeThreadStore } from '../../../test/conformance/thread-store.ts'
import { makeTempDatabase, type TempDatabase } from '../../../test/support/temp-database.ts'
import { createDatabaseThreadStore } from './database-thread-store.ts'

const opened: TempDatabase[] = []
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close()
})

async function openDatabase(): Promise<TempDatabase> {
  const database = await makeTempDatabase()
  opened.push(database)
  return database
}

describeThreadStore('database', async () => {
  const database = await openDatabase()
  const deps = { tenantId: 'default', now: Date.now }
  return {
    store: createDatabaseThreadStore({ ...deps, db: database.db }),
    restart: async () => createDatabaseThreadStore({ ...deps, db: database.openAnother() }),
  }
})

test('tenants do not see each other’s threads', async () => {
  const { db } = await openDatabase()
  const mine = createDatabaseThreadStore({ db, tenantId: 'mine', now: Date.now })
  const theirs = createDatabaseThreadStore({ db, tenantId: 'theirs', now: Date.now })
  await mine.put('a', '1')
  await theirs.put('a', '2')
  expect(await mine.get('a')).toBe('1')
  expect(await theirs.clear()).toBe(1)
  expect(await mine.count()).toBe(1)
})
