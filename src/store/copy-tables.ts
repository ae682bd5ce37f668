import { hash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Db } from './database.ts'
import type { Schema } from './schema.ts'
import { TABLE_KEYS } from './table-keys.ts'
import { inTransaction } from './transaction.ts'

/** A table on both sides after it was copied. */
export interface CopiedTable {
  readonly table: keyof Schema
  readonly source: TableSum
  readonly target: TableSum
}

/** What a table holds: equal sums are equal rows, in whatever order an engine gives them. */
export interface TableSum {
  readonly rows: number
  /** 128 bits, hex: the sum of a hash of each row. */
  readonly checksum: string
}

export interface CopyOptions {
  /** These stay behind: they are about the installation, not about its history. */
  readonly leaveOut: ReadonlySet<keyof Schema>
  readonly onTable: (copied: CopiedTable) => void
}

const PAGE_ROWS = 500
const ROWS_PER_STATEMENT = 50
const MODULUS = 2n ** 128n

type Row = Readonly<Record<string, unknown>>
// biome-ignore lint/suspicious/noExplicitAny: tables are walked by name here, all in the same way.
type AnyDb = Kysely<any>

/** The first table that holds a row already, or null: only an empty database can become a copy. */
export async function firstFilledTable(db: Db, leaveOut: ReadonlySet<keyof Schema>): Promise<keyof Schema | null> {
  for (const table of tablesExcept(leaveOut)) {
    const row = await (db as AnyDb).selectFrom(table).select(sql`1`.as('one')).limit(1).executeTakeFirst()
    if (row !== undefined) return table
  }
  return null
}

/**
 * Copies every table from one database to another, of any engines, and then reads both sides to compare them. Both must have
 * the newest schema; the target must be empty and nobody may write to either. The source is only read. Throws what an engine throws: then
 * the target holds a part of the rows, and has to be emptied before the next try.
 */
export async function copyTables(from: Db, to: Db, { leaveOut, onTable }: CopyOptions): Promise<void> {
  for (const table of tablesExcept(leaveOut)) {
    for await (const rows of pagesOf(from, table)) await insertRows(to, table, rows)
    onTable({ table, source: await sumOf(from, table), target: await sumOf(to, table) })
  }
}

function tablesExcept(leaveOut: ReadonlySet<keyof Schema>): readonly (keyof Schema)[] {
  return (Object.keys(TABLE_KEYS) as (keyof Schema)[]).filter((table) => !leaveOut.has(table))
}

/** Number of rows and checksum of a table. */
async function sumOf(db: Db, table: keyof Schema): Promise<TableSum> {
  let rows = 0
  let sum = 0n
  for await (const page of pagesOf(db, table)) {
    rows += page.length
    for (const row of page) sum = (sum + BigInt(`0x${hash('sha256', canonical(row)).slice(0, 32)}`)) % MODULUS
  }
  return { rows, checksum: sum.toString(16).padStart(32, '0') }
}

/** The same text for the same row on every engine: columns by name, numbers as numbers, bytes as hex. */
function canonical(row: Row): string {
  const entries = Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(
    entries.map(([column, value]) => [
      column,
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
    ]),
    (_, value) => (typeof value === 'bigint' ? Number(value) : value),
  )
}

/** The rows along the primary key, a page at a time. */
async function* pagesOf(db: Db, table: keyof Schema): AsyncGenerator<readonly Row[]> {
  const keys = TABLE_KEYS[table] as readonly string[]
  for (let last: Row | null = null; ; ) {
    let query = (db as AnyDb).selectFrom(table).selectAll().limit(PAGE_ROWS)
    for (const key of keys) query = query.orderBy(key)
    if (last !== null) query = query.where(isBehind(keys, last))
    const rows = (await query.execute()) as Row[]
    if (rows.length > 0) yield rows
    if (rows.length < PAGE_ROWS) return
    last = rows.at(-1) as Row
  }
}

/** `(a, b, c) > (…)` spelled out: not every engine walks an index for the short form. */
function isBehind(keys: readonly string[], last: Row) {
  const alternatives = keys.map((key, i) => {
    const equal = keys.slice(0, i).map((earlier) => sql`${sql.ref(earlier)} = ${last[earlier]}`)
    return sql`(${sql.join([...equal, sql`${sql.ref(key)} > ${last[key]}`], sql` and `)})`
  })
  const first = keys[0] as string
  return sql<boolean>`${sql.ref(first)} >= ${last[first]} and (${sql.join(alternatives, sql` or `)})`
}

async function insertRows(db: Db, table: keyof Schema, rows: readonly Row[]): Promise<void> {
  await inTransaction(db, async (tx) => {
    for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT)
      await (tx as unknown as AnyDb)
        .insertInto(table)
        .values(rows.slice(from, from + ROWS_PER_STATEMENT))
        .execute()
  })
}
