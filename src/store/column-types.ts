/** The column types of an engine, by what we keep in them. The differences of the engines end here. */
export interface ColumnTypes {
  /** Ids and words that are part of keys; compared byte by byte. At most `LONGEST_ID` characters. */
  readonly id: string
  /** Short text that may be part of an index; compared byte by byte. At most `LONGEST_NAME` characters. */
  readonly name: string
  /** Text of any length. */
  readonly text: string
  readonly bigint: string
  readonly int: string
  /** Bytes of any length. */
  readonly bytes: string
  /** SQL that turns a column of milliseconds into ISO 8601 text in UTC, seconds exact; NULL stays NULL. */
  readonly instant: (column: string) => string
  /** What stands behind the columns of a table that is only ever read by its key, so that the key is the table and not a second copy of it. */
  readonly keyed: string
}

/** Three ids and a name must fit into a key of 3072 bytes, at four bytes a character. */
export const LONGEST_ID = 160
export const LONGEST_NAME = 255

export const SQLITE_TYPES: ColumnTypes = {
  id: 'text',
  name: 'text',
  text: 'text',
  bigint: 'integer',
  int: 'integer',
  bytes: 'blob',
  instant: (column) => `strftime('%Y-%m-%dT%H:%M:%SZ', ${column} / 1000, 'unixepoch')`,
  keyed: ' without rowid',
}

export const POSTGRES_TYPES: ColumnTypes = {
  id: `varchar(${LONGEST_ID}) collate "C"`,
  name: `varchar(${LONGEST_NAME}) collate "C"`,
  text: 'text collate "C"',
  bigint: 'bigint',
  int: 'integer',
  bytes: 'bytea',
  instant: (column) => `to_char(to_timestamp(${column} / 1000) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
  keyed: '',
}

/** `collation` must tell trailing spaces, case and accents apart: what differs in a byte is another key. */
export function mysqlTypes(collation: string): ColumnTypes {
  const text = `character set utf8mb4 collate ${collation}`
  return {
    id: `varchar(${LONGEST_ID}) ${text}`,
    name: `varchar(${LONGEST_NAME}) ${text}`,
    text: `longtext ${text}`,
    bigint: 'bigint',
    int: 'int',
    bytes: 'longblob',
    instant: (column) =>
      `date_format(timestamp'1970-01-01 00:00:00' + interval (${column} div 1000) second, '%Y-%m-%dT%H:%i:%sZ')`,
    // Tables lie in the order of their primary keys there anyway.
    keyed: '',
  }
}
