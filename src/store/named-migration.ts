import type { ColumnTypes } from './column-types.ts'

/** A step of the schema. Applied once, in order of names, all pending ones in one transaction. */
export interface NamedMigration {
  /** `YYYYMMDD-HHMM-what-it-does`; the order of names is the order of application. */
  readonly name: string
  /** True when a program that does not know this step must not run on the schema it leaves. */
  readonly breaking: boolean
  /** Runs its statements through `execute`, one at a time, inside the migration's transaction. */
  readonly up: (execute: (statement: string) => Promise<void>, types: ColumnTypes) => Promise<void>
}
