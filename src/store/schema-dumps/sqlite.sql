CREATE TABLE activity ( tenant_id text not null,
  step_hours integer not null,
  at integer not null,
  series_id text not null,
  severity_rank integer not null,
  fired integer not null,
  fired_late integer not null,
  updated integer not null,
  repeated integer not null,
  cleared integer not null,
  closed_unseen integer not null,
  stale integer not null,
  opened integer not null,
  reopened integer not null,
  acknowledged integer not null,
  resolved integer not null,
  primary key (tenant_id,
  step_hours,
  at,
  series_id,
  severity_rank)) without rowid;

CREATE TABLE activity_duration ( tenant_id text not null,
  step_hours integer not null,
  at integer not null,
  series_id text not null,
  severity_rank integer not null,
  kind text not null,
  bucket integer not null,
  n integer not null,
  sum_ms integer not null,
  least_ms integer not null,
  most_ms integer not null,
  primary key (tenant_id,
  step_hours,
  at,
  series_id,
  severity_rank,
  kind,
  bucket)) without rowid;

CREATE TABLE activity_series ( tenant_id text not null,
  id text not null,
  source text not null,
  service text not null,
  cluster text not null,
  primary key (tenant_id,
  id));

CREATE TABLE alert ( tenant_id text not null,
  id text not null,
  source text not null,
  fingerprint text not null,
  current_key text,
  incident_id text,
  status text not null,
  severity_rank integer not null,
  title text not null,
  starts_at integer not null,
  starts_at_text text not null,
  ends_at integer,
  content_hash integer not null,
  changed_at integer not null,
  first_seen_at integer not null,
  last_seen_at integer not null,
  occurrences integer not null,
  "condition" text,
  labels text not null,
  annotations text not null,
  links text not null,
  primary key (tenant_id,
  id));

CREATE INDEX alert_by_incident on alert (tenant_id,
  incident_id,
  id);

CREATE UNIQUE INDEX alert_current on alert (tenant_id,
  current_key);

CREATE TABLE alert_event ( tenant_id text not null,
  id text not null,
  alert_id text not null,
  incident_id text,
  source text not null,
  source_kind text not null,
  delivery_seq integer not null,
  delivery_index integer not null,
  received_at integer not null,
  status text not null,
  observation text not null,
  severity_rank integer not null,
  starts_at integer not null,
  ends_at integer,
  raw text not null,
  primary key (tenant_id,
  id));

CREATE INDEX alert_event_by_alert on alert_event (tenant_id,
  alert_id,
  id);

CREATE TABLE api_key ( tenant_id text not null,
  id text not null,
  name text not null,
  secret_hash text not null,
  scopes text not null,
  created_at integer not null,
  created_by text not null,
  last_used_at integer,
  revoked_at integer,
  primary key (tenant_id,
  id));

CREATE TABLE audit_entry ( tenant_id text not null,
  id text not null,
  at integer not null,
  actor_id text not null,
  actor_name text not null,
  actor_via text not null,
  action text not null,
  subject text not null,
  data text not null,
  primary key (tenant_id,
  id));

CREATE TABLE change_feed (tenant_id text not null,
  seq integer not null,
  at integer not null,
  kind text not null,
  subject_id text not null,
  data text not null,
  primary key (tenant_id,
  seq));

CREATE TABLE deferred_delivery (log_id text not null,
  seq integer not null,
  next_index integer not null,
  primary key (log_id,
  seq));

CREATE TABLE delivery ( partition_index integer not null,
  seq integer not null,
  tenant_id text not null,
  source text not null,
  source_kind text not null,
  received_at integer not null,
  request_id text not null,
  content_type text not null,
  bytes_cut integer not null,
  segment_id text not null,
  segment_bytes integer not null,
  body_offset integer not null,
  body_length integer not null,
  primary key (partition_index,
  seq));

CREATE INDEX delivery_by_source on delivery (source,
  received_at,
  seq);

CREATE INDEX delivery_by_time on delivery (received_at,
  seq);

CREATE TABLE delivery_log (only_row integer not null primary key,
  id text not null,
  partitions integer not null);

CREATE TABLE delivery_partition (partition_index integer not null primary key,
  last_count integer not null,
  trimmed_count integer not null,
  stored_bytes integer not null);

CREATE TABLE delivery_segment (id text not null,
  piece integer not null,
  bytes blob not null,
  primary key (id,
  piece));

CREATE TABLE digest ( tenant_id text not null,
  id text not null,
  channel_id text not null,
  open_key text,
  state text not null,
  root_id text,
  root_place text,
  root_link text,
  root_hash text,
  delivery_id text,
  posting_since integer,
  started_at integer not null,
  last_news_at integer not null,
  ended_at integer,
  updated_at integer not null,
  primary key (tenant_id,
  id));

CREATE UNIQUE INDEX digest_open on digest (tenant_id,
  open_key);

CREATE VIEW grafana_alerts as select e.id as alert_id,
  e.tenant_id,
  e.incident_id,
  a.fingerprint,
  a.title as alert_name,
  e.status,
  case e.severity_rank when 5 then 'critical' when 4 then 'error' when 3 then 'warning' when 2 then 'info' when 1 then 'debug' else 'success' end as severity,
  e.source,
  a.labels,
  a.annotations,
  strftime('%Y-%m-%dT%H:%M:%SZ',
  e.starts_at / 1000,
  'unixepoch') as starts_at,
  strftime('%Y-%m-%dT%H:%M:%SZ',
  e.ends_at / 1000,
  'unixepoch') as ends_at,
  e.raw as raw_payload,
  strftime('%Y-%m-%dT%H:%M:%SZ',
  e.received_at / 1000,
  'unixepoch') as created_at from alert_event e join alert a on a.tenant_id = e.tenant_id and a.id = e.alert_id where e.source_kind = 'grafana';

CREATE TABLE idempotent_reply ( tenant_id text not null,
  actor_id text not null,
  idempotency_key text not null,
  request_hash text not null,
  status integer not null,
  body text not null,
  created_at integer not null,
  primary key (tenant_id,
  actor_id,
  idempotency_key));

CREATE TABLE incident ( tenant_id text not null,
  id text not null,
  number integer not null,
  version integer not null,
  source text not null,
  correlation_key text not null,
  correlation_text text not null,
  open_key text,
  rule_key text,
  title text not null,
  status_rank integer not null,
  severity_rank integer not null,
  service text not null,
  cluster text not null,
  namespace text not null,
  environment text not null,
  labels text not null,
  started_at integer not null,
  opened_at integer not null,
  acknowledged_at integer,
  acknowledged_by text,
  resolved_at integer,
  resolved_by text,
  owner text,
  owner_id text,
  alert_count integer not null,
  firing_count integer not null,
  firing text not null,
  clears_at integer,
  reopen_count integer not null,
  flap_count integer not null,
  flaps_since integer,
  is_flapping integer not null,
  is_noise integer not null,
  peak_rank integer not null,
  is_severity_pinned integer not null,
  silenced_until integer,
  moved_to text,
  updated_at integer not null,
  reopened_at integer,
  words text,
  primary key (tenant_id,
  id));

CREATE INDEX incident_by_key on incident (tenant_id,
  correlation_key,
  resolved_at);

CREATE INDEX incident_by_resolved on incident (tenant_id,
  resolved_at);

CREATE INDEX incident_by_rule on incident (tenant_id,
  rule_key,
  status_rank);

CREATE INDEX incident_by_service on incident (tenant_id,
  service,
  status_rank,
  severity_rank desc,
  started_at desc,
  id desc);

CREATE INDEX incident_by_time on incident (tenant_id,
  started_at,
  id);

CREATE INDEX incident_inbox on incident (tenant_id,
  status_rank,
  severity_rank desc,
  started_at desc,
  id desc);

CREATE UNIQUE INDEX incident_number on incident (tenant_id,
  number);

CREATE UNIQUE INDEX incident_open_key on incident (tenant_id,
  open_key);

CREATE TABLE incident_term (tenant_id text not null,
  term text not null,
  incident_id text not null,
  primary key (tenant_id,
  term,
  incident_id)) without rowid;

CREATE VIEW incidents as select id as incident_id,
  number,
  tenant_id,
  correlation_key as incident_key,
  correlation_text,
  title,
  case status_rank when 0 then 'active' when 1 then 'acknowledged' else 'resolved' end as status,
  case severity_rank when 5 then 'critical' when 4 then 'error' when 3 then 'warning' when 2 then 'info' when 1 then 'debug' else 'success' end as severity,
  source,
  cluster,
  namespace,
  service,
  environment,
  alert_count,
  firing_count,
  is_noise,
  strftime('%Y-%m-%dT%H:%M:%SZ',
  started_at / 1000,
  'unixepoch') as start_time,
  strftime('%Y-%m-%dT%H:%M:%SZ',
  acknowledged_at / 1000,
  'unixepoch') as acknowledged_time,
  strftime('%Y-%m-%dT%H:%M:%SZ',
  resolved_at / 1000,
  'unixepoch') as resolved_time,
  strftime('%Y-%m-%dT%H:%M:%SZ',
  opened_at / 1000,
  'unixepoch') as created_at,
  strftime('%Y-%m-%dT%H:%M:%SZ',
  updated_at / 1000,
  'unixepoch') as updated_at from incident;

CREATE TABLE job ( tenant_id text not null,
  id text not null,
  kind text not null,
  dedupe_key text,
  queue text,
  lane integer not null,
  state text not null,
  run_at integer not null,
  wanted integer not null,
  attempts integer not null,
  first_failed_at integer,
  fence integer not null,
  lease_until integer,
  lease_owner text,
  payload text not null,
  last_error text,
  created_at integer not null,
  updated_at integer not null,
  busy_queue text,
  primary key (tenant_id,
  id));

CREATE UNIQUE INDEX job_busy_queue on job (tenant_id,
  busy_queue);

CREATE INDEX job_by_queue on job (queue,
  state,
  lane,
  run_at);

CREATE UNIQUE INDEX job_dedupe on job (tenant_id,
  dedupe_key);

CREATE INDEX job_due on job (state,
  lane,
  run_at,
  id,
  queue);

CREATE TABLE lease ( name text not null,
  owner text,
  fence integer not null,
  held_until integer not null,
  taken_at integer not null,
  ran_at integer,
  primary key (name));

CREATE TABLE log_position (log_id text not null,
  consumer text not null,
  seq integer not null,
  primary key (log_id,
  consumer));

CREATE TABLE node ( id text not null,
  name text not null,
  address text not null,
  version text not null,
  pid integer not null,
  machine text not null,
  state text not null,
  state_reason text,
  steps text not null,
  clock_offset_ms integer not null,
  started_at integer not null,
  heartbeat_at integer not null,
  primary key (id));

CREATE TABLE notification ( tenant_id text not null,
  incident_id text not null,
  channel_id text not null,
  state text not null,
  generation integer not null,
  root_id text,
  root_place text,
  root_link text,
  shown text,
  delivery_id text,
  delivery_kind text,
  posting_since integer,
  blocked_reason text,
  updated_at integer not null,
  root_hash text,
  last_news text,
  previous_link text,
  digest_id text,
  fallback_for text,
  root_begun_at integer,
  is_root_critical integer,
  primary key (tenant_id,
  incident_id,
  channel_id));

CREATE INDEX notification_by_digest on notification (tenant_id,
  digest_id,
  state);

CREATE INDEX notification_by_new_root on notification (tenant_id,
  channel_id,
  root_begun_at,
  is_root_critical);

CREATE INDEX notification_by_root on notification (tenant_id,
  channel_id,
  root_id);

CREATE INDEX notification_by_state on notification (tenant_id,
  state,
  updated_at);

CREATE TABLE notification_post ( tenant_id text not null,
  id text not null,
  incident_id text not null,
  channel_id text not null,
  kind text not null,
  external_id text not null,
  thread_id text,
  posted_at integer not null,
  body text,
  primary key (tenant_id,
  id));

CREATE INDEX notification_post_by_incident on notification_post (tenant_id,
  incident_id,
  id);

CREATE TABLE person ( tenant_id text not null,
  id text not null,
  name text not null,
  email text not null,
  role text not null,
  removed_at integer,
  primary key (tenant_id,
  id));

CREATE UNIQUE INDEX person_email on person (tenant_id,
  email);

CREATE TABLE person_link ( tenant_id text not null,
  team_id text not null,
  user_id text not null,
  person_id text not null,
  linked_at integer not null,
  primary key (tenant_id,
  team_id,
  user_id));

CREATE TABLE quarantine ( tenant_id text not null,
  id text not null,
  source text not null,
  source_kind text not null,
  delivery_seq integer not null,
  delivery_index integer not null,
  path text not null,
  reason text not null,
  raw text not null,
  received_at integer not null,
  quarantined_at integer not null,
  replayed_at integer,
  primary key (tenant_id,
  id));

CREATE INDEX quarantine_open on quarantine (tenant_id,
  replayed_at,
  id);

CREATE TABLE rate_budget ( tenant_id text not null,
  id text not null,
  millitokens integer not null,
  updated_at integer not null,
  paused_until integer not null,
  primary key (tenant_id,
  id));

CREATE TABLE schema_step (name text not null primary key,
  breaking integer not null,
  applied_at integer not null);

CREATE TABLE sequence (tenant_id text not null,
  name text not null,
  value integer not null,
  primary key (tenant_id,
  name));

CREATE TABLE sign_of_life (tenant_id text not null,
  name text not null,
  seen_at integer not null,
  events integer not null,
  primary key (tenant_id,
  name));

CREATE TABLE slack_receipt ( tenant_id text not null,
  id text not null,
  payload_id text not null,
  workspace text not null,
  request text not null,
  received_at integer not null,
  handled_at integer,
  primary key (tenant_id,
  id));

CREATE INDEX slack_receipt_age on slack_receipt (tenant_id,
  received_at);

CREATE UNIQUE INDEX slack_receipt_payload on slack_receipt (tenant_id,
  payload_id);

CREATE TABLE slack_workspace ( tenant_id text not null,
  name text not null,
  token_hash text not null,
  team_id text not null,
  bot_user_id text not null,
  app_id text,
  seen_at integer not null,
  primary key (tenant_id,
  name));

CREATE TABLE source_ledger ( tenant_id text not null,
  source text not null,
  deliveries integer not null,
  events_read integer not null,
  events_linked integer not null,
  events_suppressed integer not null,
  events_quarantined integer not null,
  last_received_at integer not null,
  primary key (tenant_id,
  source));

CREATE TABLE thread ( tenant_id text not null,
  channel_id text not null,
  thread_key text not null,
  ts text not null,
  updated_at integer not null,
  primary key (tenant_id,
  channel_id,
  thread_key));

CREATE TABLE timeline_entry ( tenant_id text not null,
  id text not null,
  incident_id text not null,
  at integer not null,
  kind text not null,
  reason text not null,
  actor_id text not null,
  actor_name text not null,
  actor_via text not null,
  data text not null,
  primary key (tenant_id,
  incident_id,
  id));

CREATE TABLE upkeep (tenant_id text not null,
  name text not null,
  done_to text not null,
  until text not null,
  primary key (tenant_id,
  name));
