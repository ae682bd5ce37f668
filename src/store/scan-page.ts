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

/** About 25 ms of work on the slowest engine: a filter that matches almost nothing must not hold up everybody else's queries. */
const DEFAULT_BUDGET = 4_000

/**
 * Reads one page of a long list by keyset, so that rows that arrive or go never shift it. However rare the
 * match and however long the table, it looks at no more rows than the budget, and says where it stopped. However many
 * stretches there are, it asks a handful of statements: on a server each costs a round trip.
 */
export async function scanPage<T extends keyof Schema & string>(
  db: Db | Tx,
  request: ScanRequest<T>,
): Promise<ScanPage<Schema[T]>> {
  const ranges = request.stretches.flatMap((stretch, index) =>
    rangesAfter(request, stretch).map((conditions) => ({
      stretch: index,
      from: tableOf(db, request.table, stretch.index),
      conditions,
    })),
  )
  const found: FoundRow<Schema[T]>[] = []
  let stop: ScanPage<unknown>['next'] = null
  let left = request.budget ?? DEFAULT_BUDGET
  for (let from = 0; from < ranges.length && found.length <= request.limit && stop === null; from += RANGES_AT_ONCE) {
    const chunk = ranges.slice(from, from + RANGES_AT_ONCE)
    const cut: BudgetCut =
      request.filters.length === 0 ? { within: chunk, stop, left } : await cutToBudget(db, request, chunk, left)
    found.push(...(await readRanges(db, request, cut.within)))
    stop = cut.stop
    left = cut.left
  }
  const kept = found.slice(0, request.limit)
  const last = kept.at(-1)
  // The row too many may be the first of a later stretch than the last one kept.
  const next = found.length > request.limit && last ? { stretch: last.stretch, position: last.position } : stop
  return { rows: kept.map(({ row }) => row), next }
}

/** Planning one statement over all of a long list's ranges costs more than asking for a few that fill the page. */
const RANGES_AT_ONCE = 6

interface Range {
  readonly stretch: number
  readonly from: Condition
  readonly conditions: readonly Condition[]
}

interface FoundRow<Row> {
  readonly stretch: number
  readonly position: Position
  readonly row: Row
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

interface BudgetCut {
  /** The ranges that the budget covers, the last one perhaps in part. */
  readonly within: readonly Range[]
  /** Where it stopped when it does not cover them all. */
  readonly stop: ScanPage<unknown>['next']
  readonly left: number
}

async function cutToBudget<T extends keyof Schema & string>(
  db: Db | Tx,
  request: ScanRequest<T>,
  ranges: readonly Range[],
  budget: number,
): Promise<BudgetCut> {
  let left = budget
  const counts = await countRanges(db, ranges, left + 1)
  for (const [i, range] of ranges.entries()) {
    const count = counts.get(i) ?? 0
    const covered = Math.max(1, left)
    if (count > covered) {
      const position = await positionAt(db, request, range, covered)
      if (position === null) break
      const cut = { ...range, conditions: [...range.conditions, upTo(request, position)] }
      return { within: [...ranges.slice(0, i), cut], stop: { stretch: range.stretch, position }, left: 0 }
    }
    left = Math.max(0, left - count)
  }
  return { within: ranges, stop: null, left }
}

/** How many rows each range has, counted up to `most`. Reads the index alone. */
async function countRanges(db: Db | Tx, ranges: readonly Range[], most: number): Promise<ReadonlyMap<number, number>> {
  if (ranges.length === 0) return new Map()
  const counts = ranges.map(
    ({ from, conditions }, i) =>
      sql`select ${sql.raw(String(i))} as part, count(*) as n from (select 1 from ${from} where ${allOf(conditions)} limit ${most}) as counted`,
  )
  const { rows } = await sql<{ part: number; n: number }>`${sql.join(counts, sql` union all `)}`.execute(db)
  return new Map(rows.map(({ part, n }) => [Number(part), Number(n)]))
}

/** The position of the row that is the `nth` of a range. */
async function positionAt<T extends keyof Schema & string>(
  db: Db | Tx,
  request: ScanRequest<T>,
  { from, conditions }: Range,
  nth: number,
): Promise<Position | null> {
  const { rows } = await sql<
    Record<string, string | number>
  >`select ${columnsOf(request)} from ${from} where ${allOf(conditions)} order by ${orderOf(request)} limit 1 offset ${nth - 1}`.execute(
    db,
  )
  return rows[0] ? positionOf(request, rows[0] as never) : null
}

/** The first rows of the ranges that pass the filters, in order, one more than the page has. */
async function readRanges<T extends keyof Schema & string>(
  db: Db | Tx,
  request: ScanRequest<T>,
  ranges: readonly Range[],
): Promise<readonly FoundRow<Schema[T]>[]> {
  const limit = request.limit + 1
  const filtered = ranges.map((range) => ({ ...range, conditions: [...range.conditions, ...request.filters] }))
  const [only] = filtered
  if (only === undefined) return []
  if (filtered.length === 1) {
    const { rows } = await sql<
      Schema[T]
    >`select * from ${only.from} where ${allOf(only.conditions)} order by ${orderOf(request)} limit ${limit}`.execute(
      db,
    )
    return rows.map((row) => ({ stretch: only.stretch, position: positionOf(request, row), row }))
  }
  return await withRows(db, request, (await readKeys(db, request, filtered)).slice(0, limit))
}

type Key = Omit<FoundRow<never>, 'row'>

/** The positions alone, of all ranges at once: most ranges have few rows or none, and an index often has what is asked. */
async function readKeys<T extends keyof Schema & string>(
  db: Db | Tx,
  request: ScanRequest<T>,
  ranges: readonly Range[],
): Promise<readonly Key[]> {
  const columns = columnsOf(request)
  const parts = ranges.map(
    ({ from, conditions }, i) =>
      sql`select ${sql.raw(String(i))} as part, ${columns} from (select ${columns} from ${from} where ${allOf(conditions)} order by ${orderOf(request)} limit ${request.limit + 1}) as found`,
  )
  const { rows } = await sql<Record<string, string | number>>`${sql.join(parts, sql` union all `)}`.execute(db)
  const found = Map.groupBy(rows, ({ part }) => Number(part))
  // The parts of a union may come in any order; within a part the order is made here as well.
  return ranges.flatMap(({ stretch }, i) =>
    (found.get(i) ?? [])
      .map((row) => ({ stretch, position: positionOf(request, row as never) }))
      .sort((a, b) => comparePositions(a.position, b.position, request.direction)),
  )
}

async function withRows<T extends keyof Schema & string>(
  db: Db | Tx,
  request: ScanRequest<T>,
  keys: readonly Key[],
): Promise<readonly FoundRow<Schema[T]>[]> {
  if (keys.length === 0) return []
  const idColumn = request.orderBy.at(-1) as keyof Schema[T] & string
  const ids = keys.map(({ position }) => position.at(-1) as string)
  const { rows } = await sql<
    Schema[T]
  >`select * from ${sql.table(request.table)} where tenant_id = ${request.tenantId} and ${sql.ref(idColumn)} in (${sql.join(ids)})`.execute(
    db,
  )
  const byId = new Map(rows.map((row) => [row[idColumn] as string | number, row]))
  // A row that moved between the two statements is shown where it was.
  return keys.flatMap((key) => {
    const row = byId.get(key.position.at(-1) as string)
    return row === undefined ? [] : [{ ...key, row }]
  })
}

function comparePositions(a: Position, b: Position, direction: 'asc' | 'desc'): number {
  const sign = direction === 'asc' ? 1 : -1
  for (const [i, value] of a.entries()) {
    const other = b[i] as string | number
    if (value !== other) return value < other ? -sign : sign
  }
  return 0
}

function columnsOf<T extends keyof Schema & string>({ orderBy }: ScanRequest<T>): Condition {
  return sql.join(orderBy.map((column) => sql.ref(column)))
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
