import { DatabaseError, type DatabaseErrorDetails, type DatabaseFault, NO_PRIVILEGE_REMEDY } from '../database-error.ts'

/** What the driver throws: the server's number where the server spoke, else a word of the driver or of Node. */
interface MysqlDriverError {
  readonly errno?: unknown
  readonly code?: unknown
  readonly fatal?: unknown
}

/** Deadlock, lock wait too long, a row changed under us: nothing was done, and another try may succeed. */
const BUSY = new Set([1020, 1205, 1213, 3572])
const UNIQUE = new Set([1062, 1586])
/**
 * The connection is of no use, or a new one may reach a server that can do more: shut down, killed, read-only, no member of its cluster, a
 * commit that its cluster did not answer.
 */
const ENDS_CONNECTION = new Set([1047, 1053, 1158, 1159, 1160, 1161, 1180, 1184, 1290, 1792, 1836, 1927, 4031])
/** Too many connections, no memory, full, a statement that took too long. */
const UNAVAILABLE = new Set([1021, 1037, 1038, 1040, 1041, 1114, 1203, 1226, 1317, 1969, 3024])

const NO_PRIVILEGE = new Set([1044, 1142, 1143, 1227, 1370])

/** Judges an error of mysql2. Whatever is no answer of the server says that the connection is gone. */
export function mysqlError(error: unknown, unique?: DatabaseErrorDetails['unique']): DatabaseError {
  const { errno, code, fatal } = (error ?? {}) as MysqlDriverError
  // The driver hangs the whole statement on its error: what senders wrote would get into logs.
  if (error instanceof Error) Reflect.deleteProperty(error, 'sql')
  const message = error instanceof Error ? error.message : String(error)
  const number = typeof errno === 'number' && errno > 0 ? errno : null
  const endsConnection = fatal === true || number === null || ENDS_CONNECTION.has(number)
  return new DatabaseError(message, {
    fault: endsConnection ? 'unavailable' : faultOfNumber(number),
    code: typeof code === 'string' ? code : String(number ?? ''),
    endsConnection,
    remedy: number !== null && NO_PRIVILEGE.has(number) ? NO_PRIVILEGE_REMEDY : undefined,
    unique,
    cause: error,
  })
}

export function isDuplicateEntry(error: unknown): boolean {
  return UNIQUE.has((error as MysqlDriverError | null)?.errno as number)
}

/** The table, column, index or view that a statement would make is there. */
export function saysAlreadyThere(error: unknown): boolean {
  const cause = error instanceof DatabaseError ? error.cause : error
  return ALREADY_THERE.has((cause as MysqlDriverError | null)?.errno as number)
}

const ALREADY_THERE = new Set([1050, 1060, 1061])

function faultOfNumber(number: number): DatabaseFault {
  if (BUSY.has(number)) return 'busy'
  if (UNIQUE.has(number)) return 'unique'
  return UNAVAILABLE.has(number) ? 'unavailable' : 'other'
}
