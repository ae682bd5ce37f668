import type { Db } from '../../../store/database.ts'
import { readCounters } from './table-counter-queries.ts'

/** As long as a delivery that another node took waits at most before this one knows of it. */
const EVERY_MS = 100
/** While the database does not answer. */
const PAUSE_MS = 1000

/** Looks at the counters of all partitions with one query, while somebody listens. */
export class CounterWatch {
  readonly #db: Db
  readonly #partitions: readonly string[]
  readonly #listeners = new Set<(partition: string) => void>()
  readonly #known = new Map<number, number>()
  #timer: NodeJS.Timeout | null = null
  #looking: Promise<void> | null = null

  constructor(db: Db, partitions: readonly string[]) {
    this.#db = db
    this.#partitions = partitions
  }

  /** Calls back for every partition that grew, and once at the beginning for every one that is not empty. */
  add(listener: (partition: string) => void): () => void {
    this.#listeners.add(listener)
    this.#known.clear()
    this.#schedule(EVERY_MS)
    return () => this.#listeners.delete(listener)
  }

  /** Ends after the look under way. */
  async close(): Promise<void> {
    this.#listeners.clear()
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#looking
  }

  #schedule(ms: number): void {
    if (this.#timer !== null || this.#listeners.size === 0) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#looking = this.#look().then(
        () => this.#schedule(EVERY_MS),
        // Consumers look by themselves too, and say what is wrong.
        () => this.#schedule(PAUSE_MS),
      )
    }, ms).unref()
  }

  async #look(): Promise<void> {
    for (const { index, lastCount } of await readCounters(this.#db)) {
      const grew = lastCount > (this.#known.get(index) ?? 0)
      this.#known.set(index, lastCount)
      if (grew) for (const listener of this.#listeners) listener(this.#partitions[index] as string)
    }
  }
}
