import { LogUnavailableError, type StoredDelivery } from '../delivery-log.ts'
import { seqOf } from '../partitioned-seq.ts'
import { deliveryOf, FACTS_HEADER, type MessageFacts, parseFacts, partsOf, unpackBody } from './delivery-message.ts'
import { natsFault } from './nats-fault.ts'
import type { NatsSession } from './nats-session.ts'
import { describedId, type OpenPartition } from './open-partitions.ts'
import { PullConsumer, type PulledMessage } from './pull-consumer.ts'
import { storedAt } from './stored-at.ts'

/** Where the messages of a stream begin and end, and what they take. */
export interface StreamExtent {
  /** The place of the oldest message; one behind the newest when there is none. */
  readonly first: number
  /** The newest place that was ever given, 0 = none. */
  readonly last: number
  readonly bytes: number
  /** Milliseconds since 1970 by the clock of NATS; when the newest message came. */
  readonly lastAt: number
  /** How many messages each of the asked subjects has. */
  readonly countBySubject: Readonly<Record<string, number>>
}

/** A delivery in its stream. */
export interface DeliveryMessage {
  readonly n: number
  readonly facts: MessageFacts
  readonly data: Uint8Array
}

/** A delivery as its leader gives it. */
export interface StoredMessage extends DeliveryMessage {
  /** Milliseconds since 1970 by the clock of NATS, to the microsecond; when it was stored. */
  readonly at: number
}

const PARTS_AT_ONCE = 4
const HEADERS_WAIT_MS = 4000
const PATIENCE_MS = 1000
const GAPS_AT_ONCE = 10_000
const ENOUGH_BYTES = 16 * 1024 * 1024

/** One stream of the log, as it is asked. Everything rejects with LogUnavailableError when NATS cannot answer. */
export class StreamPartition {
  readonly index: number
  readonly partition: string
  readonly names: OpenPartition['names']
  readonly session: NatsSession
  /** The newest place that is known to be given: what is stored from now on lies behind it. */
  highest = 0

  constructor(session: NatsSession, { index, partition, names }: OpenPartition) {
    this.session = session
    this.index = index
    this.partition = partition
    this.names = names
  }

  /** What its leader says of it: everything that was acknowledged before is within. */
  async extent(subjects: string | null = null): Promise<StreamExtent> {
    const { config, state } = await this.#ask(() =>
      this.session.jsm.streams.info(this.names.stream, subjects === null ? {} : { subjects_filter: subjects }),
    )
    const found = describedId(config.description)
    if (`${found?.id}/${this.index}` !== this.partition)
      throw new LogUnavailableError(
        `the stream ${this.names.stream} was deleted and made anew: restart Nunchi, so that it begins to count anew`,
      )
    return {
      first: state.messages === 0 ? state.last_seq + 1 : state.first_seq,
      last: state.last_seq,
      bytes: state.bytes,
      lastAt: Date.parse(state.last_ts),
      // An emptied stream of NATS 2.9 still counts what it had.
      countBySubject: state.messages === 0 ? {} : (state.subjects ?? {}),
    }
  }

  /** The delivery at a place, with its body; null when there is none, or it was trimmed. */
  async delivery(n: number): Promise<StoredDelivery | null> {
    const message = await this.#messageAt(n)
    return message === null ? null : await this.withBody(message)
  }

  /** Gives a delivery its body; null when parts of it were trimmed. */
  async withBody({ n, facts, data }: DeliveryMessage): Promise<StoredDelivery | null> {
    const places = partsOf(facts)
    const bytes = places.length === 0 ? data : await this.#joined(places)
    if (bytes === null) return null
    return deliveryOf(seqOf(n, this.index), facts, await unpackBody(facts, bytes))
  }

  /** The first delivery at or behind a place, among those of a subject; null = none. */
  async deliveryFrom(n: number, filter = this.names.deliveries): Promise<StoredMessage | null> {
    const { stream } = this.names
    for (let from = n; ; ) {
      const request = { seq: from, next_by_subj: filter }
      const found = await this.#ask(() => this.session.jsm.streams.getMessage(stream, request))
      if (found === null) return null
      const facts = parseFacts(found.header.get(FACTS_HEADER))
      if (facts !== null) return { n: found.seq, facts, data: found.data, at: storedAt(found.timestamp) }
      from = found.seq + 1
    }
  }

  /** The newest place of a delivery; null = none is left. */
  async lastDeliveryPlace(): Promise<number | null> {
    const { stream, deliveries } = this.names
    const found = await this.#ask(() => this.session.jsm.streams.getMessage(stream, { last_by_subj: deliveries }))
    return found?.seq ?? null
  }

  /** Whether a part is stored. */
  async has(n: number): Promise<boolean> {
    return (await this.#rawAt(n)) !== null
  }

  /** When the message at a place was stored, in milliseconds since 1970 by the clock of NATS; null when there is none, or it was trimmed. */
  async storedAt(n: number): Promise<number | null> {
    const found = await this.#rawAt(n)
    return found === null ? null : storedAt(found.timestamp)
  }

  /** How many messages of a subject lie at or behind a place. */
  async countFrom(n: number, filter: string): Promise<number> {
    const consumer = await this.consume(n, filter)
    consumer.close()
    return consumer.pending
  }

  /** The first messages of a subject at or behind a place or an instant (by the clock of NATS), without their bodies. */
  async headersFrom(from: number | Date, filter: string, most: number): Promise<readonly PulledMessage[]> {
    return await readHeaders(await this.consume(from, filter), most)
  }

  /** A consumer of headers, which the caller gives to `readHeaders` or closes. */
  consume(from: number | Date, filter: string): Promise<PullConsumer> {
    return PullConsumer.open(this.session, { stream: this.names.stream, from, filter, isHeadersOnly: true })
  }

  /** Forgets everything before a place. */
  async forgetBefore(n: number): Promise<void> {
    await this.#ask(() => this.session.jsm.streams.purge(this.names.stream, { seq: n }))
  }

  /** Lets counting go on behind a place that was given once and then lost. */
  async skipTo(place: number): Promise<void> {
    for (;;) {
      const { last } = await this.extent()
      if (last >= place) return
      const { nc } = this.session
      for (let n = last; n < Math.min(place, last + GAPS_AT_ONCE); n++) nc.publish(this.names.gaps)
      await this.#ask(() => nc.flush())
    }
  }

  async #messageAt(n: number): Promise<DeliveryMessage | null> {
    const found = await this.#rawAt(n)
    if (found === null || !this.isDelivery(found.subject)) return null
    const facts = parseFacts(found.header.get(FACTS_HEADER))
    return facts === null ? null : { n, facts, data: found.data }
  }

  isDelivery(subject: string): boolean {
    return subject.startsWith(this.names.deliveries.slice(0, -1))
  }

  /** Any replica may answer, the leader decides that there is nothing. */
  async #rawAt(n: number) {
    if (n < 1) return null
    const { stream } = this.names
    const near = await this.session.jsm.direct.getMessage(stream, { seq: n }).catch(() => null)
    return near ?? (await this.#ask(() => this.session.jsm.streams.getMessage(stream, { seq: n })))
  }

  async #joined(places: readonly number[]): Promise<Uint8Array | null> {
    const parts: Uint8Array[] = []
    for (let i = 0; i < places.length; i += PARTS_AT_ONCE) {
      const found = await Promise.all(places.slice(i, i + PARTS_AT_ONCE).map((n) => this.#rawAt(n)))
      for (const part of found) {
        if (part === null) return null
        parts.push(part.data)
      }
    }
    return Buffer.concat(parts)
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    // A question to a connection that is about to be back waits for it; to one that is gone, it would wait for nothing.
    if (this.session.lostForMs > PATIENCE_MS) throw new LogUnavailableError('there is no connection to NATS')
    try {
      return await question()
    } catch (error) {
      throw natsFault(error)
    }
  }
}

/** Reads what a consumer of headers had when it was made, as far as wanted, and closes it. */
export async function readHeaders(consumer: PullConsumer, most: number): Promise<readonly PulledMessage[]> {
  const wanted = Math.min(most, consumer.pending)
  const found: PulledMessage[] = []
  try {
    while (found.length < wanted) {
      const before = found.length
      await pullInto(found, consumer, wanted - found.length)
      if (found.length === before) throw new LogUnavailableError('NATS does not give the headers of its messages')
    }
  } finally {
    consumer.close()
  }
  return found
}

function pullInto(found: PulledMessage[], consumer: PullConsumer, count: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, HEADERS_WAIT_MS)
    const onDone = (): void => {
      clearTimeout(timer)
      resolve()
    }
    consumer.pull({ count, bytes: ENOUGH_BYTES }, { onMessage: (message) => found.push(message), onDone })
  })
}
