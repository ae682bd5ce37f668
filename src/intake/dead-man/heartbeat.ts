import type { AskHttp } from '../reconcile/ask-http.ts'

export interface HeartbeatSettings {
  readonly url: URL
  readonly method: 'GET' | 'POST'
  readonly everyMs: number
  readonly timeoutMs: number
}

export interface HeartbeatDeps {
  readonly ask: AskHttp
  readonly now: () => number
}

/** What metrics and `/health` tell of it. Counts begin with this process. */
export interface HeartbeatState {
  readonly sent: number
  readonly failed: number
  /** When the receiver last took one, ms since 1970; null = not from this process yet. */
  readonly takenAt: number | null
  readonly problem: { readonly problem: string; readonly remedy: string } | null
}

/** A heartbeat is a proof of what was true so recently. */
export const PROOF_LASTS_MS = 60_000

/** Sent early rather than a tick late: receivers count the time between two of them. */
const EARLY = 0.9

/**
 * Tells somebody outside that everything works, as long as that has been proven within the last minute: whoever waits for
 * it hears of a fault by its absence. Its address is a secret, which no text here holds.
 */
export class Heartbeat {
  readonly #settings: HeartbeatSettings
  readonly #deps: HeartbeatDeps
  #sentAt: number | null = null
  state: HeartbeatState = { sent: 0, failed: 0, takenAt: null, problem: null }

  constructor(settings: HeartbeatSettings, deps: HeartbeatDeps) {
    this.#settings = settings
    this.#deps = deps
  }

  /** Sends one if it is due and proven. Never throws: a receiver that does not answer is a problem to be read. */
  async beat(provenUpTo: number | null, stop: AbortSignal): Promise<void> {
    const now = this.#deps.now()
    if (provenUpTo === null || now - provenUpTo > PROOF_LASTS_MS) {
      this.#fail(provenUpTo === null ? NOT_PROVEN_YET : NOT_PROVEN, 0)
      return
    }
    if (this.#sentAt !== null && now - this.#sentAt < this.#settings.everyMs * EARLY) return
    this.#sentAt = now
    await this.#send(stop)
  }

  async #send(stop: AbortSignal): Promise<void> {
    const { url, method, timeoutMs } = this.#settings
    const answer = await this.#deps.ask({ url, method, timeoutMs }, stop)
    if (stop.aborted) return
    if (answer.kind === 'failed')
      return this.#fail({ problem: 'The receiver of the heartbeat cannot be reached', remedy: answer.remedy }, 1)
    answer.drop()
    if (answer.status < 200 || answer.status >= 300)
      return this.#fail(
        { problem: `The receiver of the heartbeat answered ${answer.status}`, remedy: CHECK_ADDRESS },
        1,
      )
    this.state = { ...this.state, sent: this.state.sent + 1, takenAt: this.#deps.now(), problem: null }
  }

  #fail(problem: HeartbeatState['problem'], count: number): void {
    this.state = { ...this.state, failed: this.state.failed + count, problem }
  }
}

const CHECK_ADDRESS = 'Check `heartbeat.url`: copy it again from the page of the check.'
const NOT_PROVEN_YET = {
  problem: 'No heartbeat is sent: no self-test has gone all the way from the log to the jobs yet',
  remedy: 'Wait a few seconds; when it stays, look at the log of Nunchi.',
} as const
const NOT_PROVEN = {
  problem: 'No heartbeat is sent: the last self-test did not go all the way from the log to the jobs',
  remedy: 'Look at the other problems and at the log of Nunchi: the intake, the fold or the jobs do not move.',
} as const
