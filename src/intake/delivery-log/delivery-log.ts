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
  /**
   * Deliveries with the same key are folded one after another, by one consumer. It only spreads the work and keeps what
   * belongs together off each other's rows: truth never depends on the order.
   */
  readonly partitionKey: string
}

export interface StoredDelivery extends Omit<Delivery, 'partitionKey'> {
  /** Unique in the whole log; grows within its partition, never repeats, may have gaps. */
  readonly seq: number
}

/** A delivery without its body. */
export type DeliverySummary = Omit<StoredDelivery, 'body'> & { readonly bodyBytes: number }

/** The log cannot take or give anything now; nothing of the call was kept. A sender gets 503 and tries again. */
export class LogUnavailableError extends Error {
  /** What is wrong, as the end of a sentence. */
  readonly reason: string

  constructor(reason: string, cause?: unknown) {
    super(`The delivery log is unavailable: ${reason}`, { cause })
    this.name = 'LogUnavailableError'
    this.reason = reason
  }
}

export interface ReadLimit {
  readonly count: number
  /** The answer stops before the delivery that would exceed it, but always holds at least one. */
  readonly bytes: number
}

/** The deliveries of one partition in order: what one consumer reads. */
export interface DeliveryReader {
  /** Names the partition, in `log_position` too. A log that was made anew starts counting anew, under other names. */
  readonly partition: string
  readonly read: (after: number, limit: ReadLimit) => Promise<readonly StoredDelivery[]>
  readonly get: (seq: number) => Promise<StoredDelivery | null>
  readonly close: () => Promise<void>
}

/** A log as those who fold see it. */
export interface DeliveryReaders {
  /** At least one; always the same ones for a log, in the same order. */
  readonly partitions: readonly string[]
  readonly open: (partition: string) => DeliveryReader
  /** Calls back soon after something was appended to a partition, by whatever node or thread; the returned function ends it. A call may be one too many, and where the log is away it comes late. */
  readonly watch: (onAppended: (partition: string) => void) => () => void
  /** Ends what `watch` began; readers that are open are closed by those who opened them. */
  readonly close: () => Promise<void>
}

/** Where in a list a delivery stands. */
export type DeliveryPlace = Pick<StoredDelivery, 'receivedAt' | 'seq'>

export interface ListRequest {
  /** Newest first, behind this one; null = from the newest. */
  readonly before: DeliveryPlace | null
  readonly source: string | null
  readonly limit: number
}

export interface TrimRequest {
  /** Deliveries received before this instant go… */
  readonly receivedBefore: number
  /** …and the oldest, until the bodies take no more than this many bytes on disk… */
  readonly mostBytes: number
  /** …but never one at or after this position of its partition: it is not folded yet. Of a partition that is not here nothing goes. */
  readonly keepFrom: ReadonlyMap<string, number>
}

export interface LogStats {
  /** The newest position that each partition ever gave, 0 = none. */
  readonly partitions: readonly { readonly partition: string; readonly lastSeq: number }[]
  /** How far apart neighbouring positions of a partition are. */
  readonly seqStep: number
  readonly deliveries: number
  readonly storedBytes: number
}

/** A partition that nothing can be appended to at the moment, and why. */
export interface PartitionFault {
  readonly partition: string
  readonly reason: string
}

/**
 * The durable, ordered, replayable record of everything that arrived. `append` resolves only after the delivery is on disk
 * (an fsync that covers it); it rejects with `LogUnavailableError` when it is not, or when nobody can say.
 */
export interface DeliveryLog {
  /** As those of its readers. */
  readonly partitions: readonly string[]
  /** The partition that a position belongs to. */
  readonly partitionOf: (seq: number) => string
  readonly append: (delivery: Delivery) => Promise<number>
  readonly get: (seq: number) => Promise<StoredDelivery | null>
  /** By the time of receipt, as far as one partition's clocks do not disagree with its order. */
  readonly list: (request: ListRequest) => Promise<readonly DeliverySummary[]>
  /** Forgets old deliveries; answers how many. */
  readonly trim: (request: TrimRequest) => Promise<number>
  readonly stats: () => Promise<LogStats>
  /**
   * Looks whether it can append, without doing so. Answers the partitions that cannot while others can, and rejects with
   * LogUnavailableError when none can.
   */
  readonly check: () => Promise<readonly PartitionFault[]>
  readonly close: () => Promise<void>
}
