import type { Db, Tx } from './database.ts'
import { faultOf } from './fault-of.ts'
import { repeatWhileBusy } from './repeat-while-busy.ts'

/**
 * Runs `work` in one transaction. Where one writes at a time it begins by taking the write lock; where many do, each statement
 * sees what is committed when it begins, and a row that was read to be written must be locked (`lockRows`). When somebody was in the
 * way (a lock, a deadlock, a connection lost before the commit) it is repeated with growing, jittered waits (about 8 s in all);
 * `work` must therefore have no effect outside the transaction. Any other error is thrown as it is.
 * Inside `work` use only `tx`: a write through the outer handle would wait for this transaction for ever.
 */
export async function inTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await repeatWhileBusy(() => db.transaction().execute(work))
}

/**
 * Whether an error says that the database cannot serve now (full, locked, unreachable, broken), as opposed to
 * a statement that it would refuse at any time. Waiting can help the former; the latter is a fault of ours.
 */
export function isStorageFault(error: unknown): boolean {
  const fault = faultOf(error)
  return fault === 'unavailable' || fault === 'busy'
}
