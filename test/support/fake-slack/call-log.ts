import type { JsonObject } from './schema-checks.ts'

/** How a request ended. `status` is absent when no answer was given; `ok` says if Slack did what was asked. */
export interface CallOutcome {
  readonly status?: number
  readonly ok: boolean
  readonly error?: string
  /** The ts of the message that was stored or edited, even when the answer did not say so. */
  readonly ts?: string
  /** The kind of the fault that a test had planned. */
  readonly fault?: string
}

/** One request that reached the fake Slack. */
export interface SlackCall {
  readonly number: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** A Web API method, or `webhook`. */
  readonly method: string
  readonly channel?: string
  readonly args: JsonObject
  /** Arguments that the method does not know and passed over. */
  readonly unknownArguments: readonly string[]
  /** Absent while the request is being answered. */
  outcome?: CallOutcome
  answeredAt?: number
}

/** Every request in the order of arrival. */
export class CallLog {
  readonly #calls: SlackCall[] = []
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  get calls(): readonly SlackCall[] {
    return this.#calls
  }

  start(call: Pick<SlackCall, 'method' | 'args' | 'unknownArguments'>, channel: string | undefined): SlackCall {
    const place = channel === undefined ? {} : { channel }
    const entry: SlackCall = { number: this.#calls.length + 1, at: this.#now(), ...call, ...place }
    this.#calls.push(entry)
    return entry
  }

  /** Notes the outcome; the first one stays. */
  finish(call: SlackCall, outcome: CallOutcome): void {
    call.outcome ??= outcome
    call.answeredAt ??= this.#now()
  }

  clear(): void {
    this.#calls.length = 0
  }
}
