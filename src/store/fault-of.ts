import { DatabaseError, type DatabaseFault } from './dialects/database-error.ts'
import { sqliteFaultOf } from './dialects/sqlite/sqlite-fault.ts'

/** What kind of fault an error is, whatever the engine; `other` for everything that is no error of a database. */
export function faultOf(error: unknown): DatabaseFault {
  if (error instanceof DatabaseError) return error.fault
  return sqliteFaultOf(error) ?? 'other'
}
