/**
 * What kind of fault an error of a database is. `busy`: somebody was in the way and nothing was done, so the whole
 * transaction may be repeated. `unique`: a row with that key is there. `unavailable`: the database cannot serve now, and what
 * was under way may or may not have been done. `other`: the statement itself is refused, at any time.
 */
export type DatabaseFault = 'busy' | 'unique' | 'unavailable' | 'other'

export interface DatabaseErrorDetails {
  readonly fault: DatabaseFault
  /** The engine's own code, e.g. `40P01` or `ER_DUP_ENTRY`. */
  readonly code?: string | undefined
  /** The unique key that a row would have violated. */
  readonly unique?: { readonly table: string; readonly columns: readonly string[] } | undefined
  /** The connection is of no use any more. */
  readonly endsConnection?: boolean
  /** What an operator can do, where we know it. */
  readonly remedy?: string | undefined
  readonly cause?: unknown
}

/** An error of a database server, judged: see `faultOf`. Its message never holds a password. */
export class DatabaseError extends Error {
  readonly fault: DatabaseFault
  readonly code: string | undefined
  readonly unique: DatabaseErrorDetails['unique'] | undefined
  readonly endsConnection: boolean
  readonly remedy: string | undefined

  constructor(message: string, details: DatabaseErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'DatabaseError'
    this.fault = details.fault
    this.code = details.code
    this.unique = details.unique
    this.endsConnection = details.endsConnection ?? false
    this.remedy = details.remedy
  }
}

/** The code of a server that is starting or stopping. */
export const NOT_READY = 'not-ready'

/** Whether a server is starting, stopping or went away in the middle: the same attempt may succeed a moment later, without anybody's help. */
export function isPassingOutage(error: unknown): error is DatabaseError {
  if (!(error instanceof DatabaseError) || error.fault !== 'unavailable') return false
  return error.remedy === undefined || error.code === NOT_READY
}

/** What helps where the user of the database lacks a privilege. */
export const NO_PRIVILEGE_REMEDY =
  'Grant the user of Nunchi all privileges on its database (in PostgreSQL also on its schema): it makes, changes and reads tables of its own.'
