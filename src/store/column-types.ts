/** The column types of an engine, by what we keep in them. The differences of the engines end here. */
export interface ColumnTypes {
  /** Ids and words that are part of keys; compared byte by byte. */
  readonly id: string
  /** Short text that may be part of an index. */
  readonly name: string
  /** Text of any length. */
  readonly text: string
  readonly bigint: string
  readonly int: string
  /** SQL that turns a column of milliseconds into ISO 8601 text in UTC, seconds exact; NULL stays NULL. */
  readonly instant: (column: string) => string
  /** What stands behind the columns of a table that is only ever read by its key, so that the key is the table and not a second copy of it. */
  readonly keyed: string
}

export const SQLITE_TYPES: ColumnTypes = {
  id: 'text',
  name: 'text',
  text: 'text',
  bigint: 'integer',
  int: 'integer',
  instant: (column) => `strftime('%Y-%m-%dT%H:%M:%SZ', ${column} / 1000, 'unixepoch')`,
  keyed: ' without rowid',
}
