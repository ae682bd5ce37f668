/** A thread of system 2: which message the alerts of a thread key are told under. */
export interface ThreadEntry {
  readonly threadKey: string
  readonly ts: string
}

/**
 * Remembers the thread of each thread key (`alertname|severity|service|cluster|environment`). The projection
 * rows of the database decide; this is what system 2's operators look at, back up and carry over.
 */
export interface ThreadStore {
  readonly kind: 'database' | 'file' | 'redis'
  readonly get: (threadKey: string) => Promise<string | null>
  readonly put: (threadKey: string, ts: string) => Promise<void>
  readonly list: (limit: number) => Promise<readonly ThreadEntry[]>
  readonly count: () => Promise<number>
  readonly clear: () => Promise<number>
  /** What its Redis says of itself; null while Redis is away. Absent where there is none. */
  readonly redis?: () => Promise<RedisFacts | null>
}

/** What `/stats` tells of Redis, as its INFO says it. */
export interface RedisFacts {
  readonly connectedClients: number
  /** For people, e.g. `2.1M`. */
  readonly usedMemory: string
  readonly keyspaceHits: number
  readonly keyspaceMisses: number
}
