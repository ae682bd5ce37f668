import { isMainThread, Worker, workerData } from 'node:worker_threads'
import type { SpawnThread } from '../store/dialects/sqlite/sqlite-thread.ts'

/**
 * Every thread of the program begins at the same file as the program itself: one bundle is all that is
 * installed. The modules of a role are loaded by its thread alone: each thread pays only for what it runs.
 */
const ROLES: Readonly<Record<string, () => Promise<void>>> = {
  sqlite: async () => (await import('../store/dialects/sqlite/sqlite-thread.ts')).runSqliteThread(),
  'delivery-log': async () => (await import('../intake/delivery-log/embedded/log-thread.ts')).runLogThread(),
  engine: async () => await (await import('./engine-thread.ts')).runEngineThread(),
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

/**
 * Young generations of the threads, MiB. They live on short-lived rows; the default of 16 MiB per half-space would
 * triple what an idle Nunchi takes.
 */
const YOUNG_MIB = 8

/** Starts threads at `entry`, the file that calls `runThreadRole`. */
export function threadSpawner(entry: URL): SpawnThread {
  return (role, data) =>
    new Worker(entry, { workerData: { ...data, role }, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB } })
}
