import type { AnswerTrust } from './trust-answers.ts'

/** How patient the reconciler is. */
export interface ReconcileRules {
  readonly everyMs: number
  /** How long a difference must last before it is healed. */
  readonly missingForMs: number
}

/** What one poll brought, by fingerprint. */
export interface Poll<Known, Heard> {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly trust: AnswerTrust
  /** What we believe to be firing; read before the servers were asked. */
  readonly firing: ReadonlyMap<string, Known>
  /** Everything that any server listed. */
  readonly listed: ReadonlySet<string>
  /** What a server listed and we have never heard of. */
  readonly unheard: ReadonlyMap<string, Heard>
  /** False: a server did not answer, and what it would have listed may go on. */
  readonly isComplete: boolean
}

/** A difference that has lasted long enough. */
export interface Difference<T> {
  readonly alert: T
  /** Milliseconds since 1970. */
  readonly since: number
  readonly polls: number
}

export interface DueDifferences<Known, Heard> {
  /** Firing with us, over there. */
  readonly over: readonly Difference<Known>[]
  /** Firing there, unknown to us. */
  readonly unheard: readonly Difference<Heard>[]
}

interface Lasting {
  readonly since: number
  polls: number
  /** Began with an answer that was empty or had shrunk: it must last twice as long. */
  readonly isSudden: boolean
}

const FEWEST_POLLS = 3
/** Twice as patient where half of the alerts, or all of them, went at once: that is how a server without memory looks. */
const SUDDEN_PATIENCE = 2
/** After so many polls that did not happen, what was seen before is forgotten. */
const LONGEST_GAP_POLLS = 3

/**
 * Remembers since when the sender and we have disagreed about each alert, and says which differences are due to be healed.
 * One that is due is forgotten, so that it is healed once and counted anew should it still be there. In memory only: after
 * a restart of ours everything is counted anew.
 */
export class DifferenceMemory<Known, Heard> {
  readonly #rules: ReconcileRules
  #absent = new Map<string, Lasting>()
  #unheard = new Map<string, Lasting>()
  #life = ''
  #lastAt: number | null = null
  /** How many alerts the last answer that counted had. */
  #lastCount: number | null = null

  constructor(rules: ReconcileRules) {
    this.#rules = rules
  }

  /** How many differences are waiting. */
  get counts(): { readonly over: number; readonly unheard: number } {
    return { over: this.#absent.size, unheard: this.#unheard.size }
  }

  observe(poll: Poll<Known, Heard>): DueDifferences<Known, Heard> {
    this.#forgetGap(poll.at)
    return { over: this.#observeAbsent(poll), unheard: this.#observeUnheard(poll) }
  }

  #forgetGap(at: number): void {
    const gap = this.#lastAt === null ? 0 : at - this.#lastAt
    if (gap < 0 || gap > LONGEST_GAP_POLLS * this.#rules.everyMs) {
      this.#absent.clear()
      this.#unheard.clear()
    }
    this.#lastAt = at
  }

  #observeAbsent(poll: Poll<Known, Heard>): Difference<Known>[] {
    const { trust, firing, listed, at } = poll
    if (!trust.isTrusted || trust.life !== this.#life) {
      this.#absent.clear()
      this.#lastCount = null
      this.#life = trust.life
      if (!trust.isTrusted) return []
    }
    const isSudden = this.#hasShrunk(listed.size)
    this.#lastCount = listed.size
    const next = new Map<string, Lasting>()
    const due: Difference<Known>[] = []
    for (const [fingerprint, alert] of firing) {
      if (listed.has(fingerprint)) continue
      const lasting = this.#absent.get(fingerprint) ?? { since: at, polls: 0, isSudden }
      lasting.polls++
      if (this.#isDue(lasting, at, trust.leastMs)) due.push({ alert, since: lasting.since, polls: lasting.polls })
      else next.set(fingerprint, lasting)
    }
    this.#absent = next
    return due
  }

  /** An empty answer is always sudden: it looks the same whether nothing fires or nothing is known. */
  #hasShrunk(count: number): boolean {
    return count === 0 || (this.#lastCount !== null && count < this.#lastCount / 2)
  }

  #observeUnheard({ unheard, at, isComplete }: Poll<Known, Heard>): Difference<Heard>[] {
    const next = new Map<string, Lasting>(isComplete ? [] : this.#unheard)
    const due: Difference<Heard>[] = []
    for (const [fingerprint, alert] of unheard) {
      const lasting = this.#unheard.get(fingerprint) ?? { since: at, polls: 0, isSudden: false }
      lasting.polls++
      next.set(fingerprint, lasting)
      if (!this.#isDue(lasting, at, 0)) continue
      due.push({ alert, since: lasting.since, polls: lasting.polls })
      next.delete(fingerprint)
    }
    this.#unheard = next
    return due
  }

  #isDue({ since, polls, isSudden }: Lasting, at: number, leastMs: number): boolean {
    const patience = isSudden ? SUDDEN_PATIENCE : 1
    const graceMs = Math.max(this.#rules.missingForMs, leastMs) * patience
    return polls >= FEWEST_POLLS && at - since >= graceMs
  }
}
