import type { Msg } from '@nats-io/transport-node'
import { natsFault } from './nats-fault.ts'
import type { NatsSession } from './nats-session.ts'
import { storedAt } from './stored-at.ts'

/** A message of a stream. */
export interface PulledMessage {
  /** Its place in the stream. */
  readonly n: number
  /** Milliseconds since 1970 by the clock of NATS, to the microsecond; when it was stored. */
  readonly at: number
  readonly subject: string
  readonly header: (name: string) => string
  readonly data: Uint8Array
}

/** Which messages, from where on. */
export interface PullFrom {
  readonly stream: string
  readonly from: number | Date
  /** null = every subject. */
  readonly filter: string | null
  readonly isHeadersOnly: boolean
}

export interface PullHandlers {
  readonly onMessage: (message: PulledMessage) => void
  /** The request is over. When the consumer is dead, nothing more comes through it, and another must go on behind the last message. */
  readonly onDone: (isAlive: boolean) => void
}

const IDLE_NANOS = 60_000_000_000
const REQUEST_EXPIRES_MS = 30_000
const NO_HANDLERS: PullHandlers = { onMessage: () => {}, onDone: () => {} }

/**
 * An unnamed consumer of a stream, which NATS forgets by itself. It never skips a message in silence: what does not come in
 * sequence ends it.
 */
export class PullConsumer {
  /** How many messages there were for it when it was made. */
  readonly pending: number
  readonly #session: NatsSession
  readonly #stream: string
  readonly #name: string
  readonly #inbox: string
  readonly #unsubscribe: () => void
  #handlers: PullHandlers = NO_HANDLERS
  #expected = 1
  #left = 0
  #isOver = false

  private constructor(session: NatsSession, made: Pick<PullConsumer, 'pending'> & { stream: string; name: string }) {
    this.#session = session
    this.pending = made.pending
    this.#stream = made.stream
    this.#name = made.name
    this.#inbox = session.newInbox()
    const subscription = session.nc.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error) this.#end(false)
        else this.#onMessage(message)
      },
    })
    this.#unsubscribe = () => subscription.unsubscribe()
  }

  /** Rejects with LogUnavailableError. */
  static async open(session: NatsSession, { stream, from, filter, isHeadersOnly }: PullFrom): Promise<PullConsumer> {
    try {
      const info = await session.jsm.consumers.add(stream, {
        ack_policy: 'none',
        replay_policy: 'instant',
        mem_storage: true,
        num_replicas: 1,
        inactive_threshold: IDLE_NANOS,
        headers_only: isHeadersOnly,
        ...(typeof from === 'number'
          ? { deliver_policy: 'by_start_sequence' as const, opt_start_seq: Math.max(1, from) }
          : { deliver_policy: 'by_start_time' as const, opt_start_time: from.toISOString() }),
        ...(filter === null ? {} : { filter_subject: filter }),
      })
      return new PullConsumer(session, { stream, name: info.name, pending: info.num_pending })
    } catch (error) {
      throw natsFault(error)
    }
  }

  get isPulling(): boolean {
    return this.#left > 0
  }

  /** Asks for the next messages, which may take until they are there. One request at a time. */
  pull(limit: { readonly count: number; readonly bytes: number }, handlers: PullHandlers): void {
    this.#handlers = handlers
    if (this.#isOver) {
      this.#end(false)
      return
    }
    this.#left = limit.count
    const request = { batch: limit.count, max_bytes: limit.bytes, expires: REQUEST_EXPIRES_MS * 1_000_000 }
    try {
      this.#session.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${this.#name}`, JSON.stringify(request), {
        reply: this.#inbox,
      })
    } catch {
      this.#end(false)
    }
  }

  /** Ends it; NATS is told, and if it does not hear, forgets by itself. */
  close(): void {
    this.#isOver = true
    this.#left = 0
    this.#handlers = NO_HANDLERS
    this.#unsubscribe()
    if (this.#session.isConnected) this.#session.jsm.consumers.delete(this.#stream, this.#name).catch(() => {})
  }

  #onMessage(message: Msg): void {
    const place = placeOf(message)
    if (!place) this.#onStatus(message)
    else if (place.consumed === this.#expected) this.#onNext(message, place)
    else this.#end(false)
  }

  #onNext({ headers, subject, data }: Msg, { n, at }: Place): void {
    this.#expected++
    this.#handlers.onMessage({ n, at, subject, data, header: (name) => headers?.get(name) ?? '' })
    if (--this.#left <= 0) this.#end(true)
  }

  #onStatus({ headers }: Msg): void {
    const code = headers?.code ?? 0
    const text = headers?.description.toLowerCase() ?? ''
    // 100 is a heartbeat; 404 and 408 end a request, and so does 409 when the bytes do not suffice for the next message.
    if (code === 100) return
    this.#end(code === 404 || code === 408 || (code === 409 && /exceeds maxbytes|batch completed/.test(text)))
  }

  #end(isAlive: boolean): void {
    const { onDone } = this.#handlers
    this.#left = 0
    if (!isAlive) this.#isOver = true
    onDone(isAlive)
  }
}

interface Place {
  readonly n: number
  readonly consumed: number
  readonly at: number
}

/** Reads `$JS.ACK.<stream>.<consumer>.<tries>.<n>.<consumed>.<time>.<pending>`, which newer servers give two more words. */
function placeOf({ reply = '' }: Msg): Place | null {
  if (!reply.startsWith('$JS.ACK.')) return null
  const words = reply.split('.')
  const shift = words.length >= 11 ? 2 : 0
  return { n: Number(words[5 + shift]), consumed: Number(words[6 + shift]), at: storedAt(words[7 + shift] ?? '') }
}
