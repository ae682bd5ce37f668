import type { NamedMigration } from '../named-migration.ts'

/** What nodes that work at the same time need to see of each other: whose queue is busy, how many threads began in a channel. */
export const prepareForManyWriters: NamedMigration = {
  name: '20261126-0400-prepare-for-many-writers',
  breaking: false,
  async up(execute, t) {
    await execute(`alter table job add column busy_queue ${t.name}`)
    // Of a queue one job runs at a time in the whole cluster: the database decides races.
    await execute('create unique index job_busy_queue on job (tenant_id, busy_queue)')
    await execute(`alter table notification add column root_begun_at ${t.bigint}`)
    await execute(`alter table notification add column is_root_critical ${t.int}`)
    // Asked before each new thread, to see a storm begin.
    await execute(
      'create index notification_by_new_root on notification (tenant_id, channel_id, root_begun_at, is_root_critical)',
    )
  },
}
