/** What a part of the product says of itself. `remedy` is for people, in clear words. */
export interface HealthProblem {
  readonly part:
    | 'database'
    | 'delivery-log'
    | 'log-partition'
    | 'engine'
    | 'cluster'
    | 'channel'
    | 'source'
    | 'heartbeat'
  readonly problem: string
  readonly remedy: string
  /** The channel that it is about. */
  readonly channelId?: string
  /** The source that it is about. */
  readonly source?: string
}
