import { type Kysely, sql } from 'kysely'
import type { ColumnTypes } from './column-types.ts'
import { createCoreTables } from './migrations/20261121-0800-create-core-tables.ts'
import { addDigestsAndBudgets } from './migrations/20261125-1600-add-digests-and-budgets.ts'
import { addPeopleAndSlackReceipts } from './migrations/20261125-1600-add-people-and-slack-receipts.ts'
import { addActivityAndSearch } from './migrations/20261126-0500-add-activity-and-search.ts'
import type { NamedMigration } from './named-migration.ts'
import { repeatWhileBusy } from './repeat-while-busy.ts'

export const MIGRATIONS: readonly NamedMigration[] = [
  createCoreTables,
  addDigestsAndBudgets,
  addPeopleAndSlackReceipts,
  addActivityAndSearch,
]

export interface Migratable {
  // biome-ignore lint/suspicious/noExplicitAny: a migration runs against a schema that the types of today do not describe.
  readonly db: Kysely<any>
  readonly types: ColumnTypes
}

export interface MigrationReport {
  readonly applied: readonly string[]
  readonly alreadyThere: readonly string[]
}

/** The database was made by a newer Nunchi and this one would misread it. */
export class NewerSchemaError extends Error {
  constructor(unknownNames: readonly string[]) {
    super(
      `The database was upgraded by a newer Nunchi (it has ${unknownNames.join(', ')}, which this version does not know). Start that newer version, or restore the backup made before the upgrade.`,
    )
    this.name = 'NewerSchemaError'
  }
}

/**
 * Brings the schema up to date. Two processes that start together do it once: everything is one transaction
 * that takes the write lock first. Throws `NewerSchemaError` when a newer program left a breaking step behind.
 */
export async function migrateToLatest(
  { db, types }: Migratable,
  migrations: readonly NamedMigration[] = MIGRATIONS,
): Promise<MigrationReport> {
  return await repeatWhileBusy(() =>
    db.transaction().execute(async (tx) => {
      await sql
        .raw(
          `create table if not exists schema_step (name ${types.id} not null primary key, breaking ${types.int} not null, applied_at ${types.bigint} not null)`,
        )
        .execute(tx)
      const done = await tx.selectFrom('schema_step').select(['name', 'breaking']).orderBy('name').execute()
      refuseNewer(done as { name: string; breaking: number }[], migrations)
      const names = new Set(done.map((row) => String(row.name)))
      const pending = migrations.filter((step) => !names.has(step.name))
      for (const step of pending) {
        await step.up(async (statement) => void (await sql.raw(statement).execute(tx)), types)
        await tx
          .insertInto('schema_step')
          .values({ name: step.name, breaking: step.breaking ? 1 : 0, applied_at: Date.now() })
          .execute()
      }
      return { applied: pending.map((step) => step.name), alreadyThere: [...names] }
    }),
  )
}

function refuseNewer(done: readonly { name: string; breaking: number }[], migrations: readonly NamedMigration[]): void {
  const known = new Set(migrations.map((step) => step.name))
  const unknown = done.filter((row) => row.breaking === 1 && !known.has(row.name)).map((row) => row.name)
  if (unknown.length > 0) throw new NewerSchemaError(unknown)
}
