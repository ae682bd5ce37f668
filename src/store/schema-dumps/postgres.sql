create table activity (
  tenant_id character varying(160) collate "C" not null,
  step_hours integer not null,
  at bigint not null,
  series_id character varying(160) collate "C" not null,
  severity_rank integer not null,
  fired bigint not null,
  fired_late bigint not null,
  updated bigint not null,
  repeated bigint not null,
  cleared bigint not null,
  closed_unseen bigint not null,
  stale bigint not null,
  opened bigint not null,
  reopened bigint not null,
  acknowledged bigint not null,
  resolved bigint not null);
CREATE UNIQUE INDEX activity_pkey ON public.activity USING btree (tenant_id, step_hours, at, series_id, severity_rank);

create table activity_duration (
  tenant_id character varying(160) collate "C" not null,
  step_hours integer not null,
  at bigint not null,
  series_id character varying(160) collate "C" not null,
  severity_rank integer not null,
  kind character varying(160) collate "C" not null,
  bucket integer not null,
  n bigint not null,
  sum_ms bigint not null,
  least_ms bigint not null,
  most_ms bigint not null);
CREATE UNIQUE INDEX activity_duration_pkey ON public.activity_duration USING btree (tenant_id, step_hours, at, series_id, severity_rank, kind, bucket);

create table activity_series (
  tenant_id character varying(160) collate "C" not null,
  id character varying(160) collate "C" not null,
  source character varying(160) collate "C" not null,
  service character varying(255) collate "C" not null,
  cluster character varying(255) collate "C" not null);
CREATE UNIQUE INDEX activity_series_pkey ON public.activity_series USING btree (tenant_id, id);

create table alert (
  tenant_id character varying(160) collate "C" not null,
  id character varying(160) collate "C" not null,
  source character varying(160) collate "C" not null,
  fingerprint character varying(255) collate "C" not null,
  current_key character varying(255) collate "C",
  incident_id character varying(160) collate "C",
  status character varying(160) collate "C" not null,
  severity_rank integer not null,
  title text collate "C" not null,
  starts_at bigint not null,
  starts_at_text character varying(160) collate "C" not null,
  ends_at bigint,
  content_hash bigint not null,
  changed_at bigint not null,
  first_seen_at bigint not null,
  last_seen_at bigint not null,
  occurrences bigint not null,
  condition character varying(160) collate "C",
  labels text collate "C" not null,
  annotations text collate "C" not null,
  links text collate "C" not null);
CREATE INDEX alert_by_incident ON public.alert USING btree (tenant_id, incident_id, id);
CREATE UNIQUE INDEX alert_current ON public.alert USING btree (tenant_id, current_key);
CREATE UNIQUE INDEX alert_pkey ON public.alert USING btree (tenant_id, id);

create table alert_event (
  tenant_id character varying(160) collate "C" not null,
  id character varying(160) collate "C" not null,
  alert_id character varying(160) collate "C" not null,
  incident_id character varying(160) collate "C",
  source character varying(160) collate "C" not null,
  source_kind character varying(160) collate "C" not null,
  delivery_seq bigint not null,
  delivery_index integer not null,
  received_at bigint not null,
  status character varying(160) collate "C" not null,
  observation character varying(160) collate "C" not null,
  severity_rank integer not null,
  starts_at bigint not null,
  ends_at bigint,
  raw text collate "C" not null);
CREATE INDEX alert_event_by_alert ON public.alert_event USING btree (tenant_id, alert_id, id);
CREATE UNIQUE INDEX alert_event_pkey ON public.alert_event USING btree (tenant_id, id);

create table api_key (
  tenant_id character varying(160) collate "C" not null,
  id character varying(160) collate "C" not null,
  name character varying(255) collate "C" not null,
  secret_hash character varying(160) collate "C" not null,
  scopes character varying(255) collate "C" not null,
  created_at bigint not null,
  created_by character varying(255) collate "C" not null,
  last_used_at bigint,
  revoked_at bigint);
CREATE UNIQUE INDEX api_key_pkey ON public.api_key USING btree (tenant_id, id);

create table audit_entry (
  tenant_id character varying(160) collate "C" not null,
  id character varying(160) collate "C" not null,
  at bigint not null,
  actor_id character varying(255) collate "C" not null,
  actor_name character varying(255) collate "C" not null,
  actor_via character varying(160) collate "C" not null,
  action character varying(160) collate "C" not null,
  subject character varying(255) collate "C" not null,
  data text collate "C" not null);
CREATE UNIQUE INDEX audit_entry_pkey ON public.audit_entry USING btree (tenant_id, id);

create table change_feed (
  tenant_id character varying(160) collate "C" not null,
  seq bigint not null,
  at bigint not null,
  kind character varying(160) collate "C" not null,
  subject_id character varying(160) collate "C" not null,
  data text collate "C" not null);
CREATE UNIQUE INDEX change_feed_pkey ON public.change_feed USING btree (tenant_id, seq);

create table deferred_delivery (
  log_id character varying(160) collate "C" not null,
  seq bigint not null,
  next_index integer not null);
CREATE UNIQUE INDEX deferred_delivery_pkey ON public.deferred_delivery USING btree (log_id, seq);

create table delivery (
  partition_index integer not null,
  seq bigint not null,
  tenant_id character varying(160) collate "C" not null,
  source character varying(160) collate "C" not null,
  source_kind character varying(160) collate "C" not null,
  received_at bigint not null,
  request_id character varying(160) collate "C" not null,
  content_type character varying(255) collate "C" not null,
  bytes_cut bigint not null,
  segment_id character varying(160) collate "C" not null,
  segment_bytes bigint not null,
  body_offset bigint not null,
  body_length bigint not null);
CREATE INDEX delivery_by_source ON public.delivery USING btree (source, received_at, seq);
CREATE INDEX delivery_by_time ON public.delivery USING btree (received_at, seq);
CREATE UNIQUE INDEX delivery_pkey ON public.delivery USING btree (partition_index, seq);

create table delivery_log (
  only_row integer not null,
  id character varying(160) collate "C" not null,
  partitions integer not null);
CREATE UNIQUE INDEX delivery_log_pkey ON public.delivery_log USING btree (only_row);

create table delivery_partition (
  partition_index integer not null,
  last_count bigint not null,
  trimmed_count bigint not null,
  stored_bytes bigint not null);
CREATE UNIQUE INDEX delivery_partition_pkey ON public.delivery_partition USING btree (partition_index);

create table delivery_segment (
  id character varying(160) collate "C" not null,
  piece integer not null,
  bytes bytea not null);
CREATE UNIQUE INDEX delivery_segment_pkey ON public.delivery_segment USING btree (id, piece);

create table digest (
  tenant_id character varying(160) collate "C" not null,
  id character varying(160) collate "C" not null,
  channel_id character varying(160) collate "C" not null,
  open_key character varying(255) collate "C",
  state character varying(160) collate "C" not null,
  root_id character varying(160) collate "C",
  root_place character varying(160) collate "C",
  root_link text collate "C",
  root_hash character varying(160) collate "C",
  delivery_id character varying(160) collate "C",
  posting_since bigint,
  started_at bigint not null,
  last_news_at bigint not null,
  ended_at bigint,
  updated_at bigint not null);
CREATE UNIQUE INDEX digest_open ON public.digest USING btree (tenant_id, open_key);
CREATE UNIQUE INDEX digest_pkey ON public.digest USING btree (tenant_id, id);

create table idempotent_reply (
  tenant_id character varying(160) collate "C" not null,
  actor_id character varying(255) collate "C" not null,
  idempotency_key character varying(255) collate "C" not null,
  request_hash character varying(160) collate "C" not null,
  status integer not null,
  body text collate "C" not null,
  created_at bigint not null);
CREATE UNIQUE INDEX idempotent_reply_pkey ON public.idempotent_reply USING btree (tenant_id, actor_id, idempotency_key);

create table incident (
  tenant_id character varying(160) collate "C" not null,
  id character varying(160) collate "C" not null,
  number bigint not null,
  version bigint not null,
  source character varying(160) collate "C" not null,
  correlation_key character varying(160) collate "C" not null,
  correlation_text text collate "C" not null,
  open_key character varying(160) collate "C",
  rule_key character varying(255) collate "C",
  title text collate "C" not null,
  status_rank integer not null,
  severity_rank integer not null,
  service character varying(255) collate "C" not null,
  cluster character varying(255) collate "C" not null,
  namespace character varying(255) collate "C" not null,
  environment character varying(255) collate "C" not null,
  labels text collate "C" not null,
  started_at bigint not null,
  opened_at bigint not null,
  acknowledged_at bigint,
  acknowledged_by text collate "C",
  resolved_at bigint,
  resolved_by text collate "C",
  owner text collate "C",
  owner_id character varying(255) collate "C",
  alert_count bigint not null,
  firing_count bigint not null,
  firing text collate "C" not null,
  clears_at bigint,
  reopen_count integer not null,
  flap_count integer not null,
  flaps_since bigint,
  is_flapping integer not null,
  is_noise integer not null,
  peak_rank integer not null,
  is_severity_pinned integer not null,
  silenced_until bigint,
  moved_to character varying(160) collate "C",
  updated_at bigint not null,
  reopened_at bigint,
  words text collate "C");
CREATE INDEX incident_by_key ON public.incident USING btree (tenant_id, correlation_key, resolved_at);
CREATE INDEX incident_by_resolved ON public.incident USING btree (tenant_id, resolved_at);
CREATE INDEX incident_by_rule ON public.incident USING btree (tenant_id, rule_key, status_rank);
CREATE INDEX incident_by_service ON public.incident USING btree (tenant_id, service, status_rank, severity_rank DESC, started_at DESC, id DESC);
CREATE INDEX incident_by_time ON public.incident USING btree (tenant_id, started_at, id);
CREATE INDEX incident_inbox ON public.incident USING btree (tenant_id, status_rank, severity_rank DESC, started_at DESC, id DESC);
CREATE UNIQUE INDEX incident_number ON public.incident USING btree (tenant_id, number);
CREATE UNIQUE INDEX incident_open_key ON public.incident USING btree (tenant_id, open_key);
CREATE UNIQUE INDEX incident_pkey ON public.incident USING btree (tenant_id, id);

create table incident_term (
  tenant_id character varying(160) collate "C" not null,
  term character varying(160) collate "C" not null,
  incident_id character varying(160) collate "C" not null);
CREATE UNIQUE INDEX incident_term_pkey ON public.incident_term USING btree (tenant_id, term, incident_id);

create table job (
  tenant_id character varying(160) collate "C" not null,
  id character varying(160) collate "C" not null,
  kind character varying(160) collate "C" not null,
  dedupe_key character varying(255) collate "C",
  queue character varying(255) collate "C",
  lane integer not null,
  state character varying(160) collate "C" not null,
  run_at bigint not null,
  wanted bigint not null,
  attempts integer not null,
  first_failed_at bigint,
  fence bigint not null,
  lease_until bigint,
  lease_owner character varying(255) collate "C",
  payload text collate "C" not null,
  last_error text collate "C",
  created_at bigint not null,
  updated_at bigint not null,
  busy_queue character varying(255) collate "C");
CREATE UNIQUE INDEX job_busy_queue ON public.job USING btree (tenant_id, busy_queue);
CREATE INDEX job_by_queue ON public.job USING btree (queue, state, lane, run_at);
CREATE UNIQUE INDEX job_dedupe ON public.job USING btree (tenant_id, dedupe_key);
CREATE INDEX job_due ON public.job USING btree (state, lane, run_at, id, queue);
CREATE UNIQUE INDEX job_pkey ON public.job USING btree (tenant_id, id);

create table lease (
  name character varying(160) collate "C" not null,
  owner character varying(160) collate "C",
  fence bigint not null,
  held_until bigint not null,
  taken_at bigint not null,
  ran_at bigint);
CREATE UNIQUE INDEX lease_pkey ON public.lease USING btree (name);

create table log_position (
  log_id character varying(160) collate "C" not null,
  consumer character varying(160) collate "C" not null,
  seq bigint not null);
CREATE UNIQUE INDEX log_position_pkey ON public.log_position USING btree (log_id, consumer);

create table node (
  id character varying(160) collate "C" not null,
  name character varying(255) collate "C" not null,
  address character varying(255) collate "C" not null,
  version character varying(255) collate "C" not null,
  pid integer not null,
  machine character varying(255) collate "C" not null,
  state character varying(160) collate "C" not null,
  state_reason text collate "C",
  steps text collate "C" not null,
  clock_offset_ms bigint not null,
  started_at bigint not null,
  heartbeat_at bigint not null);
CREATE UNIQUE INDEX node_pkey ON public.node USING btree (id);

create table notification (
  tenant_id character varying(160) collate "C" not null,
  incident_id character varying(160) collate "C" not null,
  channel_id character varying(160) collate "C" not null,
  state character varying(160) collate "C" not null,
  generation integer not null,
  root_id character varying(160) collate "C",
  root_place character varying(160) collate "C",
  root_link text collate "C",
  shown text collate "C",
  delivery_id character varying(160) collate "C",
  delivery_kind character varying(160) collate "C",
  posting_since bigint,
  blocked_reason text collate "C",
  updated_at bigint not null,
  root_hash character varying(160) collate "C",
  last_news character varying(160) collate "C",
  previous_link text collate "C",
  digest_id character varying(160) collate "C",
  fallback_for character varying(255) collate "C",
  root_begun_at bigint,
  is_root_critical integer);
CREATE INDEX notification_by_digest ON public.notification USING btree (tenant_id, digest_id, state);
CREATE INDEX notification_by_new_root ON public.notification USING btree (tenant_id, channel_id, root_begun_at, is_root_critical);
CREATE INDEX notification_by_root ON public.notification USING btree (tenant_id, channel_id, root_id);
CREATE INDEX notification_by_state ON public.notification USING btree (tenant_id, state, updated_at);
CREATE UNIQUE INDEX notification_pkey ON public.notification USING btree (tenant_id, incident_id, channel_id);

create table notification_post (
  tenant_id character varying(160) collate "C" not null,
  id character varying(160) collate "C" not null,
  incident_id character varying(160) collate "C" not null,
  channel_id character varying(160) collate "C" not null,
  kind character varying(160) collate "C" not null,
  external_id character varying(160) collate "C" not null,
  thread_id character varying(160) collate "C",
  posted_at bigint not null,
  body text collate "C");
CREATE INDEX notification_post_by_incident ON public.notification_post USING btree (tenant_id, incident_id, id);
CREATE UNIQUE INDEX notification_post_pkey ON public.notification_post USING btree (tenant_id, id);

create table person (
  tenant_id character varying(160) collate "C" not null,
  id character varying(160) collate "C" not null,
  name character varying(255) collate "C" not null,
  email character varying(255) collate "C" not null,
  role character varying(160) collate "C" not null,
  removed_at bigint);
CREATE UNIQUE INDEX person_email ON public.person USING btree (tenant_id, email);
CREATE UNIQUE INDEX person_pkey ON public.person USING btree (tenant_id, id);

create table person_link (
  tenant_id character varying(160) collate "C" not null,
  team_id character varying(160) collate "C" not null,
  user_id character varying(160) collate "C" not null,
  person_id character varying(160) collate "C" not null,
  linked_at bigint not null);
CREATE UNIQUE INDEX person_link_pkey ON public.person_link USING btree (tenant_id, team_id, user_id);

create table quarantine (
  tenant_id character varying(160) collate "C" not null,
  id character varying(160) collate "C" not null,
  source character varying(160) collate "C" not null,
  source_kind character varying(160) collate "C" not null,
  delivery_seq bigint not null,
  delivery_index integer not null,
  path text collate "C" not null,
  reason text collate "C" not null,
  raw text collate "C" not null,
  received_at bigint not null,
  quarantined_at bigint not null,
  replayed_at bigint);
CREATE INDEX quarantine_open ON public.quarantine USING btree (tenant_id, replayed_at, id);
CREATE UNIQUE INDEX quarantine_pkey ON public.quarantine USING btree (tenant_id, id);

create table rate_budget (
  tenant_id character varying(160) collate "C" not null,
  id character varying(255) collate "C" not null,
  millitokens bigint not null,
  updated_at bigint not null,
  paused_until bigint not null);
CREATE UNIQUE INDEX rate_budget_pkey ON public.rate_budget USING btree (tenant_id, id);

create table schema_step (
  name character varying(160) collate "C" not null,
  breaking integer not null,
  applied_at bigint not null);
CREATE UNIQUE INDEX schema_step_pkey ON public.schema_step USING btree (name);

create table sequence (
  tenant_id character varying(160) collate "C" not null,
  name character varying(160) collate "C" not null,
  value bigint not null);
CREATE UNIQUE INDEX sequence_pkey ON public.sequence USING btree (tenant_id, name);

create table sign_of_life (
  tenant_id character varying(160) collate "C" not null,
  name character varying(255) collate "C" not null,
  seen_at bigint not null,
  events bigint not null);
CREATE UNIQUE INDEX sign_of_life_pkey ON public.sign_of_life USING btree (tenant_id, name);

create table slack_receipt (
  tenant_id character varying(160) collate "C" not null,
  id character varying(160) collate "C" not null,
  payload_id character varying(255) collate "C" not null,
  workspace character varying(160) collate "C" not null,
  request text collate "C" not null,
  received_at bigint not null,
  handled_at bigint);
CREATE INDEX slack_receipt_age ON public.slack_receipt USING btree (tenant_id, received_at);
CREATE UNIQUE INDEX slack_receipt_payload ON public.slack_receipt USING btree (tenant_id, payload_id);
CREATE UNIQUE INDEX slack_receipt_pkey ON public.slack_receipt USING btree (tenant_id, id);

create table slack_workspace (
  tenant_id character varying(160) collate "C" not null,
  name character varying(160) collate "C" not null,
  token_hash character varying(160) collate "C" not null,
  team_id character varying(160) collate "C" not null,
  bot_user_id character varying(160) collate "C" not null,
  app_id character varying(160) collate "C",
  seen_at bigint not null);
CREATE UNIQUE INDEX slack_workspace_pkey ON public.slack_workspace USING btree (tenant_id, name);

create table source_ledger (
  tenant_id character varying(160) collate "C" not null,
  source character varying(160) collate "C" not null,
  deliveries bigint not null,
  events_read bigint not null,
  events_linked bigint not null,
  events_suppressed bigint not null,
  events_quarantined bigint not null,
  last_received_at bigint not null);
CREATE UNIQUE INDEX source_ledger_pkey ON public.source_ledger USING btree (tenant_id, source);

create table thread (
  tenant_id character varying(160) collate "C" not null,
  channel_id character varying(160) collate "C" not null,
  thread_key character varying(255) collate "C" not null,
  ts character varying(160) collate "C" not null,
  updated_at bigint not null);
CREATE UNIQUE INDEX thread_pkey ON public.thread USING btree (tenant_id, channel_id, thread_key);

create table timeline_entry (
  tenant_id character varying(160) collate "C" not null,
  id character varying(160) collate "C" not null,
  incident_id character varying(160) collate "C" not null,
  at bigint not null,
  kind character varying(160) collate "C" not null,
  reason text collate "C" not null,
  actor_id character varying(255) collate "C" not null,
  actor_name character varying(255) collate "C" not null,
  actor_via character varying(160) collate "C" not null,
  data text collate "C" not null);
CREATE UNIQUE INDEX timeline_entry_pkey ON public.timeline_entry USING btree (tenant_id, incident_id, id);

create table upkeep (
  tenant_id character varying(160) collate "C" not null,
  name character varying(160) collate "C" not null,
  done_to character varying(160) collate "C" not null,
  until character varying(160) collate "C" not null);
CREATE UNIQUE INDEX upkeep_pkey ON public.upkeep USING btree (tenant_id, name);

create view grafana_alerts as SELECT e.id AS alert_id,
    e.tenant_id,
    e.incident_id,
    a.fingerprint,
    a.title AS alert_name,
    e.status,
        CASE e.severity_rank
            WHEN 5 THEN 'critical'::text
            WHEN 4 THEN 'error'::text
            WHEN 3 THEN 'warning'::text
            WHEN 2 THEN 'info'::text
            WHEN 1 THEN 'debug'::text
            ELSE 'success'::text
        END AS severity,
    e.source,
    a.labels,
    a.annotations,
    to_char((to_timestamp(((e.starts_at / 1000))::double precision) AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'::text) AS starts_at,
    to_char((to_timestamp(((e.ends_at / 1000))::double precision) AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'::text) AS ends_at,
    e.raw AS raw_payload,
    to_char((to_timestamp(((e.received_at / 1000))::double precision) AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'::text) AS created_at
   FROM (alert_event e
     JOIN alert a ON ((((a.tenant_id)::text = (e.tenant_id)::text) AND ((a.id)::text = (e.alert_id)::text))))
  WHERE ((e.source_kind)::text = 'grafana'::text);

create view incidents as SELECT incident.id AS incident_id,
    incident.number,
    incident.tenant_id,
    incident.correlation_key AS incident_key,
    incident.correlation_text,
    incident.title,
        CASE incident.status_rank
            WHEN 0 THEN 'active'::text
            WHEN 1 THEN 'acknowledged'::text
            ELSE 'resolved'::text
        END AS status,
        CASE incident.severity_rank
            WHEN 5 THEN 'critical'::text
            WHEN 4 THEN 'error'::text
            WHEN 3 THEN 'warning'::text
            WHEN 2 THEN 'info'::text
            WHEN 1 THEN 'debug'::text
            ELSE 'success'::text
        END AS severity,
    incident.source,
    incident.cluster,
    incident.namespace,
    incident.service,
    incident.environment,
    incident.alert_count,
    incident.firing_count,
    incident.is_noise,
    to_char((to_timestamp(((incident.started_at / 1000))::double precision) AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'::text) AS start_time,
    to_char((to_timestamp(((incident.acknowledged_at / 1000))::double precision) AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'::text) AS acknowledged_time,
    to_char((to_timestamp(((incident.resolved_at / 1000))::double precision) AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'::text) AS resolved_time,
    to_char((to_timestamp(((incident.opened_at / 1000))::double precision) AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'::text) AS created_at,
    to_char((to_timestamp(((incident.updated_at / 1000))::double precision) AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'::text) AS updated_at
   FROM incident;
