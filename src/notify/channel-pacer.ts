/**
 * How fast each channel is spoken to: a token bucket per channel that also remembers when a receiver asked for
 * a pause. Lives in memory: after a restart the receiver says again what it wants.
 */
export class ChannelPacer {
  readonly #buckets = new Map<string, { tokens: number; at: number }>()
  readonly #pauses = new Map<string, number>()

  /** Takes a token if one is there; otherwise answers how long to wait, in ms. */
  take(queue: string, pace: { readonly perSecond: number; readonly burst: number } | null, now: number): number {
    if (pace === null) return 0
    const bucket = this.#buckets.get(queue) ?? { tokens: pace.burst, at: now }
    const tokens = Math.min(pace.burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * pace.perSecond)
    if (tokens < 1) {
      this.#buckets.set(queue, { tokens, at: now })
      const waitMs = Math.ceil(((1 - tokens) / pace.perSecond) * 1000)
      this.pause(queue, now + waitMs)
      return waitMs
    }
    this.#buckets.set(queue, { tokens: tokens - 1, at: now })
    return 0
  }

  /** Nothing of this queue goes out before `until` (ms since 1970). A longer pause that is already set stays. */
  pause(queue: string, until: number): void {
    this.#pauses.set(queue, Math.max(until, this.#pauses.get(queue) ?? 0))
  }

  /** Queues and the end of their pause. */
  paused(): ReadonlyMap<string, number> {
    return this.#pauses
  }
}
