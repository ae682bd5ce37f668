import type { NamedMigration } from '../named-migration.ts'

/** When things that must be heard of regularly were last heard of: watchdog alerts, the self-test of the pipeline. */
export const addSignsOfLife: NamedMigration = {
  name: '20261126-0600-add-signs-of-life',
  breaking: false,
  async up(execute, t) {
    await execute(
      `create table sign_of_life (tenant_id ${t.id} not null, name ${t.name} not null, seen_at ${t.bigint} not null, primary key (tenant_id, name))`,
    )
  },
}
