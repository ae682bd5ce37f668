/**
 * Every table of the main database as Kysely sees it. Written for three engines at once: ids are made by the
 * program, instants are milliseconds since 1970 in 64-bit integers, booleans are 0/1, JSON is text that the
 * reader decodes, and `tenant_id` leads every key. Table docs stand with the statement that creates them.
 */
export interface Schema {
  incident: IncidentTable
  alert: AlertTable
  alert_event: AlertEventTable
  timeline_entry: TimelineEntryTable
  job: JobTable
  sequence: SequenceTable
  change_feed: ChangeFeedTable
  log_position: LogPositionTable
  deferred_delivery: DeferredDeliveryTable
  quarantine: QuarantineTable
  source_ledger: SourceLedgerTable
  notification: NotificationTable
  notification_post: NotificationPostTable
  digest: DigestTable
  rate_budget: RateBudgetTable
  thread: ThreadTable
  api_key: ApiKeyTable
  audit_entry: AuditEntryTable
  idempotent_reply: IdempotentReplyTable
  person: PersonTable
  person_link: PersonLinkTable
  slack_receipt: SlackReceiptTable
  slack_workspace: SlackWorkspaceTable
  delivery_log: DeliveryLogTable
  delivery_partition: DeliveryPartitionTable
  delivery: DeliveryTable
  delivery_segment: DeliverySegmentTable
  node: NodeTable
  lease: LeaseTable
  incident_term: IncidentTermTable
  activity_series: ActivitySeriesTable
  activity: ActivityTable
  activity_duration: ActivityDurationTable
  upkeep: UpkeepTable
  sign_of_life: SignOfLifeTable
}

export interface IncidentTable {
  tenant_id: string
  id: string
  number: number
  version: number
  source: string
  /** sha-256 of the correlation material, hex. */
  correlation_key: string
  correlation_text: string
  /** The correlation key while the incident is open, else NULL: its unique index allows one open incident per key. */
  open_key: string | null
  rule_key: string | null
  title: string
  /** 0 active, 1 acknowledged, 2 resolved: the order of the inbox. */
  status_rank: number
  severity_rank: number
  service: string
  cluster: string
  namespace: string
  environment: string
  labels: string
  started_at: number
  opened_at: number
  acknowledged_at: number | null
  acknowledged_by: string | null
  resolved_at: number | null
  resolved_by: string | null
  owner: string | null
  owner_id: string | null
  alert_count: number
  firing_count: number
  firing: string
  clears_at: number | null
  reopen_count: number
  flap_count: number
  flaps_since: number | null
  is_flapping: number
  is_noise: number
  /** Rank of the highest severity it ever had since it opened. */
  peak_rank: number
  /** 1: a person set the severity; alerts only raise it from there. */
  is_severity_pinned: number
  /** Notices are held back until then; the largest safe integer = until it is resolved. */
  silenced_until: number | null
  /** The channel that a person moved it to. */
  moved_to: string | null
  updated_at: number
  reopened_at: number | null
  /** The terms that it is found by, each after a blank; NULL until it is indexed. Written by the index alone. */
  words: string | null
}

export interface AlertTable {
  tenant_id: string
  id: string
  source: string
  fingerprint: string
  /** `source` and fingerprint while this row is the current state of that fingerprint, NULL once a later episode joined another incident. */
  current_key: string | null
  incident_id: string | null
  status: 'firing' | 'resolved'
  severity_rank: number
  title: string
  starts_at: number
  starts_at_text: string
  ends_at: number | null
  content_hash: number
  changed_at: number
  first_seen_at: number
  last_seen_at: number
  occurrences: number
  condition: string | null
  labels: string
  annotations: string
  links: string
}

export interface AlertEventTable {
  tenant_id: string
  id: string
  alert_id: string
  incident_id: string | null
  source: string
  source_kind: string
  delivery_seq: number
  delivery_index: number
  received_at: number
  status: 'firing' | 'resolved'
  observation: string
  severity_rank: number
  starts_at: number
  ends_at: number | null
  raw: string
}

export interface TimelineEntryTable {
  tenant_id: string
  id: string
  incident_id: string
  at: number
  kind: string
  reason: string
  actor_id: string
  actor_name: string
  actor_via: string
  data: string
}

export interface JobTable {
  tenant_id: string
  id: string
  kind: string
  /** At most one waiting or running job has it; enqueueing again asks the same row to run once more. */
  dedupe_key: string | null
  /** Jobs of one queue run one after another (a Slack channel); NULL = no such limit. */
  queue: string | null
  /** The queue while the job runs, else NULL: its unique index allows one running job of a queue, on whichever node. */
  busy_queue: string | null
  lane: number
  state: 'waiting' | 'running' | 'dead'
  run_at: number
  /** How often it was asked for; a finished run only ends the job if nobody asked again meanwhile. */
  wanted: number
  attempts: number
  first_failed_at: number | null
  /** Grows with every claim; a worker whose number is old has lost the job. */
  fence: number
  lease_until: number | null
  lease_owner: string | null
  payload: string
  last_error: string | null
  created_at: number
  updated_at: number
}

/** Counters that grow in the order of commits: the row is locked until the transaction ends. */
export interface SequenceTable {
  tenant_id: string
  name: string
  value: number
}

/** What changed, in commit order, for live streams. Trimmed to the last hours. */
export interface ChangeFeedTable {
  tenant_id: string
  seq: number
  at: number
  kind: string
  subject_id: string
  data: string
}

/** How far a consumer has folded a delivery log. Committed with the effects: that is what makes the effect exactly-once. */
export interface LogPositionTable {
  log_id: string
  consumer: string
  seq: number
}

/** A delivery too large for one transaction: folded in slices beside the others, so that it holds up nobody. */
export interface DeferredDeliveryTable {
  log_id: string
  seq: number
  next_index: number
}

export interface QuarantineTable {
  tenant_id: string
  id: string
  source: string
  source_kind: string
  delivery_seq: number
  /** Where in the delivery; -1 = the whole delivery. */
  delivery_index: number
  path: string
  reason: string
  raw: string
  received_at: number
  quarantined_at: number
  replayed_at: number | null
}

/** Count-in, count-out per source: read = linked + suppressed + quarantined. */
export interface SourceLedgerTable {
  tenant_id: string
  source: string
  deliveries: number
  events_read: number
  events_linked: number
  events_suppressed: number
  events_quarantined: number
  last_received_at: number
}

/** What one channel shows of one incident, and what is wanted of it. */
export interface NotificationTable {
  tenant_id: string
  incident_id: string
  channel_id: string
  /** idle, posting (an answer is awaited), ambiguous (the answer was lost), blocked (a person must repair something), digested (told in a digest). */
  state: 'idle' | 'posting' | 'ambiguous' | 'blocked' | 'digested'
  /** Grows when a root had to be posted anew because the old one is gone. */
  generation: number
  root_id: string | null
  /** Where the root really is, e.g. the Slack channel id that the answer named. */
  root_place: string | null
  root_link: string | null
  /** What the channel has been told: see `ShownState` in notify. */
  shown: string | null
  /** Id of the message under way; the receiver keeps it as metadata so that a lost answer can be looked up. */
  delivery_id: string | null
  delivery_kind: string | null
  posting_since: number | null
  blocked_reason: string | null
  updated_at: number
  /** Names what the root shows now; another name means that it must be edited. */
  root_hash: string | null
  /** The timeline entry up to which notes were told. */
  last_news: string | null
  /** The address of the root before this generation. */
  previous_link: string | null
  /** The digest that tells or told it. */
  digest_id: string | null
  /** The channel that could not be told, where this one stands in for it. */
  fallback_for: string | null
  /** When its first root was begun; NULL when it has none, or one of before this was noted. */
  root_begun_at: number | null
  /** 1: the incident was critical then. */
  is_root_critical: number | null
}

/** One message that tells many incidents, while a channel has more to tell than people can read. */
export interface DigestTable {
  tenant_id: string
  id: string
  channel_id: string
  /** The channel while the storm goes on, else NULL: its unique index allows one storm at a time. */
  open_key: string | null
  state: 'idle' | 'posting' | 'ambiguous'
  root_id: string | null
  root_place: string | null
  root_link: string | null
  root_hash: string | null
  delivery_id: string | null
  posting_since: number | null
  started_at: number
  /** When it last took an incident in. */
  last_news_at: number
  ended_at: number | null
  updated_at: number
}

/** A token bucket that all nodes draw from. */
export interface RateBudgetTable {
  tenant_id: string
  id: string
  /** Thousandths of a token, as of `updated_at`. */
  millitokens: number
  updated_at: number
  /** The receiver asked for a pause until then. */
  paused_until: number
}

/** One row per message that a channel confirmed; the would-be messages of the preview channel keep their body. */
export interface NotificationPostTable {
  tenant_id: string
  id: string
  incident_id: string
  channel_id: string
  kind: string
  external_id: string
  thread_id: string | null
  posted_at: number
  body: string | null
}

export interface ThreadTable {
  tenant_id: string
  channel_id: string
  thread_key: string
  ts: string
  updated_at: number
}

export interface ApiKeyTable {
  tenant_id: string
  id: string
  name: string
  secret_hash: string
  scopes: string
  created_at: number
  created_by: string
  last_used_at: number | null
  revoked_at: number | null
}

export interface AuditEntryTable {
  tenant_id: string
  id: string
  at: number
  actor_id: string
  actor_name: string
  actor_via: string
  action: string
  subject: string
  data: string
}

/** Answers already given to commands that carried an Idempotency-Key. */
export interface IdempotentReplyTable {
  tenant_id: string
  actor_id: string
  idempotency_key: string
  request_hash: string
  status: number
  body: string
  created_at: number
}

/** Somebody whom the configuration names. Those it names no more stay, because timelines refer to them. */
export interface PersonTable {
  tenant_id: string
  id: string
  name: string
  /** In lower case. */
  email: string
  role: string
  removed_at: number | null
}

/** Which person a chat account belongs to. */
export interface PersonLinkTable {
  tenant_id: string
  team_id: string
  user_id: string
  person_id: string
  linked_at: number
}

/** What somebody asked for in Slack, stored before Slack is answered. */
export interface SlackReceiptTable {
  tenant_id: string
  id: string
  /** Names the click, command or event: a second copy of it is not stored. */
  payload_id: string
  workspace: string
  request: string
  received_at: number
  handled_at: number | null
}

/** What Slack said of the workspace of a bot token. */
export interface SlackWorkspaceTable {
  tenant_id: string
  name: string
  /** Of the token that was asked: with another token all of it is unknown. */
  token_hash: string
  team_id: string
  bot_user_id: string
  /** Of the first request whose signature was right; NULL before. */
  app_id: string | null
  seen_at: number
}

/** The one row of the delivery log that is kept in this database. */
export interface DeliveryLogTable {
  only_row: number
  id: string
  partitions: number
}

/** The deliveries of a partition are numbered from 1 without gaps; the first `trimmed_count` of them were forgotten. */
export interface DeliveryPartitionTable {
  partition_index: number
  last_count: number
  trimmed_count: number
  stored_bytes: number
}

/** A delivery without its body, which stands in a segment that it shares with those that were stored with it. */
export interface DeliveryTable {
  partition_index: number
  seq: number
  tenant_id: string
  source: string
  source_kind: string
  received_at: number
  request_id: string
  content_type: string
  bytes_cut: number
  segment_id: string
  /** What the whole segment takes, compressed. */
  segment_bytes: number
  body_offset: number
  body_length: number
}

/** Compressed bodies, in pieces. */
export interface DeliverySegmentTable {
  id: string
  piece: number
  bytes: Uint8Array
}

/** A running process of this installation. Its instants are the database's own. */
export interface NodeTable {
  id: string
  /** What the machine is called. */
  name: string
  address: string
  version: string
  pid: number
  /** Names the running kernel and its space of process ids: within it a process that is not there is dead for certain. */
  machine: string
  /** working, standing-down (the schema is newer than it), stopping, stopped. */
  state: 'working' | 'standing-down' | 'stopping' | 'stopped'
  state_reason: string | null
  /** The steps of the schema that it knows, as JSON. */
  steps: string
  /** How far its wall clock is ahead of the database's. */
  clock_offset_ms: number
  started_at: number
  heartbeat_at: number
}

/** Something that only one node may do at a time. Its instants are the database's own. */
export interface LeaseTable {
  name: string
  /** Id of the node; NULL when it was given back. */
  owner: string | null
  /** Grows whenever it is taken. */
  fence: number
  held_until: number
  taken_at: number
  /** When the work that it guards last ended, where it guards work that is done again and again. */
  ran_at: number | null
}

/** Which incidents hold a term: the index of the search. */
export interface IncidentTermTable {
  tenant_id: string
  term: string
  incident_id: string
}

/** What the rows of `activity` are about; the id is a hash of the other columns. */
export interface ActivitySeriesTable {
  tenant_id: string
  id: string
  source: string
  service: string
  cluster: string
}

/** How much happened in one hour (`step_hours` 1) or one day in UTC (24) that begins at `at`. Outlives the events. */
export interface ActivityTable {
  tenant_id: string
  step_hours: number
  at: number
  series_id: string
  severity_rank: number
  fired: number
  fired_late: number
  updated: number
  repeated: number
  cleared: number
  closed_unseen: number
  stale: number
  opened: number
  reopened: number
  acknowledged: number
  resolved: number
}

/** How long it took until somebody took incidents, and until they were over: counts per logarithmic bucket. */
export interface ActivityDurationTable {
  tenant_id: string
  step_hours: number
  at: number
  series_id: string
  severity_rank: number
  kind: 'acknowledge' | 'resolve'
  bucket: number
  n: number
  sum_ms: number
  least_ms: number
  most_ms: number
}

/** How far rows of the time before a table existed were taken into it. */
export interface UpkeepTable {
  tenant_id: string
  name: string
  /** The id that was reached. */
  done_to: string
  /** Rows behind this id were taken in when they were made. */
  until: string
}

/** When something that must be heard of regularly was last heard of. */
export interface SignOfLifeTable {
  tenant_id: string
  name: string
  seen_at: number
}
