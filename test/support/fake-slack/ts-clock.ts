/** Gives every message its ts: unique and increasing, even when the clock stands still or jumps back. */
export class TsClock {
  readonly #now: () => number
  #lastMicros = 0

  constructor(now: () => number) {
    this.#now = now
  }

  next(): string {
    this.#lastMicros = Math.max(this.#lastMicros + 1, this.#now() * 1000)
    return `${Math.floor(this.#lastMicros / 1e6)}.${String(this.#lastMicros % 1e6).padStart(6, '0')}`
  }
}
