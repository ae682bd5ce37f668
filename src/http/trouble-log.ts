import type { Logger } from 'pino'

const EVERY_MS = 10_000

/** Logs what happens with every request while something is wrong: the first time, and then every ten seconds with its count. */
export class TroubleLog {
  readonly #logger: Pick<Logger, 'warn'>
  readonly #now: () => number
  readonly #byKind = new Map<string, { toldAt: number; untold: number }>()

  constructor(logger: Pick<Logger, 'warn'>, now: () => number) {
    this.#logger = logger
    this.#now = now
  }

  /** `kind` is one of few words: each is counted by itself. */
  tell(kind: string, facts: object, text: string): void {
    const now = this.#now()
    const state = this.#byKind.get(kind)
    if (state && Math.abs(now - state.toldAt) < EVERY_MS) {
      state.untold++
      return
    }
    this.#logger.warn({ ...facts, ...(state && state.untold > 0 && { times: state.untold + 1 }) }, text)
    this.#byKind.set(kind, { toldAt: now, untold: 0 })
  }
}
