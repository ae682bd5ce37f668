import type { Kysely } from 'kysely'

/** What an engine can and cannot do. Code outside the dialects asks for a capability, never for an engine. */
export interface EngineCapabilities {
  readonly upsertStyle: 'on-conflict' | 'on-duplicate-key'
  /** The scalar function that gives the smaller of two values. */
  readonly leastFunction: 'min' | 'least'
  readonly greatestFunction: 'max' | 'greatest'
  /** Most bound values that one statement may have. */
  readonly maxParameters: number
  /** SQL of the database's clock: milliseconds since 1970 as a whole number. */
  readonly nowMs: string
  /** SQL after a table's name that makes the engine walk this index; empty where its planner cannot be told, and need not be. */
  readonly indexHint: (index: string) => string
}

/** The capabilities of the engine behind a handle or transaction. */
export function capabilitiesOf(db: Pick<Kysely<never>, 'getExecutor'>): EngineCapabilities {
  const adapter: unknown = db.getExecutor().adapter
  if (!isCapable(adapter)) throw new Error('This database handle was not opened by openDatabase')
  return adapter
}

function isCapable(adapter: unknown): adapter is EngineCapabilities {
  return typeof adapter === 'object' && adapter !== null && 'upsertStyle' in adapter
}
