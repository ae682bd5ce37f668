import type { Db } from '../store/database.ts'
import { releaseLeases, renewLeases, takeLeases } from './lease-repository.ts'

/** Proof of being the only one: as long as `isHeld()` says so, nobody else has it. */
export interface HeldLease {
  readonly name: string
  /** Grew when it was taken: a write that names an older one comes from a former holder. */
  readonly fence: number
  readonly isHeld: () => boolean
  /** Ends when the lease is lost or given back. */
  readonly signal: AbortSignal
}

export interface LeaseKeeperOptions {
  readonly db: Db
  /** Id of this node. */
  readonly owner: string
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonic: () => number
  /** A lease was lost without being given back. */
  readonly onLost: (name: string) => void
  /** The database could not be asked; it is tried again. */
  readonly onFault: (error: unknown) => void
  readonly timing?: LeaseTiming
}

export interface LeaseTiming {
  readonly ttlMs: number
  readonly renewEveryMs: number
  readonly retryMs: number
  /** So much earlier than the database a holder considers its lease over. */
  readonly marginMs: number
}

export const LEASE_TIMING: LeaseTiming = { ttlMs: 10_000, renewEveryMs: 3_000, retryMs: 500, marginMs: 1_000 }

interface Entry extends HeldLease {
  readonly stop: AbortController
  validUntil: number
}

/**
 * Takes leases, renews them while they are wanted, and knows by its own monotonic clock when it no longer has one. It counts
 * the time from before it asked, and the database from when it answered, so it gives up before anybody else can take over: a
 * node that was cut off or stopped finds its leases lost at the first look. (A machine that was suspended may not count the
 * time in between: what a lease guards must therefore also be fenced in its own transaction.)
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions
  readonly #timing: LeaseTiming
  readonly #held = new Map<string, Entry>()
  #timer: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(options: LeaseKeeperOptions) {
    this.#options = options
    this.#timing = options.timing ?? LEASE_TIMING
  }

  /** What is held now. */
  get held(): readonly HeldLease[] {
    this.#expire()
    return [...this.#held.values()]
  }

  /** Takes a lease; null when somebody else has it. Throws what the database throws. */
  async acquire(name: string): Promise<HeldLease | null> {
    return (await this.acquireAll([name]))[0] ?? null
  }

  /** Takes those of some leases that nobody else has, and answers them with those that it has already. Throws what the database throws. */
  async acquireAll(names: readonly string[]): Promise<readonly HeldLease[]> {
    this.#expire()
    const wanted = this.#isClosed ? [] : names.filter((name) => !this.#held.has(name))
    const { db, owner, monotonic } = this.#options
    const askedAt = monotonic()
    const taken = await takeLeases(db, { names: wanted, owner, ttlMs: this.#timing.ttlMs })
    if (this.#isClosed || monotonic() >= this.#validFrom(askedAt)) {
      // Answered too late to be of use, or after the keeper was closed.
      await releaseLeases(db, owner, [...taken.keys()])
      return []
    }
    if (this.#held.size === 0) this.#nextRenewalAt = askedAt + this.#timing.renewEveryMs
    for (const [name, fence] of taken) this.#held.set(name, this.#entryOf(name, fence, askedAt))
    this.#schedule()
    return names.flatMap((name) => this.#held.get(name) ?? [])
  }

  /** Gives leases back; their holders must have stopped already. What cannot be told the database ends by itself. */
  async release(names: readonly string[]): Promise<void> {
    const { db, owner, onFault } = this.#options
    const mine = names.filter((name) => this.#held.has(name))
    for (const name of mine) this.#drop(name)
    await releaseLeases(db, owner, mine).catch(onFault)
  }

  /** Extends what is held; called by its own timer. */
  async renew(): Promise<void> {
    this.#expire()
    const names = [...this.#held.keys()]
    if (names.length === 0) return
    const { db, owner, monotonic } = this.#options
    const askedAt = monotonic()
    const kept = new Set(await renewLeases(db, { names, owner, ttlMs: this.#timing.ttlMs }))
    for (const name of names) {
      const entry = this.#held.get(name)
      if (entry === undefined) continue
      if (kept.has(name)) entry.validUntil = Math.max(entry.validUntil, this.#validFrom(askedAt))
      else this.#lose(name)
    }
  }

  /** Gives everything back and takes nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.release([...this.#held.keys()])
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #entryOf(name: string, fence: number, askedAt: number): Entry {
    const stop = new AbortController()
    const { monotonic } = this.#options
    const entry: Entry = {
      name,
      fence,
      stop,
      signal: stop.signal,
      validUntil: this.#validFrom(askedAt),
      isHeld: () => !stop.signal.aborted && !this.#isClosed && monotonic() < entry.validUntil,
    }
    return entry
  }

  #validFrom(askedAt: number): number {
    return askedAt + this.#timing.ttlMs - this.#timing.marginMs
  }

  #expire(): void {
    const now = this.#options.monotonic()
    for (const { name, validUntil } of this.#held.values()) if (now >= validUntil) this.#lose(name)
  }

  #lose(name: string): void {
    if (this.#drop(name)) this.#options.onLost(name)
  }

  #drop(name: string): boolean {
    const entry = this.#held.get(name)
    this.#held.delete(name)
    entry?.stop.abort()
    return entry !== undefined
  }

  #nextRenewalAt = 0
  #isRenewing = false

  /** One timer for both: the next renewal, and the moment at which something is lost. */
  #schedule(): void {
    if (this.#timer !== null || this.#isClosed || this.#held.size === 0) return
    const now = this.#options.monotonic()
    const soonest = Math.min(...[...this.#held.values()].map(({ validUntil }) => validUntil))
    const due = this.#isRenewing ? soonest : Math.min(soonest, this.#nextRenewalAt)
    this.#timer = setTimeout(
      () => {
        this.#timer = null
        this.#expire()
        if (!this.#isRenewing && this.#options.monotonic() >= this.#nextRenewalAt) void this.#renewNow()
        this.#schedule()
      },
      Math.max(1, due - now),
    )
  }

  async #renewNow(): Promise<void> {
    const { monotonic, onFault } = this.#options
    this.#isRenewing = true
    this.#nextRenewalAt = monotonic() + this.#timing.renewEveryMs
    try {
      await this.renew()
    } catch (error) {
      this.#nextRenewalAt = monotonic() + this.#timing.retryMs
      onFault(error)
    } finally {
      this.#isRenewing = false
      if (this.#timer !== null) clearTimeout(this.#timer)
      this.#timer = null
      this.#schedule()
    }
  }
}
