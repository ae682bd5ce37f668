import { LogUnavailableError } from '../intake/delivery-log/delivery-log.ts'
import { DatabaseError, type DatabaseFault } from '../store/dialects/database-error.ts'

/** An error on its way from one thread to another, which would else lose its class, and with it what helps an operator. */
export interface ThreadFault {
  readonly message: string
  readonly stack: string | undefined
  /** Of an error of a database server. */
  readonly database?: { readonly fault: DatabaseFault; readonly remedy: string | undefined }
  /** Of an unavailable delivery log. */
  readonly logReason?: string
  /** What the system, or SQLite, says of it. */
  readonly details: Readonly<Record<string, unknown>>
}

const DETAILS = ['code', 'errcode', 'path', 'syscall'] as const

/** Packs what was thrown, so that it can be posted. */
export function packFault(error: unknown): ThreadFault {
  if (!(error instanceof Error)) return { message: String(error), stack: undefined, details: {} }
  const { message, stack } = error
  const known = error as Error & Readonly<Record<string, unknown>>
  const details = Object.fromEntries(
    DETAILS.filter((name) => isPlain(known[name])).map((name) => [name, known[name]] as const),
  )
  if (error instanceof DatabaseError)
    return { message, stack, details, database: { fault: error.fault, remedy: error.remedy } }
  if (error instanceof LogUnavailableError) return { message, stack, details, logReason: error.reason }
  return { message, stack, details }
}

/** The error that was packed, with the stack that it had there. */
export function unpackFault({ message, stack, database, logReason, details }: ThreadFault): Error {
  const error =
    database !== undefined
      ? new DatabaseError(message, { ...database, code: details['code'] as string | undefined })
      : logReason !== undefined
        ? new LogUnavailableError(logReason)
        : Object.assign(new Error(message), details)
  if (stack !== undefined) error.stack = stack
  return error
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number'
}
