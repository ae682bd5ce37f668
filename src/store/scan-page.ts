import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from './database.ts'
import { capabilitiesOf } from './dialects/engine-capabilities.ts'
import type { Schema } from './schema.ts'

/** The values of the order columns of one row: a position in the list. */
export type Position = readonly (string | number)[]

type Condition = RawBuilder<unknown>

/** One stretch of a list: an exact range of an index that yields rows in the order of the list. */
export interface Stretch {
  /** Equalities and ranges that the index serves. */
  readonly where: readonly Condition[]
  /** Only rows after this position; null = from the beginning of the stretch. */
  readonly after: Position | null
  /** The index to walk, where a planner without statistics would choose a longer way. */
  readonly index?: string
}

export interface ScanRequest<T extends keyof Schema & string> {
  readonly table: T
  readonly tenantId: string
  /** Most significant first; the last one is unique. All run in one direction, which an index serves forwards or backwards. */
  readonly orderBy: readonly (keyof Schema[T] & string)[]
  readonly direction: 'asc' | 'desc'
  /** The parts of the list, in its order. */
  readonly stretches: readonly Stretch[]
  /** What no index serves: tested row by row. */
  readonly filters: readonly Condition[]
  readonly limit: number
  /** Most rows looked at for one page. */
  readonly budget?: number
}

export interface ScanPage<Row> {
  readonly rows: readonly Row[]
  /** Where the next page goes on, or null at the end of the list. A page may hold fewer rows than asked, even none, and still not be the last. */
  readonly next: { readonly stretch: number; readonly position: Position } | null
}

/** About 10 ms of work: a filter that matches almost nothing must not hold up everybody else's queries. */
const DEFAULT_BUDGET = 10_000

/**
 * Reads one page of a long list by keyset, so that rows that arrive or go never shift it. However rare the
 * match and however long the table, it looks at no more rows than the budget, and says where it stopped.
 */
export async function scanPage<T extends keyof Schema & string>(
  db: Db | Tx,
  request: ScanRequest<T>,
): Promise<ScanPage<Schema[T]>> {
  const rows: Schema[T][] = []
  const stretchOf: number[] = []
  let budget = request.budget ?? DEFAULT_BUDGET
  for (const [index, stretch] of request.stretches.entries()) {
    for (const conditions of rangesAfter(request, stretch)) {
      const range: Range = { from: tableOf(db, request.table, stretch.index), conditions }
      const stop = request.filters.length === 0 ? null : await lastWithinBudget(db, request, range, budget)
      const all = [...conditions, ...(stop?.position ? [upTo(request, stop.position)] : []), ...request.filters]
      const found = await readRange(db, request, { ...range, conditions: all }, request.limit + 1 - rows.length)
      for (const row of found) {
        rows.push(row)
        stretchOf.push(index)
      }
      if (rows.length > request.limit) {
        rows.length = request.limit
        // The row too many may be the first of a later stretch than the last one kept.
        return {
          rows,
          next: {
            stretch: stretchOf[request.limit - 1] as number,
            position: positionOf(request, rows.at(-1) as Schema[T]),
          },
        }
      }
      if (stop?.position) return { rows, next: { stretch: index, position: stop.position } }
      budget -= stop?.count ?? 0
    }
  }
  return { rows, next: null }
}

interface Range {
  readonly from: Condition
  readonly conditions: readonly Condition[]
}

function tableOf(db: Db | Tx, table: string, index: string | undefined): Condition {
  return index === undefined
    ? sql`${sql.table(table)}`
    : sql`${sql.table(table)}${sql.raw(capabilitiesOf(db).indexHint(index))}`
}

/** "After a position" as ranges that an index can jump to, in order: same values and a later id, then later values. */
function rangesAfter<T extends keyof Schema & string>(
  request: ScanRequest<T>,
  { where, after }: Stretch,
): readonly (readonly Condition[])[] {
  const base = [sql`tenant_id = ${request.tenantId}`, ...where]
  if (after === null) return [base]
  const beyond = sql.raw(request.direction === 'asc' ? '>' : '<')
  return request.orderBy.map((_, level) => {
    const last = request.orderBy.length - 1 - level
    const equal = request.orderBy.slice(0, last).map((column, i) => sql`${sql.ref(column)} = ${after[i]}`)
    return [...base, ...equal, sql`${sql.ref(request.orderBy[last] as string)} ${beyond} ${after[last]}`]
  })
}

/** How many rows of the range the budget covers and, when it does not cover them all, the last one that it does. */
async function lastWithinBudget<T extends keyof Schema & string>(
  db: Db | Tx,
  request: ScanRequest<T>,
  { from, conditions }: Range,
  budget: number,
): Promise<{ count: number; position: Position | null }> {
  const within = Math.max(1, budget)
  const counted = await sql<{
    n: number
  }>`select count(*) as n from (select 1 from ${from} where ${allOf(conditions)} limit ${within + 1}) as counted`.execute(
    db,
  )
  const count = Number(counted.rows[0]?.n ?? 0)
  if (count <= within) return { count, position: null }
  const columns = sql.join(request.orderBy.map((column) => sql.ref(column)))
  const last = await sql<
    Record<string, string | number>
  >`select ${columns} from ${from} where ${allOf(conditions)} order by ${orderOf(request)} limit 1 offset ${within - 1}`.execute(
    db,
  )
  const row = last.rows[0]
  return { count, position: row ? request.orderBy.map((column) => row[column] as string | number) : null }
}

async function readRange<T extends keyof Schema & string>(
  db: Db | Tx,
  request: ScanRequest<T>,
  { from, conditions }: Range,
  limit: number,
): Promise<readonly Schema[T][]> {
  const { rows } = await sql<
    Schema[T]
  >`select * from ${from} where ${allOf(conditions)} order by ${orderOf(request)} limit ${limit}`.execute(db)
  return rows
}

/** At or before a position, spelled so that its first term bounds the index range. */
function upTo<T extends keyof Schema & string>({ orderBy, direction }: ScanRequest<T>, position: Position): Condition {
  const before = sql.raw(direction === 'asc' ? '<' : '>')
  const spelled = (i: number): Condition => {
    const column = sql.ref(orderBy[i] as string)
    if (i === orderBy.length - 1) return sql`${column} ${before}= ${position[i]}`
    return sql`${column} ${before}= ${position[i]} and (${column} ${before} ${position[i]} or ${spelled(i + 1)})`
  }
  return spelled(0)
}

function orderOf<T extends keyof Schema & string>({ orderBy, direction }: ScanRequest<T>): Condition {
  return sql.join(orderBy.map((column) => sql`${sql.ref(column)} ${sql.raw(direction)}`))
}

function allOf(conditions: readonly Condition[]): Condition {
  return sql.join(
    conditions.map((condition) => sql`(${condition})`),
    sql` and `,
  )
}

function positionOf<T extends keyof Schema & string>({ orderBy }: ScanRequest<T>, row: Schema[T]): Position {
  return orderBy.map((column) => row[column] as string | number)
}
