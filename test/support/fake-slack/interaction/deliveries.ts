import type { Answer, Delivery, Outgoing, PersonError } from './delivery.ts'
import { postDelivery, prepareRequest, type RequestUrls } from './post-delivery.ts'
import { type Tampering, withOtherIds } from './sign-request.ts'

/** The secret with which everything is signed when a test names no other. */
export const DEFAULT_SIGNING_SECRET = 'fake-signing-secret'

/** Sends an envelope over one of the app's WebSocket connections and waits for its acknowledgement. */
export type SendEnvelope = (outgoing: Outgoing, timeoutMs: number) => Promise<Answer>

/** How the app is reached: it has given request URLs, or it holds WebSocket connections. */
export type AppLink =
  | { readonly kind: 'none' }
  | { readonly kind: 'http'; readonly urls: RequestUrls; readonly signingSecret: string }
  | { readonly kind: 'socket' }

/** What the deliveries need of the rest. */
export interface DeliveryOptions {
  readonly now: () => number
  readonly sendEnvelope: SendEnvelope
  /** How long Slack waits for an answer: 3,000. */
  readonly ackTimeoutMs: number
}

/** Everything that Slack told the app, with the answers, and what people saw go wrong. */
export class Deliveries {
  link: AppLink = { kind: 'none' }
  readonly all: Delivery[] = []
  readonly errors: PersonError[] = []
  readonly #options: DeliveryOptions

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  /** Tells the app something, once. Never throws for what the app does. */
  async deliver(wanted: Outgoing, tampering: Tampering = {}): Promise<Delivery> {
    const outgoing = { ...wanted, payload: withOtherIds(wanted.payload, tampering) }
    const { link } = this
    const { now, sendEnvelope, ackTimeoutMs } = this.#options
    if (link.kind === 'http') {
      const to = { urls: link.urls, secret: link.signingSecret, nowMs: now() }
      const request = prepareRequest(outgoing, to, tampering)
      return await this.#follow({ ...outgoing, transport: 'http', request }, () => postDelivery(request, ackTimeoutMs))
    }
    const nowhere = async (): Promise<Answer> => ({ kind: 'unreachable', reason: 'the app gave no request URL' })
    const send = link.kind === 'socket' ? () => sendEnvelope(outgoing, ackTimeoutMs) : nowhere
    return await this.#follow({ ...outgoing, transport: 'socket' }, send)
  }

  /** Sends the very bytes of an earlier delivery again, timestamp and signature included. */
  async resend(earlier: Delivery): Promise<Delivery> {
    const { kind, payload, request } = earlier
    if (request === undefined) throw new Error(`Delivery ${earlier.number} did not go over HTTP.`)
    const again = { kind, payload, transport: 'http' as const, request }
    return await this.#follow(again, () => postDelivery(request, this.#options.ackTimeoutMs))
  }

  /** Notes that somebody saw something go wrong. */
  tellPerson(delivery: Delivery, reason: string): void {
    const { userId = '', kind, number } = delivery
    this.errors.push({ at: this.#options.now(), userId, kind, reason, delivery: number })
  }

  async #follow(start: Omit<Delivery, 'number' | 'at'>, send: () => Promise<Answer>): Promise<Delivery> {
    const delivery: Delivery = { ...start, number: this.all.length + 1, at: this.#options.now() }
    this.all.push(delivery)
    const before = performance.now()
    delivery.answer = await send()
    delivery.roundTripMs = performance.now() - before
    return delivery
  }
}
