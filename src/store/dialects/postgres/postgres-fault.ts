import { DatabaseError, type DatabaseErrorDetails, type DatabaseFault, NO_PRIVILEGE_REMEDY } from '../database-error.ts'

interface PostgresServerError {
  readonly code: string
  readonly severity: string
  readonly message: string
  readonly detail?: string
  readonly table?: string
}

/** Serialization failure, deadlock, lock wait too long: nothing was done, and another try may succeed. */
const BUSY = new Set(['40001', '40P01', '55P03'])
const UNIQUE = '23505'
const NO_PRIVILEGE = '42501'
/** Shut down or terminated by an operator, not up yet, read-only, gone. */
const ENDS_CONNECTION = new Set(['57P01', '57P02', '57P03', '57P05', '25006', '25P03', '25P04'])

/** A statement that was kept prepared is gone, or its tables were changed meanwhile: on a fresh connection it works again. */
const STALE_STATEMENT = new Set(['26000', '0A000'])

/** Judges an error of pg. Whatever is no answer of the server says that the connection is gone. */
export function postgresError(error: unknown): DatabaseError {
  const message = error instanceof Error ? error.message : String(error)
  if (!isServerError(error)) {
    const code = (error as { code?: unknown } | null)?.code
    return new DatabaseError(message, {
      fault: 'unavailable',
      endsConnection: true,
      cause: error,
      ...(typeof code === 'string' ? { code } : {}),
    })
  }
  const endsConnection =
    error.severity === 'FATAL' || ENDS_CONNECTION.has(error.code) || error.code.startsWith('08') || isStale(error)
  const unique = error.code === UNIQUE ? uniqueOf(error) : undefined
  return new DatabaseError(message, {
    fault: endsConnection ? 'unavailable' : faultOfState(error.code),
    code: error.code,
    endsConnection,
    remedy: error.code === NO_PRIVILEGE ? NO_PRIVILEGE_REMEDY : undefined,
    unique,
    cause: error,
  })
}

function isStale({ code, message }: PostgresServerError): boolean {
  return STALE_STATEMENT.has(code) && /prepared statement|cached plan/.test(message)
}

function isServerError(error: unknown): error is PostgresServerError {
  return typeof (error as PostgresServerError | null)?.severity === 'string' && 'code' in (error as object)
}

function faultOfState(state: string): DatabaseFault {
  if (BUSY.has(state)) return 'busy'
  if (state === UNIQUE) return 'unique'
  // 53: too many connections, no memory, disk full. 57: cancelled, e.g. after too long. 58: the disk. XX001: damaged.
  return /^(?:53|57|58|XX00[12])/.test(state) ? 'unavailable' : 'other'
}

/** `Key (tenant_id, open_key)=(…) already exists.`: the words may be translated, the brackets are not. */
function uniqueOf({ table, detail }: PostgresServerError): DatabaseErrorDetails['unique'] {
  const columns = /\(([^)]*)\)=\(/.exec(detail ?? '')?.[1]
  if (table === undefined || columns === undefined) return undefined
  return { table, columns: columns.split(', ').map((column) => column.replaceAll('"', '')) }
}
