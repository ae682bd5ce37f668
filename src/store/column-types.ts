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
  /** Bytes of any length. */
  readonly bytes: string
  /** SQL that turns a column of milliseconds into ISO 8601 text in UTC, seconds exact; NULL stays NULL. */
  readonly instant: (column: string) => string
}

export const SQLITE_TYPES: ColumnTypes = {
  id: 'text',
  name: 'text',
  text: 'text',
  bigint: 'integer',
  int: 'integer',
  bytes: 'blob',
  instant: (column) => `strftime('%Y-%m-%dT%H:%M:%SZ', ${column} / 1000, 'unixepoch')`,
}
