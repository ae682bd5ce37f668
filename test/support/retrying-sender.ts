import { setTimeout as sleep } from 'node:timers/promises'
import type { AckedAlert } from './check-invariants.ts'
import type { WebhookBody } from './generate-alerts.ts'

export interface SenderOptions {
  /** Where to post; asked anew for every try, since a receiver may come back elsewhere. */
  readonly url: () => string
  /** The source behind the address, as the product names it. */
  readonly source: string
  /** How long one try may take. */
  readonly timeoutMs?: number
}

const FIRST_WAIT_MS = 50
const LONGEST_WAIT_MS = 500

/** Sends bodies as Alertmanager does: again after a broken connection, a timeout or a 5xx, never again after a 4xx. */
export class RetryingSender {
  /** What was answered 2xx, in that order. */
  readonly acked: AckedAlert[] = []
  /** Answers that would have made a real sender drop the notification. */
  readonly dropped: { readonly status: number; readonly answer: string }[] = []
  /** How many tries got no answer, or one that asks for another try. */
  retries = 0
  readonly #options: SenderOptions
  #isStopped = false

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /** No further tries; bodies under way stay unacknowledged. */
  stop(): void {
    this.#isStopped = true
  }

  /** Resolves when the body is acknowledged (true), or given up because of a 4xx or a stop (false). */
  async deliver(body: WebhookBody): Promise<boolean> {
    const text = JSON.stringify(body)
    for (let wait = FIRST_WAIT_MS; !this.#isStopped; wait = Math.min(LONGEST_WAIT_MS, wait * 2)) {
      const { status, answer } = await this.#try(text)
      if (status >= 200 && status < 300) {
        for (const alert of body.alerts) this.acked.push({ source: this.#options.source, alert })
        return true
      }
      if (status >= 400 && status < 500) {
        this.dropped.push({ status, answer })
        return false
      }
      this.retries += 1
      await sleep(wait)
    }
    return false
  }

  async #try(text: string): Promise<{ readonly status: number; readonly answer: string }> {
    const { url, timeoutMs = 10_000 } = this.#options
    try {
      const headers = { 'content-type': 'application/json' }
      const signal = AbortSignal.timeout(timeoutMs)
      const response = await fetch(url(), { method: 'POST', headers, body: text, signal })
      return { status: response.status, answer: await response.text() }
    } catch (error) {
      // The answer may be lost while the body was stored: to a sender both look like this.
      return { status: 0, answer: String(error) }
    }
  }
}
