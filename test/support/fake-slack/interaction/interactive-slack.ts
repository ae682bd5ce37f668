import { randomBytes } from 'node:crypto'
import { FakeSlackRecords } from '../fake-slack-records.ts'
import { DEFAULT_SIGNING_SECRET } from './deliveries.ts'
import { type Delivery, isTaken, type PersonError } from './delivery.ts'
import type { EventName } from './event-feed.ts'
import { SSL_CHECK, urlVerification } from './payloads.ts'
import { Person, type PersonWorld } from './person.ts'
import type { RequestUrls } from './post-delivery.ts'
import type { Tampering } from './sign-request.ts'
import type { SocketServer } from './socket-server.ts'

/** How an app can be reached over HTTP: one address for everything, or one for each. */
export type AppAddress = string | RequestUrls

/** The part of a fake Slack that has people in it, and an app that hears of what they do. */
export abstract class InteractiveSlack extends FakeSlackRecords {
  protected abstract readonly world: PersonWorld
  /** The app's Socket Mode connections, for counting and cutting them. */
  abstract readonly sockets: SocketServer

  /** From now on everything goes to these addresses, signed. */
  useRequestUrls(address: AppAddress, signingSecret: string = DEFAULT_SIGNING_SECRET): void {
    const urls = typeof address === 'string' ? { interactions: address, commands: address, events: address } : address
    this.world.deliveries.link = { kind: 'http', urls, signingSecret }
  }

  /** From now on everything goes over the WebSocket connections that the app has opened. */
  useSocketMode(): void {
    this.world.deliveries.link = { kind: 'socket' }
  }

  /** Somebody, to do something as them; they must have been added. */
  person(id: string): Person {
    return new Person(this.world, id)
  }

  /** What people saw go wrong after they did something. */
  get personErrors(): readonly PersonError[] {
    return this.world.deliveries.errors
  }

  /** Everything that the app was told, each attempt with its answer and round-trip time. */
  get deliveries(): readonly Delivery[] {
    return this.world.deliveries.all
  }

  /** Turns events on; `app_home_opened` is on from the start. Fails when no token has the scope. */
  subscribe(...events: readonly EventName[]): void {
    this.world.events.subscribe(...events)
  }

  /** Multiplies the 0, 1 and 5 minutes after which an event that was not taken comes again. */
  set retryScale(scale: number) {
    this.world.events.retryScale = scale
  }

  /** Ends for good, the retries of events included. */
  override async close(): Promise<void> {
    this.world.events.close()
    await super.close()
  }

  /** Sends the very bytes of an earlier delivery again. What a person sees of it is not judged. */
  async resend(delivery: Delivery): Promise<Delivery> {
    return await this.world.deliveries.resend(delivery)
  }

  /** Asks the app to send a challenge back, as Slack does before it takes an address for events. */
  async verifyUrl(tampering: Tampering = {}): Promise<{ readonly isVerified: boolean; readonly delivery: Delivery }> {
    const challenge = randomBytes(24).toString('base64url')
    const outgoing = { kind: 'url_verification' as const, payload: urlVerification(challenge) }
    const delivery = await this.world.deliveries.deliver(outgoing, tampering)
    const { answer } = delivery
    const isVerified = isTaken(answer) && answer?.kind === 'answered' && challengeIn(answer.text) === challenge
    return { isVerified, delivery }
  }

  /** Checks the certificate behind the address for commands, as Slack does from time to time. */
  async sslCheck(tampering: Tampering = {}): Promise<Delivery> {
    return await this.world.deliveries.deliver({ kind: 'ssl_check', payload: SSL_CHECK }, tampering)
  }
}

// As text or as JSON; Slack takes both.
function challengeIn(text: string): unknown {
  return text.startsWith('{') ? (JSON.parse(text) as { challenge?: unknown }).challenge : text.trim()
}
