import type { Tx } from '../../store/database.ts'
import { type Period, seriesIdsOf } from './series-queries.ts'

/** Most series that are told apart, by length of the period in hours. Others are counted as the rest of their source. */
export const MOST_SERIES = { 1: 200, 24: 400 } as const

const MOST_PERIODS = 8

/**
 * Which series of a period have rows of their own. However many services alerts name, a period has a bounded number of
 * rows: those that come when it is full are counted together. Keeps only what it read from the database, so that a
 * transaction that is rolled back leaves nothing behind here; transactions at the same moment may exceed the bound by
 * what each of them adds.
 */
export class SeriesRoster {
  readonly #known = new Map<string, Set<string>>()

  /** Of these ids, in order, those that have rows of their own in the period, and those among them that are new to it. */
  async admit(
    tx: Tx,
    period: Period,
    ids: readonly string[],
  ): Promise<{ readonly admitted: ReadonlySet<string>; readonly added: readonly string[] }> {
    const most = MOST_SERIES[period.stepHours]
    let known = this.#known.get(keyOf(period)) ?? new Set<string>()
    if (known.size < most && ids.some((id) => !known.has(id))) {
      known = new Set(await seriesIdsOf(tx, period))
      this.#keep(period, known)
    }
    const added = ids.filter((id) => !known.has(id)).slice(0, Math.max(0, most - known.size))
    return { admitted: new Set([...ids.filter((id) => known.has(id)), ...added]), added }
  }

  #keep(period: Period, known: Set<string>): void {
    const key = keyOf(period)
    this.#known.delete(key)
    this.#known.set(key, known)
    const oldest = this.#known.keys().next().value
    if (this.#known.size > MOST_PERIODS && oldest !== undefined) this.#known.delete(oldest)
  }
}

function keyOf({ tenantId, stepHours, at }: Period): string {
  return `${tenantId} ${stepHours} ${at}`
}
