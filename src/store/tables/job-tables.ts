/** What is to be done, and what changed, in the order of commits. */
export interface JobTables {
  job: JobTable
  sequence: SequenceTable
  change_feed: ChangeFeedTable
}

/** A row of `job`. */
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
interface SequenceTable {
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
