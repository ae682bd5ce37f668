import type { Schema } from './schema.ts'

/** The primary key of every table: what walks a whole table goes along it. */
export const TABLE_KEYS: { readonly [T in keyof Schema]: readonly (keyof Schema[T] & string)[] } = {
  incident: ['tenant_id', 'id'],
  alert: ['tenant_id', 'id'],
  alert_event: ['tenant_id', 'id'],
  timeline_entry: ['tenant_id', 'incident_id', 'id'],
  job: ['tenant_id', 'id'],
  sequence: ['tenant_id', 'name'],
  change_feed: ['tenant_id', 'seq'],
  log_position: ['log_id', 'consumer'],
  deferred_delivery: ['log_id', 'seq'],
  quarantine: ['tenant_id', 'id'],
  source_ledger: ['tenant_id', 'source'],
  notification: ['tenant_id', 'incident_id', 'channel_id'],
  notification_post: ['tenant_id', 'id'],
  digest: ['tenant_id', 'id'],
  rate_budget: ['tenant_id', 'id'],
  thread: ['tenant_id', 'channel_id', 'thread_key'],
  api_key: ['tenant_id', 'id'],
  audit_entry: ['tenant_id', 'id'],
  idempotent_reply: ['tenant_id', 'actor_id', 'idempotency_key'],
  person: ['tenant_id', 'id'],
  person_link: ['tenant_id', 'team_id', 'user_id'],
  slack_receipt: ['tenant_id', 'id'],
  slack_workspace: ['tenant_id', 'name'],
}
