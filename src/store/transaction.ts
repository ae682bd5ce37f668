import type { Db, Tx } from './database.ts'
import { repeatWhileBusy } from './repeat-while-busy.ts'

/**
 * Runs `work` in one transaction that begins by taking the write lock. When another process holds the lock, or the engine
 * asks for the transaction to be repeated, it is repeated with growing, jittered waits (about 8 s in all);
 * `work` must therefore have no effect outside the transaction. Any other error is thrown as it is.
 * Inside `work` use only `tx`: a write through the outer handle would wait for this transaction for ever.
 */
export async function inTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await repeatWhileBusy(() => db.transaction().execute(work))
}

const SQLITE_CONSTRAINT = 19
const SQLITE_MISMATCH = 20

/**
 * Whether an error says that the database cannot serve now (full, locked, unreachable, broken), as opposed to
 * a statement that it would refuse at any time. Waiting can help the former; the latter is a fault of ours.
 */
export function isStorageFault(error: unknown): boolean {
  const errcode = (error as { errcode?: unknown } | null)?.errcode
  if (typeof errcode !== 'number') return error instanceof Error && /database thread has ended/.test(error.message)
  const code = errcode & 0xff
  return code > 1 && code !== SQLITE_CONSTRAINT && code !== SQLITE_MISMATCH
}
