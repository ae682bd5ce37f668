import { setTimeout as sleep } from 'node:timers/promises'
import { APP } from '../api-method.ts'
import { withGeneratedIds } from '../generated-ids.ts'
import type { JsonObject } from '../schema-checks.ts'
import type { Token } from '../tokens.ts'
import type { MessageChange, Workspace } from '../workspace.ts'
import type { Deliveries } from './deliveries.ts'
import { type Delivery, failureOf, isTaken } from './delivery.ts'
import { eventCallback } from './payloads.ts'
import type { Tampering } from './sign-request.ts'

/** The events that an app can subscribe to here, with the scope that each needs. */
const EVENT_SCOPES = {
  app_home_opened: undefined,
  app_mention: 'app_mentions:read',
  message: 'channels:history',
  reaction_added: 'reactions:read',
} as const

/** The name of an event. */
export type EventName = keyof typeof EVENT_SCOPES

/** At once, after a minute, and after five. */
const RETRY_DELAYS_MS = [0, 60_000, 300_000]

/** What an event feed needs. */
export interface EventFeedOptions {
  readonly workspace: Workspace
  readonly deliveries: Deliveries
  readonly tokens: ReadonlyMap<string, Token>
}

/** Tells the app what happens in its channels, and again when it does not listen. */
export class EventFeed {
  /** Multiplies the minutes between retries; tests make them short. */
  retryScale = 1
  readonly #options: EventFeedOptions
  readonly #subscribed = new Set<EventName>(['app_home_opened'])
  readonly #byTs = new Map<string, Promise<Delivery>[]>()
  #count = 0
  #isClosed = false

  constructor(options: EventFeedOptions) {
    this.#options = options
    options.workspace.onChange = (change) => this.#tell(change)
  }

  /** Turns events on; fails when no token has the scope without which Slack sends none. */
  subscribe(...names: readonly EventName[]): void {
    for (const name of names) {
      const scope = EVENT_SCOPES[name]
      const isAllowed =
        scope === undefined || [...this.#options.tokens.values()].some(({ scopes }) => scopes.includes(scope))
      if (!isAllowed) throw new Error(`The event ${name} needs a token with the scope ${scope}.`)
      this.#subscribed.add(name)
    }
  }

  isSubscribed(name: EventName): boolean {
    return this.#subscribed.has(name)
  }

  /** The first attempts to tell of a message. */
  async deliveriesOf(ts: string): Promise<readonly Delivery[]> {
    return await Promise.all(this.#byTs.get(ts) ?? [])
  }

  /** Tells the app of an event; resolves with the first attempt, the retries go on behind. */
  async emit(event: JsonObject, userId: string, tampering: Tampering = {}): Promise<Delivery> {
    this.#count += 1
    const { workspace, deliveries } = this.#options
    const id = `Ev0FAKE${String(this.#count).padStart(5, '0')}`
    const outgoing = { kind: 'event' as const, userId, payload: eventCallback(workspace, event, id) }
    const first = await deliveries.deliver(outgoing, tampering)
    void this.#retry(first, tampering)
    return first
  }

  /** Sends nothing any more, so that no retry reaches the app of another test. */
  close(): void {
    this.#isClosed = true
  }

  async #retry(first: Delivery, tampering: Tampering): Promise<void> {
    const { kind, payload, userId = '' } = first
    let last = first
    for (const [index, delay] of RETRY_DELAYS_MS.entries()) {
      if (isTaken(last.answer) || (last.answer?.kind === 'answered' && last.answer.noRetry === true)) return
      await sleep(delay * this.retryScale, undefined, { ref: false })
      if (this.#isClosed) return
      const retry = { num: index + 1, reason: failureOf(last.answer) }
      last = await this.#options.deliveries.deliver({ kind, payload, userId, retry }, tampering)
    }
  }

  #tell({ kind, message, ...change }: MessageChange): void {
    const { workspace } = this.#options
    const channel = workspace.channel(message.channel)
    if (!channel.isMember) return
    const type = { channel: channel.id, channel_type: channel.isPrivate ? 'group' : 'channel' }
    const said = describe(message)
    const eventTs = kind === 'posted' ? message.ts : workspace.nextTs()
    const emit = (event: JsonObject) => {
      const told = this.emit({ ...event, event_ts: eventTs }, message.author)
      this.#byTs.set(message.ts, [...(this.#byTs.get(message.ts) ?? []), told])
    }
    if (this.#subscribed.has('message')) {
      if (kind === 'posted') emit({ ...said, ...type })
      else if ('before' in change) {
        const previous = { ...said, ...withGeneratedIds({ ...change.before }, message.ts) }
        emit({
          type: 'message',
          subtype: 'message_changed',
          message: said,
          previous_message: previous,
          ...type,
          ts: eventTs,
          hidden: true,
        })
      }
    }
    const isMention = kind === 'posted' && message.content.text?.includes(`<@${APP.userId}>`) === true
    if (isMention && this.#subscribed.has('app_mention')) emit({ ...said, type: 'app_mention', channel: channel.id })
  }
}

function describe(message: MessageChange['message']): JsonObject {
  const { ts, threadTs, author, content } = message
  const isBot = author === APP.userId
  return {
    type: 'message',
    user: author,
    ...(isBot ? { bot_id: APP.botId, app_id: APP.appId } : {}),
    ts,
    ...(threadTs === undefined ? {} : { thread_ts: threadTs, parent_user_id: APP.userId }),
    text: '',
    ...withGeneratedIds({ ...content }, ts),
  }
}
