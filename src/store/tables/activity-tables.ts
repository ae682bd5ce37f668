/** How much happened, and the words that incidents are found by. */
export interface ActivityTables {
  incident_term: IncidentTermTable
  activity_series: ActivitySeriesTable
  activity: ActivityTable
  activity_duration: ActivityDurationTable
  upkeep: UpkeepTable
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
interface UpkeepTable {
  tenant_id: string
  name: string
  /** The id that was reached. */
  done_to: string
  /** Rows behind this id were taken in when they were made. */
  until: string
}
