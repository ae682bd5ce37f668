import type { NamedMigration } from '../named-migration.ts'

/** What edits, storms and paces need: what a root shows, one message for many incidents, token buckets that nodes share. */
export const addDigestsAndBudgets: NamedMigration = {
  name: '20261125-1600-add-digests-and-budgets',
  breaking: true,
  async up(execute, t) {
    for (const column of [
      `root_hash ${t.id}`,
      `last_news ${t.id}`,
      `previous_link ${t.text}`,
      `digest_id ${t.id}`,
      `fallback_for ${t.name}`,
    ])
      await execute(`alter table notification add column ${column}`)
    await execute('create index notification_by_digest on notification (tenant_id, digest_id, state)')
    // How much waits for a channel is asked before each new root.
    await execute('create index job_by_queue on job (queue, state, lane, run_at)')
    await execute(`create table digest (
      tenant_id ${t.id} not null, id ${t.id} not null, channel_id ${t.id} not null, open_key ${t.name}, state ${t.id} not null,
      root_id ${t.id}, root_place ${t.id}, root_link ${t.text}, root_hash ${t.id}, delivery_id ${t.id}, posting_since ${t.bigint},
      started_at ${t.bigint} not null, last_news_at ${t.bigint} not null, ended_at ${t.bigint}, updated_at ${t.bigint} not null, primary key (tenant_id, id))`)
    // One storm at a time in a channel: the database decides races.
    await execute('create unique index digest_open on digest (tenant_id, open_key)')
    await execute(`create table rate_budget (
      tenant_id ${t.id} not null, id ${t.name} not null, millitokens ${t.bigint} not null, updated_at ${t.bigint} not null, paused_until ${t.bigint} not null,
      primary key (tenant_id, id))`)
  },
}
