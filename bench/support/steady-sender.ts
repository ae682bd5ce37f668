import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** What became of one request. */
export interface Sent {
  readonly number: number
  readonly dueAt: number
  /** When it ended, well or not; `performance.now()`, as all times here. */
  readonly endedAt: number
  readonly isAccepted: boolean
}

/** Where a steady load goes and what it carries. */
export interface SteadyLoad {
  readonly port: number
  readonly path: string
  readonly perSecond: number
  /** The body of each request by its number. */
  readonly body: (number: number) => string
  /** The first number; default 0. */
  readonly first?: number
}

/** As long as Alertmanager would wait, about. */
const TIMEOUT_MS = 10_000

/** Sends requests at fixed times, whatever the answers, until it is stopped. Nothing is sent twice: what fails has failed. */
export class SteadySender {
  readonly #load: SteadyLoad
  readonly #agent = new Agent({ keepAlive: true })
  readonly #startedAt = performance.now()
  readonly #sent: Promise<Sent>[] = []
  readonly #ended: Sent[] = []
  readonly #running: Promise<void>
  #isOver = false

  constructor(load: SteadyLoad) {
    this.#load = load
    this.#running = this.#run()
  }

  /** Those that have ended, in the order of their ends. */
  get ended(): readonly Sent[] {
    return this.#ended
  }

  /** Sends nothing more, and answers what became of everything. */
  async stop(): Promise<readonly Sent[]> {
    this.#isOver = true
    await this.#running
    const all = await Promise.all(this.#sent)
    this.#agent.destroy()
    return all
  }

  async #run(): Promise<void> {
    const { perSecond, first = 0 } = this.#load
    for (let index = 0; !this.#isOver; index += 1) {
      const dueAt = this.#startedAt + (index * 1_000) / perSecond
      const waitMs = dueAt - performance.now()
      if (waitMs > 0) await sleep(waitMs)
      this.#sent.push(this.#send(first + index, dueAt))
    }
  }

  async #send(number: number, dueAt: number): Promise<Sent> {
    const status = await post(this.#agent, this.#load, this.#load.body(number))
    const sent = { number, dueAt, endedAt: performance.now(), isAccepted: status >= 200 && status < 300 }
    this.#ended.push(sent)
    return sent
  }
}

/** The status of the answer; 0 when there was none. */
function post(agent: Agent, { port, path }: SteadyLoad, body: string): Promise<number> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const sending = request({ agent, host: '127.0.0.1', port, path, method: 'POST', headers, signal }, (reply) => {
      reply.resume()
      reply.once('end', () => resolve(reply.statusCode ?? 0))
      reply.once('error', () => resolve(0))
    })
    sending.once('error', () => resolve(0))
    sending.end(body)
  })
}

/** The longest time after `from` in which nothing was accepted, ms. */
export function longestGap(sent: readonly Sent[], from: number): number {
  const times = sent.filter(({ isAccepted }) => isAccepted).map(({ endedAt }) => endedAt)
  const before = Math.max(...times.filter((at) => at < from), 0)
  const after = times.filter((at) => at >= from).toSorted((a, b) => a - b)
  const last = Math.max(...sent.map(({ endedAt }) => endedAt))
  const marks = [before === 0 ? from : before, ...after, last]
  return marks.slice(1).reduce((longest, at, index) => Math.max(longest, at - (marks[index] ?? at)), 0)
}
