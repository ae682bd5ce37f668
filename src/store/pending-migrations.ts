import { sql } from 'kysely'
import { capabilitiesOf } from './dialects/engine-capabilities.ts'
import { MIGRATIONS, type Migratable } from './migrate.ts'
import type { NamedMigration } from './named-migration.ts'

/** Which steps of the schema are applied, and which `migrateToLatest` would apply. */
export interface MigrationPreview {
  readonly applied: readonly string[]
  readonly pending: readonly string[]
}

/** Looks at the schema and changes nothing. A database without one has every step pending. */
export async function previewMigrations(
  { db }: Pick<Migratable, 'db'>,
  migrations: readonly NamedMigration[] = MIGRATIONS,
): Promise<MigrationPreview> {
  const tables = await sql.raw<{ name: string }>(capabilitiesOf(db).tableNames).execute(db)
  const hasSteps = tables.rows.some(({ name }) => name === 'schema_step')
  const rows = hasSteps ? await db.selectFrom('schema_step').select('name').orderBy('name').execute() : []
  const applied = rows.map((row) => String(row.name))
  return { applied, pending: migrations.map(({ name }) => name).filter((name) => !applied.includes(name)) }
}
