import { setTimeout as sleep } from 'node:timers/promises'
import { makeAlert, makeWebhookBody } from './generate-alerts.ts'
import { RetryingSender } from './retrying-sender.ts'
import { waitUntil } from './wait-until.ts'

/** Load from a few senders, each of whom goes to the next node when one does not take what it sends. */
export class SteadyLoad {
  readonly sender: RetryingSender
  readonly #done: Promise<unknown>
  #isOver = false
  #turn = 0

  constructor(nodes: readonly { readonly url: string }[], name: string) {
    const url = (): string => `${(nodes[this.#turn++ % nodes.length] as { url: string }).url}/webhook/alertmanager`
    this.sender = new RetryingSender({ url, source: 'alertmanager', timeoutMs: 3_000 })
    this.#done = Promise.all([0, 1, 2, 3].map((lane) => this.#run(`${name}-${lane}`)))
  }

  /** Resolves when this many more were acknowledged. */
  async more(count: number): Promise<void> {
    const wanted = this.sender.acked.length + count
    await waitUntil(() => this.sender.acked.length >= wanted, { timeoutMs: 60_000, why: 'alerts are taken in' })
  }

  /** Resolves when what is under way is acknowledged; fails when something was refused for good. */
  async end(): Promise<void> {
    this.#isOver = true
    await this.#done
    if (this.sender.dropped.length > 0)
      throw new Error(`Dropped for good: ${JSON.stringify(this.sender.dropped.slice(0, 5))}`)
  }

  async #run(lane: string): Promise<void> {
    for (let count = 0; !this.#isOver; count++) {
      const labels = { alertname: `${lane}-${count % 20}`, severity: 'warning', instance: `${count}` }
      await this.sender.deliver(makeWebhookBody([makeAlert({ labels })]))
      await sleep(20)
    }
  }
}
