/**
 * Every durable intention of the house and what it carries. A job is an order; rooms that may not know each
 * other meet here.
 */
export interface JobPayloads {
  /** Bring one channel up to date with this incident. */
  readonly 'notify-channel': {
    readonly incidentId: string
    readonly channelId: string
    /** The channel that cannot be told, for which this one stands in. */
    readonly insteadOf?: string
    /** The digest that told it is over: it gets a thread of its own now. */
    readonly leavesDigest?: boolean
  }
  /** Bring a digest up to date: take in what waits for its channel, count, show. */
  readonly 'notify-digest': { readonly channelId: string; readonly digestId: string }
  /** Resolve the incident if nothing fired since the hold-off began. */
  readonly 'resolve-when-clear': { readonly incidentId: string }
  /** Say that the silence of the incident is over, if it is. */
  readonly 'end-silence': { readonly incidentId: string }
  /** Do what somebody asked for in Slack; the receipt says what. */
  readonly 'slack-receipt': { readonly receiptId: string }
  /** Note that a self-test of the pipeline has come to its end. */
  readonly 'note-self-test': {
    /** When it was appended to the delivery log, ms since 1970. */
    readonly testedAt: number
  }
}

export type JobKind = keyof JobPayloads

/** Lanes, first served first: a critical notice never waits behind a backlog of warnings. */
export const LANES = { critical: 0, error: 1, warning: 2, info: 3, background: 5 } as const
export type Lane = (typeof LANES)[keyof typeof LANES]
