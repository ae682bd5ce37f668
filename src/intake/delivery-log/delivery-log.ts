/** One inbound request exactly as it arrived. */
export interface Delivery {
  readonly tenantId: string
  readonly source: string
  readonly sourceKind: string
  /** Milliseconds since 1970. */
  readonly receivedAt: number
  readonly requestId: string
  readonly contentType: string
  /** Bytes that were cut off because the body was larger than the intake takes; 0 = whole. */
  readonly bytesCut: number
  readonly body: Uint8Array
}

export interface StoredDelivery extends Delivery {
  /** Position in the log: grows, never repeats, may have gaps. */
  readonly seq: number
}

/** A delivery without its body. */
export type DeliverySummary = Omit<StoredDelivery, 'body'> & { readonly bodyBytes: number }

/** The log cannot take or give anything now; nothing of the call was kept. A sender gets 503 and tries again. */
export class LogUnavailableError extends Error {
  constructor(reason: string, cause?: unknown) {
    super(`The delivery log is unavailable: ${reason}`, { cause })
    this.name = 'LogUnavailableError'
  }
}

export interface ReadLimit {
  readonly count: number
  /** The answer stops before the delivery that would exceed it, but always holds at least one. */
  readonly bytes: number
}

/** Reads the log in order; what the consumer needs. */
export interface DeliveryReader {
  /** Names this log: a log that was made anew starts counting anew, under another id. */
  readonly logId: string
  readonly read: (after: number, limit: ReadLimit) => Promise<readonly StoredDelivery[]>
  readonly get: (seq: number) => Promise<StoredDelivery | null>
  readonly close: () => Promise<void>
}

export interface ListRequest {
  /** Newest first, below this position; null = from the newest. */
  readonly before: number | null
  readonly source: string | null
  readonly limit: number
}

export interface TrimRequest {
  /** Deliveries received before this instant go… */
  readonly receivedBefore: number
  /** …and the oldest, until the bodies take no more than this many bytes on disk… */
  readonly mostBytes: number
  /** …but never one at or after this position: it is not folded yet. */
  readonly keepFrom: number
}

export interface LogStats {
  readonly lastSeq: number
  readonly deliveries: number
  readonly storedBytes: number
}

/**
 * The durable, ordered, replayable record of everything that arrived. `append` resolves only after the delivery is on disk
 * (an fsync that covers it); it rejects with `LogUnavailableError` when it is not.
 */
export interface DeliveryLog extends DeliveryReader {
  readonly append: (delivery: Delivery) => Promise<number>
  readonly list: (request: ListRequest) => Promise<readonly DeliverySummary[]>
  /** Forgets old deliveries; answers how many. */
  readonly trim: (request: TrimRequest) => Promise<number>
  readonly stats: () => Promise<LogStats>
}
