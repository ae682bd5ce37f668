/** The nodes, and who of them does what. */
export interface ClusterTables {
  node: NodeTable
  lease: LeaseTable
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
interface LeaseTable {
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
