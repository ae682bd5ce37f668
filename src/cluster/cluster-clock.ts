/** What the clock needs of its surroundings. */
export interface ClusterClockOptions {
  /** Asks the database for its time, ms since 1970. */
  readonly readTime: () => Promise<number>
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonic: () => number
  /** The database could not be asked; the clock goes on by itself. */
  readonly onFault: (error: unknown) => void
  readonly syncEveryMs?: number
}

const SYNC_EVERY_MS = 5_000
/** Drift of a clock is far less than this between two syncs; what is more is a step of the database's clock. */
const STEP_MS = 1_000

/**
 * The time that all nodes agree on: the database's at the last sync, plus what has passed since by a clock that nobody sets.
 * A wall clock that jumps, or is wrong, changes nothing. It does not run backwards, except when the database's own clock
 * was put back by more than a second.
 */
export class ClusterClock {
  readonly #options: ClusterClockOptions
  /** Database time minus monotonic time. */
  #offset = 0
  #last = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | null = null
  #syncing: Promise<void> | null = null
  #isClosed = false

  private constructor(options: ClusterClockOptions) {
    this.#options = options
  }

  /** A clock that is right from the beginning. Throws what the database throws. */
  static async open(options: ClusterClockOptions): Promise<ClusterClock> {
    const clock = new ClusterClock(options)
    await clock.sync()
    clock.#schedule()
    return clock
  }

  /** Milliseconds since 1970. */
  readonly now = (): number => {
    const at = Math.floor(this.#options.monotonic() + this.#offset)
    this.#last = at < this.#last && at > this.#last - STEP_MS ? this.#last : at
    return this.#last
  }

  /** Asks the database now; called by its own timer. Throws what the database throws. */
  async sync(): Promise<void> {
    const { readTime, monotonic } = this.#options
    const askedAt = monotonic()
    const time = await readTime()
    const answeredAt = monotonic()
    const low = time - answeredAt
    const high = time - askedAt
    // The truth lies between the two. What is known already stays as long as it can be true: a slow answer says little.
    if (this.#offset < low || this.#offset > high) this.#offset = (low + high) / 2
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#syncing
  }

  #schedule(): void {
    if (this.#isClosed) return
    this.#timer = setTimeout(() => {
      this.#syncing = this.sync()
        .catch(this.#options.onFault)
        .finally(() => this.#schedule())
    }, this.#options.syncEveryMs ?? SYNC_EVERY_MS).unref()
  }
}
