import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { makeTempFolder } from '../../test/support/temp-folder.ts'
import { spawnThread } from '../../test/support/thread-entry.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import { EmbeddedLog } from '../intake/delivery-log/embedded/embedded-log.ts'
import { databaseLocation, migratable, openDatabase } from '../store/database.ts'
import { migrateToLatest } from '../store/migrate.ts'
import { watchThreads } from './watch-threads.ts'

test('a thread that ends while the product runs is told once, with its name; one that is told to end is not', async () => {
  using folder = makeTempFolder('threads')
  const deaths: string[] = []
  const workers: Worker[] = []
  const threads = watchThreads(
    (role, data) => {
      const worker = spawnThread(role, data)
      workers.push(worker)
      return worker
    },
    ({ message }) => deaths.push(message),
  )
  const log = await EmbeddedLog.open(join(folder.path, 'deliveries.db'), threads.spawn)
  const db = openDatabase(databaseLocation(`sqlite:${join(folder.path, 'nunchi.db')}`), threads.spawn)
  await migrateToLatest(migratable(db))
  threads.begin()
  await workers[0]?.terminate()
  await waitUntil(() => deaths.length > 0, { why: 'the death is told' })
  threads.end()
  await log.close()
  await db.destroy()
  expect(deaths).toEqual(['The thread "delivery-log" has ended'])
})

test('calls to a database whose thread has ended are refused instead of waiting for ever', async () => {
  using folder = makeTempFolder('threads')
  const workers: Worker[] = []
  const db = openDatabase(databaseLocation(`sqlite:${join(folder.path, 'nunchi.db')}`), (role, data) => {
    const worker = spawnThread(role, data)
    workers.push(worker)
    return worker
  })
  await migrateToLatest(migratable(db))
  await workers[0]?.terminate()
  await expect(db.selectFrom('incident').selectAll().execute()).rejects.toThrow(/thread has ended/)
  await db.destroy()
})
