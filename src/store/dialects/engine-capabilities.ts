import type { Kysely } from 'kysely'
import type { ColumnTypes } from '../column-types.ts'

/** What an engine can and cannot do. Code outside the dialects asks for a capability, never for an engine. */
export interface EngineCapabilities {
  /** Names the wording of compiled statements, for those who keep them. */
  readonly wording: string
  readonly upsertStyle: 'on-conflict' | 'on-duplicate-key'
  /** The scalar function that gives the smaller of two values. */
  readonly leastFunction: 'min' | 'least'
  readonly greatestFunction: 'max' | 'greatest'
  /** Most bound values that one statement may have. */
  readonly maxParameters: number
  /** SQL after a table's name that makes the engine walk this index; empty where its planner cannot be told, and need not be. */
  readonly indexHint: (index: string) => string
  /** How many transactions write at a time. With `one`, what a transaction has read stays true until it ends. */
  readonly writers: 'one' | 'many'
  /** SQL at the end of a select that locks the rows found; empty where the engine has one writer. For builders: `lockRows`. */
  readonly rowLock: '' | ' for update'
  /** The same, passing over rows that somebody else holds. For builders: `lockFreeRows`. */
  readonly rowLockSkipping: '' | ' for update skip locked'
  /** SQL for the database's clock: milliseconds since 1970, an integer. */
  readonly nowMs: string
  /** SQL that has the planner look at what the tables that grow hold; null where the engine does so in time by itself. */
  readonly analyse: string | null
  /** A select that lists the tables of our schema as `name`. */
  readonly tableNames: string
  /** Whether a change of the schema is undone with its transaction. Where not, every statement stands by itself. */
  readonly undoesSchemaChanges: boolean
  /** Whether a change of the schema was refused because the table, column, index or view is there. */
  readonly isAlreadyThere: (error: unknown) => boolean
  /** Reads from the server how columns are typed there. `db` is any handle to it. */
  // biome-ignore lint/suspicious/noExplicitAny: it asks about the server, whatever the schema.
  readonly readColumnTypes: (db: Kysely<any>) => Promise<ColumnTypes>
  /**
   * Lets one program at a time change the schema, and lifts the limits of time for it. Called first in the transaction or on
   * the connection that changes the schema; the answer gives way to the next one.
   */
  // biome-ignore lint/suspicious/noExplicitAny: a migration runs against a schema that the types of today do not describe.
  readonly takeSchemaLock: (db: Kysely<any>) => Promise<() => Promise<void>>
}

/** The capabilities of the engine behind a handle or transaction. */
export function capabilitiesOf(db: { getExecutor(): { readonly adapter: unknown } }): EngineCapabilities {
  const { adapter } = db.getExecutor()
  if (!isCapable(adapter)) throw new Error('This database handle was not opened by openDatabase')
  return adapter
}

function isCapable(adapter: unknown): adapter is EngineCapabilities {
  return typeof adapter === 'object' && adapter !== null && 'upsertStyle' in adapter
}
