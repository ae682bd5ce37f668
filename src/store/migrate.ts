import { type Kysely, sql } from 'kysely'
import type { ColumnTypes } from './column-types.ts'
import { capabilitiesOf } from './dialects/engine-capabilities.ts'
import { createCoreTables } from './migrations/20261121-0800-create-core-tables.ts'
import { addDigestsAndBudgets } from './migrations/20261125-1600-add-digests-and-budgets.ts'
import { addPeopleAndSlackReceipts } from './migrations/20261125-1600-add-people-and-slack-receipts.ts'
import { addDeliveryLog } from './migrations/20261126-0200-add-delivery-log.ts'
import { addNodesAndLeases } from './migrations/20261126-0300-add-nodes-and-leases.ts'
import { prepareForManyWriters } from './migrations/20261126-0400-prepare-for-many-writers.ts'
import { addActivityAndSearch } from './migrations/20261126-0500-add-activity-and-search.ts'
import { addSignsOfLife } from './migrations/20261126-0600-add-signs-of-life.ts'
import type { NamedMigration } from './named-migration.ts'
import { repeatWhileBusy } from './repeat-while-busy.ts'
import { ResumableStep } from './resumable-step.ts'

export const MIGRATIONS: readonly NamedMigration[] = [
  createCoreTables,
  addDigestsAndBudgets,
  addPeopleAndSlackReceipts,
  addDeliveryLog,
  addNodesAndLeases,
  prepareForManyWriters,
  addActivityAndSearch,
  addSignsOfLife,
]

// biome-ignore lint/suspicious/noExplicitAny: a migration runs against a schema that the types of today do not describe.
type AnyDb = Kysely<any>

export interface Migratable {
  readonly db: AnyDb
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
 * Brings the schema up to date. Programs that start together do it one after the other, and all but the first find it done.
 * Where the engine undoes changes of a schema everything is one transaction; elsewhere a step that was cut off is taken up at the
 * statement where it stopped. Throws `NewerSchemaError` when a newer program left a breaking step behind.
 */
export async function migrateToLatest(
  { db }: Migratable,
  migrations: readonly NamedMigration[] = MIGRATIONS,
): Promise<MigrationReport> {
  const { undoesSchemaChanges } = capabilitiesOf(db)
  return await repeatWhileBusy(() =>
    undoesSchemaChanges
      ? db.transaction().execute((tx) => migrateUnderLock(tx, migrations))
      : db.connection().execute((connection) => migrateUnderLock(connection, migrations)),
  )
}

async function migrateUnderLock(db: AnyDb, migrations: readonly NamedMigration[]): Promise<MigrationReport> {
  const engine = capabilitiesOf(db)
  const giveWay = await engine.takeSchemaLock(db)
  try {
    const types = await engine.readColumnTypes(db)
    await sql
      .raw(
        `create table if not exists schema_step (name ${types.id} not null primary key, breaking ${types.int} not null, applied_at ${types.bigint} not null)`,
      )
      .execute(db)
    const done = await db.selectFrom('schema_step').select(['name', 'breaking']).orderBy('name').execute()
    refuseNewer(done as { name: string; breaking: number }[], migrations)
    const names = new Set(done.map((row) => String(row.name)))
    const pending = migrations.filter((step) => !names.has(step.name))
    for (const step of pending) await apply(db, step, types)
    return { applied: pending.map((step) => step.name), alreadyThere: [...names] }
  } finally {
    await giveWay()
  }
}

async function apply(db: AnyDb, step: NamedMigration, types: ColumnTypes): Promise<void> {
  const resumable = capabilitiesOf(db).undoesSchemaChanges ? null : await ResumableStep.open(db, step.name, types)
  const execute = async (statement: string): Promise<void> => void (await sql.raw(statement).execute(db))
  await step.up(resumable ? (statement) => resumable.execute(statement) : execute, types)
  await db
    .insertInto('schema_step')
    .values({ name: step.name, breaking: step.breaking ? 1 : 0, applied_at: Date.now() })
    .execute()
  await resumable?.done()
}

function refuseNewer(done: readonly { name: string; breaking: number }[], migrations: readonly NamedMigration[]): void {
  const known = new Set(migrations.map((step) => step.name))
  const unknown = done.filter((row) => row.breaking === 1 && !known.has(row.name)).map((row) => row.name)
  if (unknown.length > 0) throw new NewerSchemaError(unknown)
}
