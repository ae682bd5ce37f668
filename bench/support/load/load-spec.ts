/** The form in which alerts are sent: Alertmanager's webhook, or Alertmanager's own API v2. */
export type BodyForm = 'webhook' | 'api-v2'

/**
 * Which alerts the requests carry. Alerts are numbered; request k carries the next `alertsPerRequest` numbers, and after
 * `distinct` alerts the numbers begin anew, so that the same alerts are repeated.
 */
export interface AlertStream {
  readonly form: BodyForm
  readonly alertsPerRequest: number
  readonly distinct: number
  /** The number of the first alert; default 0. */
  readonly first?: number
  /** Over how many alert names (and so incidents) the requests are spread. */
  readonly groups: number
  readonly status: 'firing' | 'resolved'
  /** When the alerts began, ms since 1970: the same number and beginning are the same episode. */
  readonly startsAt: number
}

/** As fast as answers come, over so many connections, for a time or for a number of requests. */
export interface ClosedLoop {
  readonly kind: 'closed'
  readonly connections: number
  readonly warmUpMs: number
  readonly durationMs: number
  /** Ends it earlier. */
  readonly mostRequests?: number
}

/** Requests at fixed times, whatever the answers: each latency counts from the time at which the request was due. */
export interface OpenLoop {
  readonly kind: 'open'
  readonly perSecond: number
  readonly mostConnections: number
  readonly warmUpMs: number
  readonly durationMs: number
  /** Ends it earlier. */
  readonly mostRequests?: number
}

/** One load, as the generator's process is told. */
export interface LoadSpec {
  readonly port: number
  readonly path: string
  readonly alerts: AlertStream
  readonly loop: ClosedLoop | OpenLoop
}

/** What became of a load. Rate and latency leave out the warm-up; the counts are of everything. */
export interface LoadOutcome {
  readonly sent: number
  readonly accepted: number
  readonly refused: number
  /** Connections that broke. */
  readonly broken: number
  readonly acceptedPerSecond: number
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number }
  /** How late the generator itself was, open loop only: if this is large, it and not the server was measured. */
  readonly lateness99Ms: number
  readonly generatorCpuMs: number
}
