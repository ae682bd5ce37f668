import { DatabaseError } from './dialects/database-error.ts'
import { faultOf } from './fault-of.ts'

/**
 * Whether a statement was refused because a row with the same value of a unique column is there already. The transaction it
 * was part of must be rolled back: some engines take no further statement in it.
 */
export function violatesUnique(error: unknown, table: string, column: string): boolean {
  if (!(error instanceof Error) || faultOf(error) !== 'unique') return false
  if (error instanceof DatabaseError)
    return error.unique !== undefined && error.unique.table === table && error.unique.columns.includes(column)
  return error.message.startsWith('UNIQUE constraint failed:') && error.message.includes(`${table}.${column}`)
}
