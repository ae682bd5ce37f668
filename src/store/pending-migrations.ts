import { sql } from 'kysely'
import { capabilitiesOf } from './dialects/engine-capabilities.ts'
import { MIGRATIONS, type Migratable } from './migrate.ts'
import type { NamedMigration } from './named-migration.ts'

/** Which steps of the schema are applied, and which `migrateToLatest` would apply. */
export interface MigrationPreview {
  readonly applied: readonly string[]
  readonly pending: readonly string[]
  /** Applied steps that this program does not know, in the order of their names. */
  readonly newer: readonly { readonly name: string; readonly breaking: boolean }[]
}

/** Looks at the schema and changes nothing. A database without one has every step pending. */
export async function previewMigrations(
  { db }: Pick<Migratable, 'db'>,
  migrations: readonly NamedMigration[] = MIGRATIONS,
): Promise<MigrationPreview> {
  const tables = await sql.raw<{ name: string }>(capabilitiesOf(db).tableNames).execute(db)
  const hasSteps = tables.rows.some(({ name }) => name === 'schema_step')
  const rows = hasSteps ? await db.selectFrom('schema_step').select(['name', 'breaking']).orderBy('name').execute() : []
  const names = migrations.map(({ name }) => name)
  const applied = rows.map((row) => String(row.name))
  const newer = rows
    .filter((row) => !names.includes(String(row.name)))
    .map((row) => ({ name: String(row.name), breaking: Number(row.breaking) === 1 }))
  return { applied, pending: names.filter((name) => !applied.includes(name)), newer }
}
