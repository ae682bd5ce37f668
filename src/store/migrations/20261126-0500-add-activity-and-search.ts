import type { NamedMigration } from '../named-migration.ts'

/** What big histories need: roll-ups per hour and day, an index of the words of incidents, and how far old rows were taken into both. */
export const addActivityAndSearch: NamedMigration = {
  name: '20261126-0500-add-activity-and-search',
  breaking: false,
  async up(execute, t) {
    // When it was reopened last: what times to acknowledge and to resolve count from.
    await execute(`alter table incident add column reopened_at ${t.bigint}`)
    await execute(
      `update incident set reopened_at = (select max(e.at) from timeline_entry e where e.tenant_id = incident.tenant_id and e.incident_id = incident.id and e.kind = 'reopened') where reopen_count > 0`,
    )
    // Null until indexed: the release before writes none, and upkeep finds what it left out.
    await execute(`alter table incident add column words ${t.text}`)
    await execute(
      `create table incident_term (tenant_id ${t.id} not null, term ${t.id} not null, incident_id ${t.id} not null, primary key (tenant_id, term, incident_id))${t.keyed}`,
    )
    await execute(`create table activity_series (
      tenant_id ${t.id} not null, id ${t.id} not null, source ${t.id} not null, service ${t.name} not null, cluster ${t.name} not null, primary key (tenant_id, id))`)
    await execute(`create table activity (
      tenant_id ${t.id} not null, step_hours ${t.int} not null, at ${t.bigint} not null, series_id ${t.id} not null, severity_rank ${t.int} not null,
      fired ${t.bigint} not null, fired_late ${t.bigint} not null, updated ${t.bigint} not null, repeated ${t.bigint} not null, cleared ${t.bigint} not null,
      closed_unseen ${t.bigint} not null, stale ${t.bigint} not null,
      opened ${t.bigint} not null, reopened ${t.bigint} not null, acknowledged ${t.bigint} not null, resolved ${t.bigint} not null,
      primary key (tenant_id, step_hours, at, series_id, severity_rank))${t.keyed}`)
    await execute(`create table activity_duration (
      tenant_id ${t.id} not null, step_hours ${t.int} not null, at ${t.bigint} not null, series_id ${t.id} not null, severity_rank ${t.int} not null,
      kind ${t.id} not null, bucket ${t.int} not null, n ${t.bigint} not null, sum_ms ${t.bigint} not null, least_ms ${t.bigint} not null, most_ms ${t.bigint} not null,
      primary key (tenant_id, step_hours, at, series_id, severity_rank, kind, bucket))${t.keyed}`)
    await execute(
      `create table upkeep (tenant_id ${t.id} not null, name ${t.id} not null, done_to ${t.id} not null, until ${t.id} not null, primary key (tenant_id, name))`,
    )
    // What is there now is taken in by upkeep, up to the last row of today; what comes later is counted when it comes.
    for (const [name, table] of [
      ['incidents', 'timeline_entry'],
      ['events', 'alert_event'],
    ])
      await execute(
        `insert into upkeep (tenant_id, name, done_to, until) select t.tenant_id, '${name}', '', coalesce((select max(r.id) from ${table} r where r.tenant_id = t.tenant_id), '') from (select distinct tenant_id from incident) t`,
      )
  },
}
