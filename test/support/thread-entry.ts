import { Worker, type WorkerOptions, workerData } from 'node:worker_threads'
import { LOG_THREAD_ROLE, runLogThread } from '../../src/intake/delivery-log/embedded/log-thread.ts'
import { runSqliteThread, type SpawnThread, SQLITE_THREAD_ROLE } from '../../src/store/dialects/sqlite/sqlite-thread.ts'

// This file is the entry of the threads it starts, so that tests of the storage need nothing of the program.
const role = (workerData as { readonly role?: string } | null)?.role
if (role === LOG_THREAD_ROLE) runLogThread()
if (role === SQLITE_THREAD_ROLE) runSqliteThread()

/** Starts a storage thread, as the program does. */
export const spawnThread: SpawnThread = (threadRole, data) => spawnThreadWith({})(threadRole, data)

/** The same with options of the thread. */
export function spawnThreadWith(options: WorkerOptions): SpawnThread {
  return (threadRole, data) =>
    new Worker(new URL(import.meta.url), { ...options, workerData: { ...data, role: threadRole } })
}
