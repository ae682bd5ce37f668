import type { Db, Tx } from './database.ts'

const MOST_TRIES = 12
const FIRST_WAIT_MS = 10
const LONGEST_WAIT_MS = 1500

/**
 * Runs `work` in one transaction that begins by taking the write lock. When another process holds the lock, or the engine
 * asks for the transaction to be repeated, it is repeated with growing, jittered waits (about 8 s in all);
 * `work` must therefore have no effect outside the transaction. Any other error is thrown as it is.
 * Inside `work` use only `tx`: a write through the outer handle would wait for this transaction for ever.
 */
export async function inTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await repeatWhileBusy(() => db.transaction().execute(work))
}

/** Does `work` again, with growing, jittered waits, while somebody else is in its way. */
export async function repeatWhileBusy<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt >= MOST_TRIES || !isWorthRepeating(error)) throw error
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1))
      await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)))
    }
  }
}

const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6

/** Whether another try may succeed because somebody else was in the way. */
export function isWorthRepeating(error: unknown): boolean {
  const errcode = (error as { errcode?: unknown } | null)?.errcode
  // Extended codes keep the plain code in their low byte (SQLITE_BUSY_SNAPSHOT = 517).
  return typeof errcode === 'number' && ((errcode & 0xff) === SQLITE_BUSY || (errcode & 0xff) === SQLITE_LOCKED)
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
