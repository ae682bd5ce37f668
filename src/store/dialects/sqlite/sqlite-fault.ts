import type { DatabaseFault } from '../database-error.ts'

const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6
const SQLITE_CONSTRAINT = 19
const SQLITE_MISMATCH = 20
const SQLITE_CONSTRAINT_PRIMARYKEY = 1555
const SQLITE_CONSTRAINT_UNIQUE = 2067

/** Judges an error of `node:sqlite`, from this thread or from the database thread; null when it is none. */
export function sqliteFaultOf(error: unknown): DatabaseFault | null {
  const errcode = (error as { errcode?: unknown } | null)?.errcode
  if (typeof errcode !== 'number')
    return error instanceof Error && /database thread has ended/.test(error.message) ? 'unavailable' : null
  // Extended codes keep the plain code in their low byte (SQLITE_BUSY_SNAPSHOT = 517).
  const code = errcode & 0xff
  if (code === SQLITE_BUSY || code === SQLITE_LOCKED) return 'busy'
  if (errcode === SQLITE_CONSTRAINT_PRIMARYKEY || errcode === SQLITE_CONSTRAINT_UNIQUE) return 'unique'
  return code > 1 && code !== SQLITE_CONSTRAINT && code !== SQLITE_MISMATCH ? 'unavailable' : 'other'
}
