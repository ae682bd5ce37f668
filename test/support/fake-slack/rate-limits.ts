/** `slack` counts requests as Slack does, `off` lets everything pass. */
export type LimitMode = 'slack' | 'off'

const MINUTE_MS = 60_000
const POST_BURST = 5
const POST_EVERY_MS = 1_000

const TIER_3 = 50
const TIER_4 = 100
// Of the methods outside of the tiers the documentation says "hundreds of requests per minute".
const HUNDREDS = 200

// Per method and workspace. The documentation says "50+" and "100+"; this takes it at its word.
const CALLS_PER_MINUTE: Readonly<Record<string, number>> = {
  'chat.update': TIER_3,
  'chat.delete': TIER_3,
  'chat.postEphemeral': TIER_4,
  'chat.getPermalink': HUNDREDS,
  'conversations.history': TIER_3,
  'conversations.replies': TIER_3,
  'conversations.info': TIER_3,
  'conversations.join': TIER_3,
  'conversations.members': TIER_4,
  'users.info': TIER_4,
  'users.lookupByEmail': TIER_3,
  'views.open': TIER_4,
  'views.push': TIER_4,
  'views.update': TIER_4,
  'views.publish': TIER_4,
  'apps.connections.open': TIER_3,
  'auth.test': HUNDREDS,
}

/** Slack's rate limits: one message a second per channel with a small burst, and a number of calls a minute for the rest. */
export class RateLimits {
  readonly #now: () => number
  // When the bucket of a channel is full again; every message moves it a second on.
  readonly #fullAt = new Map<string, number>()
  readonly #calls = new Map<string, number[]>()
  mode: LimitMode

  constructor(mode: LimitMode, now: () => number) {
    this.mode = mode
    this.#now = now
  }

  /** Counts a request; a number is the Retry-After, in whole seconds, with which it must be refused. */
  take(request: { readonly method: string; readonly channel: string | undefined }): number | undefined {
    if (this.mode === 'off') return undefined
    const { method, channel = '' } = request
    if (method === 'chat.postMessage' || method === 'webhook') return this.#takePost(channel)
    const perMinute = CALLS_PER_MINUTE[method]
    return perMinute === undefined ? undefined : this.#takeCall(method, perMinute)
  }

  #takePost(channel: string): number | undefined {
    const now = this.#now()
    const fullAt = Math.max(this.#fullAt.get(channel) ?? 0, now) + POST_EVERY_MS
    const waitMs = fullAt - now - POST_BURST * POST_EVERY_MS
    if (waitMs > 0) return Math.ceil(waitMs / 1000)
    this.#fullAt.set(channel, fullAt)
    return undefined
  }

  #takeCall(method: string, perMinute: number): number | undefined {
    const now = this.#now()
    const recent = (this.#calls.get(method) ?? []).filter((at) => at > now - MINUTE_MS)
    const oldest = recent[0] ?? now
    if (recent.length >= perMinute) return Math.ceil((oldest + MINUTE_MS - now) / 1000)
    recent.push(now)
    this.#calls.set(method, recent)
    return undefined
  }
}
