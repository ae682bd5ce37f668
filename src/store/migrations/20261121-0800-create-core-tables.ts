import type { ColumnTypes } from '../column-types.ts'
import type { NamedMigration } from '../named-migration.ts'

/** The first schema: incidents and what makes them, jobs, the projection into channels, keys and audit. */
export const createCoreTables: NamedMigration = {
  name: '20261121-0800-create-core-tables',
  breaking: true,
  async up(execute, types) {
    for (const statement of [
      ...incidentTables(types),
      ...plumbingTables(types),
      ...notifyTables(types),
      ...accessTables(types),
      ...compatibleViews(types),
    ]) {
      await execute(statement)
    }
  },
}

function incidentTables(t: ColumnTypes): readonly string[] {
  return [
    `create table incident (
      tenant_id ${t.id} not null, id ${t.id} not null, number ${t.bigint} not null, version ${t.bigint} not null,
      source ${t.id} not null, correlation_key ${t.id} not null, correlation_text ${t.text} not null, open_key ${t.id}, rule_key ${t.name},
      title ${t.text} not null, status_rank ${t.int} not null, severity_rank ${t.int} not null,
      service ${t.name} not null, cluster ${t.name} not null, namespace ${t.name} not null, environment ${t.name} not null, labels ${t.text} not null,
      started_at ${t.bigint} not null, opened_at ${t.bigint} not null,
      acknowledged_at ${t.bigint}, acknowledged_by ${t.text}, resolved_at ${t.bigint}, resolved_by ${t.text}, owner ${t.text}, owner_id ${t.name},
      alert_count ${t.bigint} not null, firing_count ${t.bigint} not null, firing ${t.text} not null, clears_at ${t.bigint},
      reopen_count ${t.int} not null, flap_count ${t.int} not null, flaps_since ${t.bigint}, is_flapping ${t.int} not null, is_noise ${t.int} not null,
      peak_rank ${t.int} not null, is_severity_pinned ${t.int} not null, silenced_until ${t.bigint}, moved_to ${t.id},
      updated_at ${t.bigint} not null, primary key (tenant_id, id))`,
    // One open incident per correlation key: the database decides races, not a lock.
    'create unique index incident_open_key on incident (tenant_id, open_key)',
    'create unique index incident_number on incident (tenant_id, number)',
    // The inbox in its own order; every list without a narrower index walks it.
    'create index incident_inbox on incident (tenant_id, status_rank, severity_rank desc, started_at desc, id desc)',
    'create index incident_by_key on incident (tenant_id, correlation_key, resolved_at)',
    'create index incident_by_rule on incident (tenant_id, rule_key, status_rank)',
    'create index incident_by_time on incident (tenant_id, started_at, id)',
    'create index incident_by_resolved on incident (tenant_id, resolved_at)',
    'create index incident_by_service on incident (tenant_id, service, status_rank, severity_rank desc, started_at desc, id desc)',
    `create table alert (
      tenant_id ${t.id} not null, id ${t.id} not null, source ${t.id} not null, fingerprint ${t.name} not null, current_key ${t.name}, incident_id ${t.id},
      status ${t.id} not null, severity_rank ${t.int} not null, title ${t.text} not null, starts_at ${t.bigint} not null, starts_at_text ${t.id} not null, ends_at ${t.bigint},
      content_hash ${t.bigint} not null, changed_at ${t.bigint} not null, first_seen_at ${t.bigint} not null, last_seen_at ${t.bigint} not null, occurrences ${t.bigint} not null,
      "condition" ${t.id}, labels ${t.text} not null, annotations ${t.text} not null, links ${t.text} not null, primary key (tenant_id, id))`,
    'create unique index alert_current on alert (tenant_id, current_key)',
    'create index alert_by_incident on alert (tenant_id, incident_id, id)',
    `create table alert_event (
      tenant_id ${t.id} not null, id ${t.id} not null, alert_id ${t.id} not null, incident_id ${t.id}, source ${t.id} not null, source_kind ${t.id} not null,
      delivery_seq ${t.bigint} not null, delivery_index ${t.int} not null, received_at ${t.bigint} not null, status ${t.id} not null, observation ${t.id} not null,
      severity_rank ${t.int} not null, starts_at ${t.bigint} not null, ends_at ${t.bigint}, raw ${t.text} not null, primary key (tenant_id, id))`,
    'create index alert_event_by_alert on alert_event (tenant_id, alert_id, id)',
    `create table timeline_entry (
      tenant_id ${t.id} not null, id ${t.id} not null, incident_id ${t.id} not null, at ${t.bigint} not null, kind ${t.id} not null, reason ${t.text} not null,
      actor_id ${t.name} not null, actor_name ${t.name} not null, actor_via ${t.id} not null, data ${t.text} not null, primary key (tenant_id, incident_id, id))`,
  ]
}

function plumbingTables(t: ColumnTypes): readonly string[] {
  return [
    `create table job (
      tenant_id ${t.id} not null, id ${t.id} not null, kind ${t.id} not null, dedupe_key ${t.name}, queue ${t.name}, lane ${t.int} not null, state ${t.id} not null,
      run_at ${t.bigint} not null, wanted ${t.bigint} not null, attempts ${t.int} not null, first_failed_at ${t.bigint}, fence ${t.bigint} not null,
      lease_until ${t.bigint}, lease_owner ${t.name}, payload ${t.text} not null, last_error ${t.text}, created_at ${t.bigint} not null, updated_at ${t.bigint} not null,
      primary key (tenant_id, id))`,
    'create unique index job_dedupe on job (tenant_id, dedupe_key)',
    // The queue is in the index so that a paused channel's backlog is passed over without touching its rows.
    'create index job_due on job (state, lane, run_at, id, queue)',
    `create table sequence (tenant_id ${t.id} not null, name ${t.id} not null, value ${t.bigint} not null, primary key (tenant_id, name))`,
    `create table change_feed (tenant_id ${t.id} not null, seq ${t.bigint} not null, at ${t.bigint} not null, kind ${t.id} not null, subject_id ${t.id} not null, data ${t.text} not null, primary key (tenant_id, seq))`,
    `create table log_position (log_id ${t.id} not null, consumer ${t.id} not null, seq ${t.bigint} not null, primary key (log_id, consumer))`,
    `create table deferred_delivery (log_id ${t.id} not null, seq ${t.bigint} not null, next_index ${t.int} not null, primary key (log_id, seq))`,
    `create table quarantine (
      tenant_id ${t.id} not null, id ${t.id} not null, source ${t.id} not null, source_kind ${t.id} not null, delivery_seq ${t.bigint} not null, delivery_index ${t.int} not null,
      path ${t.text} not null, reason ${t.text} not null, raw ${t.text} not null, received_at ${t.bigint} not null, quarantined_at ${t.bigint} not null, replayed_at ${t.bigint},
      primary key (tenant_id, id))`,
    'create index quarantine_open on quarantine (tenant_id, replayed_at, id)',
    `create table source_ledger (
      tenant_id ${t.id} not null, source ${t.id} not null, deliveries ${t.bigint} not null, events_read ${t.bigint} not null, events_linked ${t.bigint} not null,
      events_suppressed ${t.bigint} not null, events_quarantined ${t.bigint} not null, last_received_at ${t.bigint} not null, primary key (tenant_id, source))`,
  ]
}

function notifyTables(t: ColumnTypes): readonly string[] {
  return [
    `create table notification (
      tenant_id ${t.id} not null, incident_id ${t.id} not null, channel_id ${t.id} not null, state ${t.id} not null, generation ${t.int} not null,
      root_id ${t.id}, root_place ${t.id}, root_link ${t.text}, shown ${t.text}, delivery_id ${t.id}, delivery_kind ${t.id}, posting_since ${t.bigint}, blocked_reason ${t.text},
      updated_at ${t.bigint} not null, primary key (tenant_id, incident_id, channel_id))`,
    'create index notification_by_state on notification (tenant_id, state, updated_at)',
    'create index notification_by_root on notification (tenant_id, channel_id, root_id)',
    `create table notification_post (
      tenant_id ${t.id} not null, id ${t.id} not null, incident_id ${t.id} not null, channel_id ${t.id} not null, kind ${t.id} not null, external_id ${t.id} not null, thread_id ${t.id},
      posted_at ${t.bigint} not null, body ${t.text}, primary key (tenant_id, id))`,
    'create index notification_post_by_incident on notification_post (tenant_id, incident_id, id)',
    `create table thread (
      tenant_id ${t.id} not null, channel_id ${t.id} not null, thread_key ${t.name} not null, ts ${t.id} not null, updated_at ${t.bigint} not null, primary key (tenant_id, channel_id, thread_key))`,
  ]
}

function accessTables(t: ColumnTypes): readonly string[] {
  return [
    `create table api_key (
      tenant_id ${t.id} not null, id ${t.id} not null, name ${t.name} not null, secret_hash ${t.id} not null, scopes ${t.name} not null, created_at ${t.bigint} not null,
      created_by ${t.name} not null, last_used_at ${t.bigint}, revoked_at ${t.bigint}, primary key (tenant_id, id))`,
    `create table audit_entry (
      tenant_id ${t.id} not null, id ${t.id} not null, at ${t.bigint} not null, actor_id ${t.name} not null, actor_name ${t.name} not null, actor_via ${t.id} not null,
      action ${t.id} not null, subject ${t.name} not null, data ${t.text} not null, primary key (tenant_id, id))`,
    `create table idempotent_reply (
      tenant_id ${t.id} not null, actor_id ${t.name} not null, idempotency_key ${t.name} not null, request_hash ${t.id} not null, status ${t.int} not null, body ${t.text} not null,
      created_at ${t.bigint} not null, primary key (tenant_id, actor_id, idempotency_key))`,
  ]
}

/**
 * The tables that operators of system 3 query by name. `alert_id` sorts by time of arrival, as an
 * auto-increment would. Instants are ISO 8601 text there.
 */
function compatibleViews({ instant }: ColumnTypes): readonly string[] {
  return [
    `create view incidents as select
      id as incident_id, number, tenant_id, correlation_key as incident_key, correlation_text, title,
      case status_rank when 0 then 'active' when 1 then 'acknowledged' else 'resolved' end as status,
      case severity_rank when 5 then 'critical' when 4 then 'error' when 3 then 'warning' when 2 then 'info' when 1 then 'debug' else 'success' end as severity,
      source, cluster, namespace, service, environment, alert_count, firing_count, is_noise,
      ${instant('started_at')} as start_time, ${instant('acknowledged_at')} as acknowledged_time, ${instant('resolved_at')} as resolved_time,
      ${instant('opened_at')} as created_at, ${instant('updated_at')} as updated_at
    from incident`,
    `create view grafana_alerts as select
      e.id as alert_id, e.tenant_id, e.incident_id, a.fingerprint, a.title as alert_name, e.status,
      case e.severity_rank when 5 then 'critical' when 4 then 'error' when 3 then 'warning' when 2 then 'info' when 1 then 'debug' else 'success' end as severity,
      e.source, a.labels, a.annotations, ${instant('e.starts_at')} as starts_at, ${instant('e.ends_at')} as ends_at,
      e.raw as raw_payload, ${instant('e.received_at')} as created_at
    from alert_event e join alert a on a.tenant_id = e.tenant_id and a.id = e.alert_id
    where e.source_kind = 'grafana'`,
  ]
}
