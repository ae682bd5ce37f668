const SQLITE_CONSTRAINT = 19

/**
 * Whether a statement was refused because a row with the same value of a unique column is there already. The transaction it
 * was part of must be rolled back: some engines take no further statement in it.
 */
export function violatesUnique(error: unknown, table: string, column: string): boolean {
  const errcode = (error as { errcode?: unknown } | null)?.errcode
  if (typeof errcode !== 'number' || (errcode & 0xff) !== SQLITE_CONSTRAINT || !(error instanceof Error)) return false
  return error.message.startsWith('UNIQUE constraint failed:') && error.message.includes(`${table}.${column}`)
}
