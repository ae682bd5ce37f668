import { type CompiledQuery, type RawBuilder, sql } from 'kysely'
import type { Tx } from './database.ts'
import { capabilitiesOf, type EngineCapabilities } from './dialects/engine-capabilities.ts'
import type { Schema } from './schema.ts'

type TableName = keyof Schema & string
type ColumnOf<T extends TableName> = keyof Schema[T] & string

/** What an upsert does with a column when the row is there: take the new value, add to it, keep the smaller or larger, or an expression. */
export type MergeRule =
  | 'incoming'
  | 'add'
  | 'least'
  | 'greatest'
  | ((existing: string, incoming: (column: string) => string) => string)

export interface UpsertPlan<T extends TableName> {
  readonly table: T
  readonly columns: readonly ColumnOf<T>[]
  /** The columns of the unique key that decides whether the row is there. */
  readonly key: readonly ColumnOf<T>[]
  readonly merge: Readonly<Partial<Record<ColumnOf<T>, MergeRule>>>
}

/**
 * Row counts whose statement is kept compiled; larger inputs are cut into these, so that few shapes are ever compiled. Where others
 * wait for the locks of this transaction (`many`), and each statement is a round trip, fewer and larger ones are better.
 */
const CHUNKS = { one: [16, 4, 1], many: [256, 64, 16, 4, 1] } as const

/**
 * Inserts rows with multi-row statements, compiled once per shape: compiling costs more than running them.
 * Throws what the engine throws, e.g. on a duplicate key; then none of the chunk is stored.
 */
export async function insertMany<T extends TableName>(
  tx: Tx,
  table: T,
  columns: readonly ColumnOf<T>[],
  rows: readonly Schema[T][],
): Promise<void> {
  const plan = { table, columns, key: [], merge: {} as UpsertPlan<T>['merge'] }
  await writeChunks(tx, { plan, keptBy: columns }, rows)
}

/** Inserts rows, or merges them into the rows that have the same key. Rows of one call must not share a key. */
export async function upsertMany<T extends TableName>(
  tx: Tx,
  plan: UpsertPlan<T>,
  rows: readonly Schema[T][],
): Promise<void> {
  await writeChunks(tx, { plan, keptBy: plan }, rows)
}

/** A plan, and the constant of the caller by which its compiled statements are kept. */
interface KeptPlan<T extends TableName> {
  readonly plan: UpsertPlan<T>
  readonly keptBy: object
}

async function writeChunks<T extends TableName>(tx: Tx, kept: KeptPlan<T>, rows: readonly Schema[T][]): Promise<void> {
  const engine = capabilitiesOf(tx)
  let from = 0
  for (const size of CHUNKS[engine.writers]) {
    if (size * kept.plan.columns.length > engine.maxParameters) continue
    while (rows.length - from >= size) {
      const compiled = compiledWrite(tx, kept, size, engine)
      const parameters: unknown[] = []
      for (let i = from; i < from + size; i++)
        for (const column of kept.plan.columns) parameters.push((rows[i] as Schema[T])[column])
      await tx.executeQuery({ ...compiled, parameters })
      from += size
    }
  }
}

const compiledWrites = new WeakMap<object, Map<string, CompiledQuery>>()

/** Kept by the plan of an upsert and by the column list of an insert, which callers hold as constants. */
function compiledWrite<T extends TableName>(
  tx: Tx,
  { plan, keptBy }: KeptPlan<T>,
  size: number,
  engine: EngineCapabilities,
): CompiledQuery {
  const shapes = compiledWrites.get(keptBy) ?? new Map<string, CompiledQuery>()
  compiledWrites.set(keptBy, shapes)
  const shape = `${engine.wording}/${size}`
  const known = shapes.get(shape)
  if (known) return known
  const row = sql`(${sql.join(plan.columns.map(() => sql`${null}`))})`
  const statement = sql`insert into ${sql.table(plan.table)} (${sql.join(plan.columns.map((column) => sql.ref(column)))}) values ${sql.join(Array.from({ length: size }, () => row))}${mergeClause(plan, engine)}`
  const compiled = statement.compile(tx)
  shapes.set(shape, compiled)
  return compiled
}

function mergeClause<T extends TableName>(plan: UpsertPlan<T>, engine: EngineCapabilities): RawBuilder<unknown> {
  if (plan.key.length === 0) return sql``
  const incoming = (column: string): string =>
    engine.upsertStyle === 'on-conflict' ? `excluded."${column}"` : `values("${column}")`
  const sets = Object.entries(plan.merge).map(([column, rule]) =>
    sql.raw(`"${column}" = ${mergedValue(`${plan.table}."${column}"`, column, rule as MergeRule, incoming, engine)}`),
  )
  if (engine.upsertStyle === 'on-duplicate-key') return sql` on duplicate key update ${sql.join(sets)}`
  return sql` on conflict (${sql.join(plan.key.map((column) => sql.ref(column)))}) do update set ${sql.join(sets)}`
}

// biome-ignore lint/complexity/useMaxParams: five plain inputs of one expression.
function mergedValue(
  existing: string,
  column: string,
  rule: MergeRule,
  incoming: (column: string) => string,
  engine: EngineCapabilities,
): string {
  if (typeof rule === 'function') return rule(existing, incoming)
  if (rule === 'incoming') return incoming(column)
  if (rule === 'add') return `${existing} + ${incoming(column)}`
  return `${rule === 'least' ? engine.leastFunction : engine.greatestFunction}(${existing}, ${incoming(column)})`
}
