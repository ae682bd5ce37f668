/** A channel that cannot be told now, and why, in words that name the remedy where there is one. */
export interface ChannelTrouble {
  readonly since: number
  readonly detail: string
  /** A person must repair it; otherwise it is an outage. */
  readonly isRefused: boolean
}

interface State extends ChannelTrouble {
  readonly probeAt: number
}

export interface ChannelHealthOptions {
  readonly now: () => number
  /** How often a closed channel is tried again. */
  readonly probeMs: number
  /** After so long without any success an outage counts as closed. */
  readonly outageMs: number
}

/**
 * Which channels work, as the last messages of this node found. In memory: after a restart the first message finds out again,
 * and each node finds out for itself. What several nodes owe a channel goes through its one queue, so all that this costs is
 * one more message that is refused, or one more probe, per node; what was put off for a closed channel is hastened by
 * whichever node gets through first.
 * A closed channel is tried by one message now and then; what else is owed to it goes to the default channel meanwhile.
 */
export class ChannelHealth {
  readonly #options: ChannelHealthOptions
  readonly #troubles = new Map<string, State>()

  constructor(options: ChannelHealthOptions) {
    this.#options = options
  }

  /** A message or an edit got through. True when the channel was closed until now. */
  worked(channelId: string): boolean {
    const before = this.#troubles.get(channelId)
    this.#troubles.delete(channelId)
    return before !== undefined && this.#isClosing(before)
  }

  /** A person must act before anything gets through. */
  refused(channelId: string, detail: string): void {
    const now = this.#options.now()
    const since = this.#troubles.get(channelId)?.since ?? now
    this.#troubles.set(channelId, { since, detail, isRefused: true, probeAt: now + this.#options.probeMs })
  }

  /** It did not get through this time. */
  failed(channelId: string, detail: string): void {
    const now = this.#options.now()
    const before = this.#troubles.get(channelId)
    const since = before?.since ?? now
    this.#troubles.set(channelId, { since, detail, isRefused: false, probeAt: now + this.#options.probeMs })
  }

  /** Why nothing should be sent there now, or null. Whoever asks once a probe is due gets null, and is the probe. */
  closed(channelId: string): ChannelTrouble | null {
    const state = this.#troubles.get(channelId)
    if (state === undefined || !this.#isClosing(state)) return null
    const now = this.#options.now()
    if (now < state.probeAt) return state
    this.#troubles.set(channelId, { ...state, probeAt: now + this.#options.probeMs })
    return null
  }

  /** Whether it is refused, or has been out for so long that another channel should stand in. */
  needsStandIn(channelId: string): boolean {
    const state = this.#troubles.get(channelId)
    return state !== undefined && this.#isClosing(state)
  }

  #isClosing({ isRefused, since }: State): boolean {
    return isRefused || this.#options.now() - since >= this.#options.outageMs
  }
}
