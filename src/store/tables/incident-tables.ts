/** Incidents, the alerts in them, and what happened to both. */
export interface IncidentTables {
  incident: IncidentTable
  alert: AlertTable
  alert_event: AlertEventTable
  timeline_entry: TimelineEntryTable
}

/** A row of `incident`. */
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

/** A row of `alert`. */
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

/** A row of `alert_event`. */
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

/** A row of `timeline_entry`. */
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
