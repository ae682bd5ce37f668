import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { LOG_THREAD_ROLE, runLogThread } from '../intake/delivery-log/embedded/log-thread.ts'
import { runSqliteThread, SQLITE_THREAD_ROLE, type SpawnThread } from '../store/dialects/sqlite/sqlite-thread.ts'
import { ENGINE_THREAD_ROLE, runEngineThread } from './engine-thread.ts'

/** Every thread of the program begins at the same file as the program itself: one bundle is all that is installed. */
const ROLES: Readonly<Record<string, () => void | Promise<void>>> = {
  [SQLITE_THREAD_ROLE]: runSqliteThread,
  [LOG_THREAD_ROLE]: runLogThread,
  [ENGINE_THREAD_ROLE]: runEngineThread,
}

/** Runs the role of this thread; false in the main thread, which has none. */
export function runThreadRole(): boolean {
  if (isMainThread) return false
  const role = (workerData as { role?: string } | null)?.role ?? ''
  const run = ROLES[role]
  if (!run) throw new Error(`This program has no thread role named ${role}`)
  void run()
  return true
}

/** Starts threads at `entry`, the file that calls `runThreadRole`. */
export function threadSpawner(entry: URL): SpawnThread {
  return (role, data) => new Worker(entry, { workerData: { ...data, role } })
}
