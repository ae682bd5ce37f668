import { percentile } from '../figure.ts'
import type { LoadOutcome } from './load-spec.ts'

/** Counts answers and keeps the latencies of those that count. */
export class Tally {
  readonly #latencies: number[] = []
  readonly #lateness: number[] = []
  readonly #countsFrom: number
  #sent = 0
  #accepted = 0
  #refused = 0
  #broken = 0
  #acceptedLate = 0
  #lastAcceptedAt = 0

  /** Answers before `countsFrom` are warm-up. */
  constructor(countsFrom: number) {
    this.#countsFrom = countsFrom
  }

  get sent(): number {
    return this.#sent
  }

  send(lateness = 0): void {
    this.#sent += 1
    if (lateness > 0) this.#lateness.push(lateness)
  }

  answer(status: number, dueAt: number): void {
    const now = performance.now()
    if (status === 0) this.#broken += 1
    else if (status < 300) this.#accepted += 1
    else this.#refused += 1
    if (status < 200 || status >= 300 || now < this.#countsFrom) return
    this.#acceptedLate += 1
    this.#lastAcceptedAt = now
    if (dueAt >= this.#countsFrom) this.#latencies.push(now - dueAt)
  }

  outcome(): LoadOutcome {
    const { user, system } = process.cpuUsage()
    const seconds = Math.max(0.001, (this.#lastAcceptedAt - this.#countsFrom) / 1000)
    return {
      sent: this.#sent,
      accepted: this.#accepted,
      refused: this.#refused,
      broken: this.#broken,
      acceptedPerSecond: this.#acceptedLate / seconds,
      latencyMs: {
        p50: percentile(this.#latencies, 0.5),
        p99: percentile(this.#latencies, 0.99),
        max: percentile(this.#latencies, 1),
      },
      lateness99Ms: this.#lateness.length === 0 ? 0 : percentile(this.#lateness, 0.99),
      generatorCpuMs: (user + system) / 1000,
    }
  }
}
