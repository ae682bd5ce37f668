import { type Delivery, LogUnavailableError } from '../delivery-log.ts'
import type { AckedPublisher } from './acked-publisher.ts'
import { FACTS_HEADER, factsOf, type MessageFacts, type PackedBody, packBody, stepsOf } from './delivery-message.ts'
import { deliverySubject } from './nats-names.ts'
import type { NatsSession } from './nats-session.ts'
import type { StreamPartition } from './stream-partition.ts'

interface AppenderParts {
  readonly session: NatsSession
  readonly publisher: AckedPublisher
  /** Unlike that of any other process, ever. */
  readonly idPrefix: string
}

/** Before a sender gives up: Alertmanager does after 10 s. */
const DEADLINE_MS = 7500
/** Also where the server would take more: a message is held in memory at several places at once. */
const MOST_MESSAGE_BYTES = 512 * 1024
const HEADER_BYTES = 16 * 1024
const PARTS_AT_ONCE = 4
const NOTHING = new Uint8Array()

/**
 * Stores one delivery after another in streams. A body that one message cannot hold goes in parts, and the delivery exists once the
 * message behind them is stored that lists them: what an append leaves behind that fails in between is no delivery, and is trimmed with the others.
 */
export class StreamAppender {
  readonly #session: NatsSession
  readonly #publisher: AckedPublisher
  readonly #idPrefix: string
  #lastId = 0

  constructor({ session, publisher, idPrefix }: AppenderParts) {
    this.#session = session
    this.#publisher = publisher
    this.#idPrefix = idPrefix
  }

  /** Answers the place in the stream. Small bodies are sent before this returns, so that calls keep their order. Rejects with LogUnavailableError. */
  append(stream: StreamPartition, delivery: Delivery): Promise<number> {
    if (this.#session.lostForMs > DEADLINE_MS)
      return Promise.reject(new LogUnavailableError('there is no connection to NATS'))
    const deadline = performance.now() + DEADLINE_MS
    const packed = packBody(delivery.body)
    const append = { stream, delivery, deadline }
    return packed instanceof Promise
      ? packed.then((body) => this.#sendBehind(append, body))
      : this.#sendBehind(append, packed)
  }

  /** Sends until the place lies behind every other that is known: a stream that lost its end in a power cut would give places anew that are folded already. */
  async #sendBehind(append: Append, body: PackedBody): Promise<number> {
    const { stream } = append
    const { highest } = stream
    const n = await this.#send(append, body)
    if (n > highest) {
      stream.highest = Math.max(stream.highest, n)
      return n
    }
    await stream.skipTo(stream.highest)
    return await this.#sendBehind(append, body)
  }

  #send(append: Append, { bytes, isCompressed }: PackedBody): Promise<number> {
    const facts = factsOf(append.delivery, isCompressed)
    const most = this.#mostMessageBytes()
    if (bytes.length > most) return this.#sendParts(append, facts, chunksOf(bytes, most))
    return this.#sendDelivery(append, facts, bytes)
  }

  async #sendParts(append: Append, facts: MessageFacts, chunks: readonly Uint8Array[]): Promise<number> {
    const places: number[] = []
    for (let i = 0; i < chunks.length; i += PARTS_AT_ONCE) {
      const sent = chunks.slice(i, i + PARTS_AT_ONCE).map((data) => this.#sendPart(append, data))
      places.push(...(await Promise.all(sent)))
    }
    const n = await this.#sendDelivery(append, { ...facts, parts: stepsOf(places) }, NOTHING)
    // From now on trimming knows that the parts belong to a delivery. Had it taken them for remains before, nothing is stored.
    if (!(await append.stream.has(places[0] as number)))
      throw new LogUnavailableError('the parts of the body were trimmed before its end was stored')
    return n
  }

  #sendPart({ stream, deadline }: Append, data: Uint8Array): Promise<number> {
    return this.#publisher.publish({ subject: stream.names.parts, headers: this.#headers(), data, deadline })
  }

  #sendDelivery({ stream, delivery, deadline }: Append, facts: MessageFacts, data: Uint8Array): Promise<number> {
    const headers = this.#headers()
    headers.set(FACTS_HEADER, JSON.stringify(facts))
    const subject = deliverySubject(stream.names, delivery.source, facts.parts === undefined)
    return this.#publisher.publish({ subject, headers, data, deadline })
  }

  /** Each message has an id of its own: another attempt of ours at it is recognized, and a sender's second request is a second delivery. */
  #headers() {
    const headers = this.#session.newHeaders()
    headers.set('Nats-Msg-Id', `${this.#idPrefix}.${(++this.#lastId).toString(36)}`)
    return headers
  }

  #mostMessageBytes(): number {
    const { max_payload: most = MOST_MESSAGE_BYTES } = this.#session.nc.info ?? {}
    return Math.max(1024, Math.min(MOST_MESSAGE_BYTES, most - HEADER_BYTES))
  }
}

interface Append {
  readonly stream: StreamPartition
  readonly delivery: Delivery
  readonly deadline: number
}

function chunksOf(bytes: Uint8Array, length: number): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, i) =>
    bytes.subarray(i * length, (i + 1) * length),
  )
}
