import type { ColumnTypes } from './column-types.ts'

/**
 * A step of the schema. Applied once, in order of names; in one transaction where the engine undoes changes of a schema, else
 * statement by statement. Names that a server reserves (`condition`) stand in double quotes.
 */
export interface NamedMigration {
  /** `YYYYMMDD-HHMM-what-it-does`; the order of names is the order of application. */
  readonly name: string
  /** True when a program that does not know this step must not run on the schema it leaves. */
  readonly breaking: boolean
  /** Runs its statements through `execute`, one at a time and always the same ones in the same order: a step that was cut off skips those that are done. */
  readonly up: (execute: (statement: string) => Promise<void>, types: ColumnTypes) => Promise<void>
}
