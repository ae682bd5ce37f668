import type { Msg, MsgHdrs } from '@nats-io/transport-node'
import { LogUnavailableError } from '../delivery-log.ts'
import { apiFaultText, isPassingFault, type NatsApiError } from './nats-fault.ts'
import type { NatsSession } from './nats-session.ts'

/** One message for a stream. */
export interface OutgoingMessage {
  readonly subject: string
  readonly headers: MsgHdrs
  readonly data: Uint8Array
  /** Milliseconds of the monotonic clock after which nobody waits for it any more. */
  readonly deadline: number
}

interface Waiting extends OutgoingMessage {
  readonly resolve: (sequence: number) => void
  readonly reject: (error: LogUnavailableError) => void
  /** When it is sent again for want of an answer. */
  retryAt: number
  lastFault: string
}

interface PubAck {
  readonly seq?: number
  readonly error?: NatsApiError
}

/** Sent and not yet answered, over all partitions: more makes a server throw messages away, and buys no speed. */
const MOST_IN_FLIGHT = 2048
const MOST_IN_FLIGHT_BYTES = 16 * 1024 * 1024
/** A leader that dies takes the answers with it. */
const ANSWER_WAIT_MS = 2000
const RETRY_PAUSE_MS = 200
const SWEEP_MS = 50

/**
 * Publishes to streams and waits for each acknowledgement, many at a time. A message is sent again, under the message id in
 * its headers, when its answer stays out, the connection breaks or the stream has no leader, until its deadline.
 */
export class AckedPublisher {
  readonly #session: NatsSession
  readonly #inbox: string
  readonly #inFlight = new Map<string, Waiting>()
  readonly #queue: Waiting[] = []
  readonly #stopListening: () => void
  readonly #unsubscribe: () => void
  #inFlightBytes = 0
  #lastToken = 0
  #sweeper: NodeJS.Timeout | null = null

  constructor(session: NatsSession) {
    this.#session = session
    this.#inbox = session.newInbox()
    const subscription = session.nc.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (!error) this.#onAnswer(message)
      },
    })
    this.#unsubscribe = () => subscription.unsubscribe()
    this.#stopListening = session.listen({
      onBack: () => this.#sendAgain(),
      onRefused: (subject, error) => this.#refuse(subject, error),
    })
  }

  /** Answers the message's place in its stream once a quorum of its servers has it; rejects with LogUnavailableError when nobody can tell. */
  publish(message: OutgoingMessage): Promise<number> {
    // A process that was stopped meanwhile must not store what its sender was told is not.
    if (message.deadline <= performance.now())
      return Promise.reject(new LogUnavailableError('NATS does not answer in time'))
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { ...message, resolve, reject, retryAt: 0, lastFault: '' }
      if (this.#hasRoom() && this.#queue.length === 0) this.#start(waiting)
      else this.#queue.push(waiting)
      this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS)
    })
  }

  /** Rejects what is under way. */
  close(): void {
    const error = new LogUnavailableError('it is closed')
    for (const token of [...this.#inFlight.keys()]) this.#finish(token)?.reject(error)
    for (const waiting of this.#queue.splice(0)) waiting.reject(error)
    this.#stopListening()
    this.#unsubscribe()
    this.#stopSweeping()
  }

  #hasRoom(): boolean {
    return this.#inFlight.size < MOST_IN_FLIGHT && this.#inFlightBytes < MOST_IN_FLIGHT_BYTES
  }

  #start(waiting: Waiting): void {
    const token = (++this.#lastToken).toString(36)
    this.#inFlight.set(token, waiting)
    this.#inFlightBytes += waiting.data.length
    this.#send(token, waiting)
  }

  #send(token: string, waiting: Waiting): void {
    waiting.retryAt = performance.now() + ANSWER_WAIT_MS
    // What the client would keep for a lost connection is sent when it is back, by us.
    if (!this.#session.isConnected) return
    try {
      const { headers, data } = waiting
      this.#session.nc.publish(waiting.subject, data, { headers, reply: `${this.#inbox}.${token}` })
    } catch (error) {
      this.#finish(token)?.reject(
        new LogUnavailableError(error instanceof Error ? error.message : String(error), error),
      )
    }
  }

  #onAnswer(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length + 1)
    const waiting = this.#inFlight.get(token)
    if (!waiting) return
    if (message.data.length === 0) this.#retryLater(waiting, 'its stream has no leader at the moment, or is gone')
    else this.#onAck(token, waiting, message.json<PubAck>())
    this.#fill()
  }

  #onAck(token: string, waiting: Waiting, { seq, error }: PubAck): void {
    if (error && isPassingFault(error)) this.#retryLater(waiting, apiFaultText(error))
    else if (error) this.#finish(token)?.reject(new LogUnavailableError(apiFaultText(error)))
    // A duplicate of what is still being stored has no place yet, and may never get one.
    else if (!seq) this.#retryLater(waiting, 'NATS has not stored it yet')
    else this.#finish(token)?.resolve(seq)
  }

  #retryLater(waiting: Waiting, fault: string): void {
    waiting.lastFault = fault
    waiting.retryAt = performance.now() + RETRY_PAUSE_MS
  }

  #finish(token: string): Waiting | undefined {
    const waiting = this.#inFlight.get(token)
    if (waiting) {
      this.#inFlight.delete(token)
      this.#inFlightBytes -= waiting.data.length
    }
    return waiting
  }

  #fill(): void {
    if (this.#queue.length === 0 || !this.#hasRoom()) return
    let taken = 0
    for (; taken < this.#queue.length && this.#hasRoom(); taken++) this.#start(this.#queue[taken] as Waiting)
    this.#queue.splice(0, taken)
  }

  #sweep(): void {
    const now = performance.now()
    for (const [token, waiting] of this.#inFlight) {
      if (waiting.deadline <= now) this.#finish(token)?.reject(this.#tooLate(waiting))
      else if (waiting.retryAt <= now) this.#send(token, waiting)
    }
    const late = this.#queue.findIndex(({ deadline }) => deadline > now)
    for (const waiting of this.#queue.splice(0, late < 0 ? this.#queue.length : late))
      waiting.reject(this.#tooLate(waiting))
    this.#fill()
    if (this.#inFlight.size === 0 && this.#queue.length === 0) this.#stopSweeping()
  }

  #tooLate({ lastFault }: Waiting): LogUnavailableError {
    const reason = this.#session.isConnected
      ? lastFault || 'NATS does not answer in time'
      : 'the connection to NATS is lost'
    return new LogUnavailableError(reason)
  }

  #sendAgain(): void {
    for (const [token, waiting] of this.#inFlight) this.#send(token, waiting)
  }

  #refuse(subject: string, error: LogUnavailableError): void {
    for (const [token, waiting] of this.#inFlight) if (waiting.subject === subject) this.#finish(token)?.reject(error)
    this.#fill()
  }

  #stopSweeping(): void {
    if (this.#sweeper) clearInterval(this.#sweeper)
    this.#sweeper = null
  }
}
