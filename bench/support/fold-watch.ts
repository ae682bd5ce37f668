import { setTimeout as sleep } from 'node:timers/promises'
import { askDatabase } from '../../test/support/ask-database.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import type { Sent } from './steady-sender.ts'

const EVERY_MS = 100

/** The fingerprint by which an alert is found again; ordered as the numbers are. */
export function fingerprintOfNumber(number: number): string {
  return number.toString(16).padStart(16, '0')
}

/** Sees from beside when each alert becomes part of an incident, to a tenth of a second; a database that is away is asked later. */
export class FoldWatch {
  readonly #databaseUrl: string
  readonly #seenAt = new Map<number, number>()
  readonly #sent: () => readonly Sent[]
  readonly #running: Promise<void>
  readonly #first: number
  #isOver = false

  constructor(databaseUrl: string, first: number, sent: () => readonly Sent[]) {
    this.#databaseUrl = databaseUrl
    this.#first = first
    this.#sent = sent
    this.#running = this.#run()
  }

  /** Waits until all that was accepted has been seen, and answers the longest way from accepted to folded, ms. Fails when something is lost. */
  async finish(accepted: readonly Sent[], timeoutMs = 60_000): Promise<number> {
    const missing = (): readonly Sent[] => accepted.filter(({ number }) => !this.#seenAt.has(number))
    const describe = (): string => `${missing().length} of ${accepted.length} accepted alerts are in no incident`
    await waitUntil(() => missing().length === 0, { timeoutMs, why: 'everything is folded', describe })
    this.#isOver = true
    await this.#running
    return Math.max(0, ...accepted.map(({ number, endedAt }) => (this.#seenAt.get(number) ?? endedAt) - endedAt))
  }

  /** Stops looking. */
  async close(): Promise<void> {
    this.#isOver = true
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const sql = 'select fingerprint from alert where source = ? and fingerprint >= ?'
      const from = fingerprintOfNumber(this.#lowestUnseen())
      const rows = await askDatabase(this.#databaseUrl, sql, ['alertmanager', from]).catch(() => [])
      const now = performance.now()
      for (const { fingerprint } of rows) {
        const number = Number.parseInt(String(fingerprint), 16)
        if (!this.#seenAt.has(number)) this.#seenAt.set(number, now)
      }
      await sleep(EVERY_MS)
    }
  }

  #lowestUnseen(): number {
    const ended = new Map(this.#sent().map((one) => [one.number, one]))
    // What was refused is never seen, unless it was stored and only its answer was lost.
    for (let number = this.#first; ; number += 1)
      if (!this.#seenAt.has(number) && ended.get(number)?.isAccepted !== false) return number
  }
}
