import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from '../app/delivery-counts.ts'
import { UNKNOWN_SOURCE } from '../app/delivery-counts.ts'
import type { Metrics } from '../app/metrics.ts'
import { authenticateKey } from '../auth/authenticate-key.ts'
import { hasScope } from '../domain/actor.ts'
import { FairShare } from '../intake/fair-share.ts'
import { FoldedPositionWatch } from '../intake/folded-position-watch.ts'
import {
  oncePerTurnEach,
  type Receipt,
  type ReceiveDeps,
  type RequestFacts,
  receiveDelivery,
} from '../intake/receive.ts'
import type { Source } from '../intake/source-registry.ts'
import { presentedTokens, presentsTokenOf, type TokenPlaces } from '../intake/source-token.ts'
import { guardOpenDoor } from './actor-of-request.ts'
import type { HttpDeps } from './http-deps.ts'
import { ProblemError } from './problem-error.ts'
import { replyWithProblem } from './problem-reply.ts'
import { BodyReader, type ReadBody } from './read-body.ts'
import { TroubleLog } from './trouble-log.ts'

/** A body that has arrived and is not stored yet. */
export interface ArrivedBody {
  readonly bytes: Uint8Array
  readonly bytesCut: number
  readonly contentType: string
  /** Milliseconds since 1970. */
  readonly receivedAt: number
}

/** What came of a delivery. `refused`: the sender must come back (503), or is gone. */
export type Acceptance =
  | { readonly kind: 'stored'; readonly seq: number }
  | { readonly kind: 'refused'; readonly reason: Refusal; readonly detail: string }

/** A passing fault of the intake: when, and what is wrong. */
export interface IntakeFault {
  readonly at: number
  readonly reason: string
}

const RETRY_AFTER_SECONDS = 2
/**
 * After this long without a failed append the fault counts as over, even if nobody delivered since: a load balancer sends
 * nothing to nodes that are not ready, so that with all of them waiting for a delivery nothing would be taken for as long.
 */
const FAULT_LASTS_MS = 3_000

const TOLD: Readonly<Record<'over-share' | 'busy' | 'aborted' | 'too-slow', string>> = {
  'over-share': 'This source has more waiting to be folded than its share while other sources deliver too.',
  busy: 'Too many deliveries are being received at this moment.',
  aborted: 'The body ended before it was whole.',
  'too-slow': 'The body did not arrive in time.',
}

/**
 * The way of a delivery from its headers to the disk: who sends it, reading, appending. It answers 2xx or 503 to
 * senders it knows, never a 4xx, because Alertmanager drops what is answered 4xx (429 included).
 */
export class IntakeDoor {
  readonly #deps: HttpDeps
  readonly #metrics: Metrics
  readonly #reader: BodyReader
  readonly #receive: ReceiveDeps
  readonly #trouble: TroubleLog
  readonly #share: FairShare
  readonly #folding: FoldedPositionWatch
  #lastFault: IntakeFault | null = null
  /** By the monotonic clock, in milliseconds. */
  #lastStoredAt = Number.NEGATIVE_INFINITY

  constructor(deps: HttpDeps, metrics: Metrics) {
    this.#deps = deps
    this.#metrics = metrics
    this.#reader = new BodyReader(deps.intakeLimits)
    this.#receive = { log: deps.log, wake: oncePerTurnEach((partition) => deps.wake('consumer', partition)) }
    this.#trouble = new TroubleLog(deps.logger, deps.now)
    this.#share = new FairShare(deps.now)
    this.#folding = this.#watchFolding()
    metrics.addGauge(
      'nunchi_intake_bytes_in_flight',
      'Bytes of deliveries that are being read or stored.',
      () => this.#reader.heldBytes,
    )
    metrics.addSourceGauge(
      'nunchi_source_backlog_bytes',
      'Bytes of deliveries that this process stored and that are not folded yet; at least 1 KiB each.',
      () => this.#share.backlogs(),
    )
  }

  /** Why deliveries cannot be stored at the moment; null when they can, as far as is known. */
  get fault(): IntakeFault | null {
    const fault = this.#lastFault
    return fault !== null && this.#deps.now() - fault.at < FAULT_LASTS_MS ? fault : null
  }

  /** Ends after the query under way, which needs the database. */
  async close(): Promise<void> {
    this.#reader.close()
    await this.#folding.close()
  }

  /** The source that a path names. Throws `not-found` with the names that would do. */
  sourceAt(kind: string, name: string): Source {
    const { sources } = this.#deps
    const source = sources.find(name)
    if (source?.kind === kind) return source
    this.#metrics.deliveries.refused(UNKNOWN_SOURCE, 'no-such-source')
    const names = sources.all().filter((each) => each.kind === kind)
    const known =
      names.length === 0
        ? `No source of kind ${kind} is configured`
        : `Sources of kind ${kind}: ${names.map((each) => each.name).join(', ')}`
    const wrongKind = source
      ? `"${source.name}" is a source of kind ${source.kind}: send to /webhook/${source.kind}/${source.name}. `
      : ''
    const shown = JSON.stringify(name.slice(0, 60))
    throw new ProblemError('not-found', {
      detail: `${wrongKind}There is no source ${shown} of kind ${kind}. ${known}. To add it, put this under \`sources:\` in the configuration: \`- { name: ${shown}, kind: ${kind}, token: <a long random text> }\`.`,
    })
  }

  /** Whether the sender may be let in without asking the database; false = ask `authenticate`. Throws what an open door throws. */
  isKnownSender(request: FastifyRequest, source: Source): boolean {
    if (presentsTokenOf(source, placesOf(request))) return true
    if (source.tokenHash !== null || !this.#deps.isOpen) return false
    try {
      guardOpenDoor(request)
      return true
    } catch (error) {
      this.#metrics.deliveries.refused(source.name, 'not-allowed-here')
      throw error
    }
  }

  /** Lets in who presents an API key with the scope `ingest`. Throws `not-authenticated` otherwise. */
  async authenticate(request: FastifyRequest, source: Source): Promise<void> {
    for (const presented of presentedTokens(placesOf(request))) {
      const actor = await authenticateKey({ ...this.#deps, onTouchFailed: () => undefined }, presented)
      if (actor && actor.tenantId === source.tenantId && hasScope(actor, 'ingest')) return
    }
    this.#metrics.deliveries.refused(source.name, 'not-authenticated')
    const ways = `as \`Authorization: Bearer <token>\`, as the password of basic authentication, or as \`?token=<token>\``
    const what =
      source.tokenHash === null ? 'an API key with the scope `ingest`' : `the token of source "${source.name}"`
    throw new ProblemError('not-authenticated', {
      detail: `Present ${what}: ${ways}.`,
      headers: { 'www-authenticate': 'Bearer realm="nunchi", Basic realm="nunchi"' },
    })
  }

  /** Reads the body and makes it durable. `look` sees the body before it is given away. Throws only what is a bug. */
  async accept(request: FastifyRequest, source: Source, look?: (body: ArrivedBody) => void): Promise<Acceptance> {
    const startedAt = performance.now()
    const receivedAt = this.#deps.now()
    if (!this.#share.admits(source.name)) return this.#refuseOverShare(source)
    const read = await this.#reader.read(request.raw)
    if (!read.ok) return this.#refuse(source, read.reason, TOLD[read.reason])
    try {
      const contentType = contentTypeOf(request, read)
      look?.({ bytes: read.bytes, bytesCut: read.bytesCut, contentType, receivedAt })
      // Asked again: a thousand bodies that were admitted together must not all pass.
      if (!this.#share.enter(source.name, read.bytes.length)) return this.#refuseOverShare(source)
      const facts = { receivedAt, requestId: request.id, contentType, bytesCut: read.bytesCut }
      const appendedAt = performance.now()
      const receipt = await this.#store(source, facts, read.bytes)
      if (receipt.kind === 'unavailable') return this.#refuseUnstored(source, receipt.reason, appendedAt)
      this.#lastFault = null
      this.#lastStoredAt = performance.now()
      this.#metrics.deliveries.stored(source.name)
      this.#metrics.accepted((this.#lastStoredAt - startedAt) / 1000)
      return receipt
    } finally {
      this.#reader.release(read)
    }
  }

  /** Appends a body that has entered the share, and lets it leave. */
  async #store(source: Source, facts: RequestFacts, body: Uint8Array): Promise<Receipt> {
    // The length is gone with the body once that is given away.
    const { length } = body
    let seq: number | null = null
    try {
      const receipt = await receiveDelivery(this.#receive, source, facts, body)
      if (receipt.kind === 'stored') seq = receipt.seq
      return receipt
    } finally {
      this.#share.leave(source.name, length, seq === null ? null : { partition: this.#deps.log.partitionOf(seq), seq })
      this.#folding.wake()
    }
  }

  #watchFolding(): FoldedPositionWatch {
    const { db, log } = this.#deps
    const onFault = (error: unknown): void =>
      this.#trouble.tell('position', { err: error }, 'How far deliveries are folded could not be read')
    return new FoldedPositionWatch({ db, partitions: log.partitions, share: this.#share, onFault })
  }

  #refuseOverShare(source: Source): Acceptance {
    return this.#refuse(source, 'over-share', TOLD['over-share'])
  }

  #refuseUnstored(source: Source, detail: string, appendedAt: number): Acceptance {
    // What failed while others were stored is the trouble of one partition. Every node has it, and none is better without load.
    if (this.#lastStoredAt < appendedAt) this.#lastFault = { at: this.#deps.now(), reason: detail }
    return this.#refuse(source, 'log-unavailable', detail)
  }

  #refuse(source: Source, reason: Refusal, detail: string): Acceptance {
    this.#metrics.deliveries.refused(source.name, reason)
    if (reason !== 'aborted')
      this.#trouble.tell(
        // Who floods is the news: each source is told of by itself.
        reason === 'over-share' ? `${reason} ${source.name}` : reason,
        { source: source.name, reason, detail },
        'Deliveries are refused with 503; their senders try again',
      )
    return { kind: 'refused', reason, detail }
  }
}

/** Tells a sender to come back. A connection with an unread rest of a body is closed with it. */
export function replyUnavailable(
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: Extract<Acceptance, { kind: 'refused' }>,
): void {
  closeIfUnread(request, reply)
  const problem = new ProblemError('unavailable', {
    detail: `${refusal.detail} Nothing was kept; send it again.`,
    headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
  })
  // Not thrown: an error is logged with its stack, and an overload refuses thousands of requests a second.
  replyWithProblem(problem, request, reply)
}

/** A handler that answers by itself: a handler that returns its reply makes Fastify watch the stream of every answer. */
export function answering(
  answer: (request: FastifyRequest, reply: FastifyReply) => Promise<void>,
): (request: FastifyRequest, reply: FastifyReply) => void {
  return (request, reply) => {
    answer(request, reply).catch((error: unknown) => reply.send(error))
  }
}

/** Once the answer is out, what the sender still sends would be taken for its next request. */
export function closeIfUnread(request: FastifyRequest, reply: FastifyReply): void {
  if (!request.raw.complete) reply.header('connection', 'close')
}

function placesOf(request: FastifyRequest): TokenPlaces {
  return {
    authorization: request.headers.authorization,
    queryToken: (request.query as { readonly token?: unknown }).token,
  }
}

function contentTypeOf(request: FastifyRequest, read: ReadBody): string {
  if (read.isDecoded) return request.sentContentType
  return `application/octet-stream; encoded="${request.headers['content-encoding']}"`
}
