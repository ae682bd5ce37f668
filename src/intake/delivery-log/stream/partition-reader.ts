import { type DeliveryReader, LogUnavailableError, type ReadLimit, type StoredDelivery } from '../delivery-log.ts'
import { SEQ_STEP } from '../partitioned-seq.ts'
import { FACTS_HEADER, parseFacts } from './delivery-message.ts'
import { PullConsumer, type PulledMessage } from './pull-consumer.ts'
import type { DeliveryMessage, StreamPartition } from './stream-partition.ts'

/** What is fetched ahead while the caller folds: at most twice as much. */
const PULL = { count: 1000, bytes: 4 * 1024 * 1024 }
/** For the one message that is larger than all of a usual request. */
const PULL_ONE = { count: 1, bytes: 128 * 1024 * 1024 }
/** How long what the leader has may take to reach the server that reads it to us. */
const ARRIVAL_MS = 2000

/**
 * Reads one partition in order from any place on, through an unnamed consumer that is made anew, behind the last message that came,
 * whenever it or the connection is lost: where we are is known here and in the database, never in NATS.
 */
export class PartitionReader implements DeliveryReader {
  readonly partition: string
  readonly #stream: StreamPartition
  readonly #onArrival: () => void
  readonly #stopListening: () => void
  #consumer: PullConsumer | null = null
  /** The caller has everything up to this place. */
  #given = 0
  /** Every message up to this place has come; of them the deliveries that the caller has not are in `#buffer`. */
  #scanned = 0
  /** The newest place that we heard of. */
  #last = 0
  #buffer: DeliveryMessage[] = []
  #bufferedBytes = 0
  /** The last request brought nothing: it ran out, or the next message is larger than all of it. */
  #wasEmpty = false
  #refusal: LogUnavailableError | null = null
  #arrived: (() => void) | null = null
  #isClosed = false

  constructor(stream: StreamPartition, onArrival: () => void) {
    this.#stream = stream
    this.partition = stream.partition
    this.#onArrival = onArrival
    this.#stopListening = stream.session.listen({
      onBack: () => {
        this.#drop()
        // What was asked for is forgotten on the other side: the next read asks again.
        onArrival()
      },
      onRefused: (subject, error) => {
        if (subject.startsWith(`$JS.API.CONSUMER.MSG.NEXT.${stream.names.stream}.`)) this.#refusal = error
      },
    })
  }

  /** Everything that was acknowledged before the call is found by it, as far as the limits go. Calls must follow one another. */
  async read(after: number, limit: ReadLimit): Promise<readonly StoredDelivery[]> {
    if (this.#isClosed) throw new LogUnavailableError('its reader is closed')
    const place = Math.max(0, Math.floor((after - this.#stream.index) / SEQ_STEP))
    if (place !== this.#given) this.#moveTo(place)
    const found: StoredDelivery[] = []
    let left = limit
    while (left.count > 0 && (await this.#hasMore(found.length > 0))) {
      const taken = await this.#take(left, found)
      if (taken === null) break
      left = taken
    }
    this.#pullOn()
    return found
  }

  async get(seq: number): Promise<StoredDelivery | null> {
    return await this.#stream.delivery(Math.floor(seq / SEQ_STEP))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#stopListening()
    this.#drop()
    this.#arrived?.()
  }

  #moveTo(place: number): void {
    this.#drop()
    this.#buffer = []
    this.#bufferedBytes = 0
    this.#given = place
    this.#scanned = place
    this.#last = place
  }

  /** Waits for what is known to be there; whether there is more than that is asked once, when nothing was found yet. */
  async #hasMore(hasFound: boolean): Promise<boolean> {
    if (this.#buffer.length > 0) return true
    if (!hasFound && this.#scanned >= this.#last) await this.#lookForMore()
    const giveUpAt = performance.now() + ARRIVAL_MS
    await this.#ensureConsumer()
    while (this.#buffer.length === 0 && this.#scanned < this.#last) {
      this.#pullOn()
      const isFresh = await this.#untilArrival(giveUpAt - performance.now())
      if (!isFresh) this.#onStall()
      if (!isFresh) break
      await this.#ensureConsumer()
    }
    return this.#buffer.length > 0
  }

  async #lookForMore(): Promise<void> {
    const { first, last } = await this.#stream.extent()
    if (last < this.#given) {
      await this.#stream.skipTo(this.#given)
      throw lostTail(this.#given, last)
    }
    this.#scanned = Math.max(this.#scanned, Math.min(first - 1, last))
    this.#last = last
  }

  /** The consumer is on a server that lags behind or has died: the next one may be elsewhere. */
  #onStall(): void {
    const isCaughtUp = this.#consumer?.pending === 0
    const refusal = this.#refusal
    this.#refusal = null
    this.#drop()
    if (!isCaughtUp) throw refusal ?? new LogUnavailableError('NATS does not deliver what its stream has')
  }

  async #ensureConsumer(): Promise<void> {
    if (this.#consumer) return
    const { names, session } = this.#stream
    const from = this.#scanned + 1
    const consumer = await PullConsumer.open(session, {
      stream: names.stream,
      from,
      filter: null,
      isHeadersOnly: false,
    })
    // Closed, moved or made by another call meanwhile.
    if (this.#isClosed || this.#consumer || from !== this.#scanned + 1) return consumer.close()
    this.#consumer = consumer
  }

  #pullOn(): void {
    const consumer = this.#consumer
    if (!consumer || consumer.isPulling || this.#bufferedBytes >= PULL.bytes || this.#isClosed) return
    const limit = this.#wasEmpty ? PULL_ONE : PULL
    this.#wasEmpty = true
    consumer.pull(limit, {
      onMessage: (message) => this.#onMessage(message),
      onDone: (isAlive) => this.#onDone(consumer, isAlive),
    })
  }

  #onMessage(message: PulledMessage): void {
    this.#wasEmpty = false
    this.#scanned = message.n
    const facts = this.#stream.isDelivery(message.subject) ? parseFacts(message.header(FACTS_HEADER)) : null
    if (facts !== null) {
      this.#buffer.push({ n: message.n, facts, data: message.data })
      this.#bufferedBytes += message.data.length
    }
    this.#arrived?.()
    if (facts !== null && this.#buffer.length === 1) this.#onArrival()
  }

  #onDone(consumer: PullConsumer, isAlive: boolean): void {
    if (consumer !== this.#consumer) return
    if (!isAlive) this.#drop()
    this.#arrived?.()
    this.#pullOn()
  }

  /** Resolves with whether something came or changed within the time. */
  #untilArrival(ms: number): Promise<boolean> {
    if (this.#consumer === null || ms <= 0) return Promise.resolve(ms > 0)
    return new Promise((resolve) => {
      const end = (isFresh: boolean): void => {
        clearTimeout(timer)
        this.#arrived = null
        resolve(isFresh)
      }
      const timer = setTimeout(() => end(false), ms)
      this.#arrived = () => end(true)
    })
  }

  /** Moves the first of the buffer to `found`; answers what is left of the limit, null when it does not fit any more. */
  async #take(left: ReadLimit, found: StoredDelivery[]): Promise<ReadLimit | null> {
    const next = this.#buffer[0]
    if (!next || (found.length > 0 && next.facts.bytes > left.bytes)) return null
    const delivery = await this.#stream.withBody(next)
    // Closed meanwhile.
    if (this.#buffer[0] !== next) return null
    this.#buffer.shift()
    this.#bufferedBytes -= next.data.length
    // null: its parts were never all stored, or are trimmed.
    if (delivery === null) return left
    found.push(delivery)
    this.#given = next.n
    return { count: left.count - 1, bytes: left.bytes - next.facts.bytes }
  }

  #drop(): void {
    this.#consumer?.close()
    this.#consumer = null
  }
}

function lostTail(position: number, last: number): LogUnavailableError {
  return new LogUnavailableError(
    `the stream ended at ${last} although it is folded up to ${position}: NATS lost its end (a power cut, or an older backup), and counting goes on behind it`,
  )
}
