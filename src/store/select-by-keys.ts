import { type CompiledQuery, type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from './database.ts'
import { capabilitiesOf } from './dialects/engine-capabilities.ts'
import type { Schema } from './schema.ts'

type TableName = keyof Schema & string
type ColumnOf<T extends TableName> = keyof Schema[T] & string

export interface KeyedSelect<T extends TableName, C extends ColumnOf<T>> {
  readonly table: T
  readonly columns: readonly C[]
  readonly keyColumn: ColumnOf<T>
  /** A further condition, constant SQL. */
  readonly where?: string
  /** The rows are locked until the transaction ends, in the order of their keys, so that nobody waits for another in a circle. */
  readonly locks?: true
}

const CHUNKS = [256, 32, 4] as const

/**
 * Reads the rows of a tenant whose key is among `keys`, in no order. Rows are locked in the order of their keys only if `keys`
 * are in that order and none is there twice. Statements have few fixed shapes (the last chunk is
 * padded with a repeated key), so that each is compiled once.
 */
export async function selectByKeys<T extends TableName, C extends ColumnOf<T>>(
  db: Db | Tx,
  select: KeyedSelect<T, C>,
  tenantId: string,
  keys: readonly string[],
): Promise<Pick<Schema[T], C>[]> {
  const found: Pick<Schema[T], C>[] = []
  for (let from = 0; from < keys.length; ) {
    const left = keys.length - from
    const size = CHUNKS.find((chunk) => left >= chunk) ?? CHUNKS[CHUNKS.length - 1]
    const chunk = keys.slice(from, from + (size as number))
    while (chunk.length < (size as number)) chunk.push(chunk[0] as string)
    const { rows } = await db.executeQuery<Pick<Schema[T], C>>({
      ...compiledSelect(db, select, chunk.length),
      parameters: [tenantId, ...chunk],
    })
    for (const row of rows) found.push(row)
    from += chunk.length
  }
  return found
}

/** Sets one column for the rows with these ids. Same few shapes as `selectByKeys`. */
export async function touchByIds(
  tx: Tx,
  table: 'alert',
  column: 'last_seen_at' | 'current_key',
  change: { readonly tenantId: string; readonly value: number | null; readonly ids: readonly string[] },
): Promise<void> {
  for (let from = 0; from < change.ids.length; ) {
    const left = change.ids.length - from
    const size = CHUNKS.find((chunk) => left >= chunk) ?? CHUNKS[CHUNKS.length - 1]
    const chunk = change.ids.slice(from, from + (size as number))
    while (chunk.length < (size as number)) chunk.push(chunk[0] as string)
    await tx.executeQuery({
      ...compiledTouch(tx, table, column, chunk.length),
      parameters: [change.value, change.tenantId, ...chunk],
    })
    from += chunk.length
  }
}

const compiled = new WeakMap<object, Map<string, CompiledQuery>>()

function compiledSelect<T extends TableName, C extends ColumnOf<T>>(
  db: Db | Tx,
  select: KeyedSelect<T, C>,
  size: number,
): CompiledQuery {
  const byShape = compiled.get(select) ?? new Map<string, CompiledQuery>()
  compiled.set(select, byShape)
  const shape = `${capabilitiesOf(db).wording}/${size}`
  let query = byShape.get(shape)
  if (!query) {
    const places = sql.join(Array.from({ length: size }, () => sql`${null}`))
    query =
      sql`select ${sql.join(select.columns.map((column) => sql.ref(column)))} from ${sql.table(select.table)} where tenant_id = ${null} and ${sql.ref(select.keyColumn)} in (${places})${sql.raw(select.where ? ` and ${select.where}` : '')}${lockOf(db, select)}`.compile(
        db,
      )
    byShape.set(shape, query)
  }
  return query
}

function lockOf<T extends TableName, C extends ColumnOf<T>>(
  db: Db | Tx,
  select: KeyedSelect<T, C>,
): RawBuilder<unknown> {
  const { rowLock } = capabilitiesOf(db)
  return select.locks && rowLock !== '' ? sql` order by ${sql.ref(select.keyColumn)}${sql.raw(rowLock)}` : sql``
}

const compiledTouches = new Map<string, CompiledQuery>()

function compiledTouch(tx: Tx, table: string, column: string, size: number): CompiledQuery {
  const shape = `${capabilitiesOf(tx).wording}/${table}.${column}.${size}`
  let query = compiledTouches.get(shape)
  if (!query) {
    const places = sql.join(Array.from({ length: size }, () => sql`${null}`))
    query =
      sql`update ${sql.table(table)} set ${sql.ref(column)} = ${null} where tenant_id = ${null} and id in (${places})`.compile(
        tx,
      )
    compiledTouches.set(shape, query)
  }
  return query
}
