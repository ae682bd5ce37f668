import type { Db } from '../store/database.ts'
import type { FairShare } from './fair-share.ts'
import { readProgress } from './folded-position.ts'

export interface FoldedPositionWatchOptions {
  readonly db: Db
  readonly partitions: readonly string[]
  readonly share: FairShare
  /** The position could not be read; it is tried again. */
  readonly onFault: (error: unknown) => void
}

/** Short beside the folding of a share, long beside two small queries. */
const EVERY_MS = 250

/**
 * Tells a fair share how far the log is folded. It asks the database, which knows it of whatever thread or process that
 * folds, a few times a second while something waits, and rests otherwise. `close()` it.
 */
export class FoldedPositionWatch {
  readonly #options: FoldedPositionWatchOptions
  #timer: NodeJS.Timeout | null = null
  #reading: Promise<void> | null = null
  #isClosed = false

  constructor(options: FoldedPositionWatchOptions) {
    this.#options = options
  }

  /** Something was stored: look soon, and until nothing waits. */
  wake(): void {
    if (this.#isClosed || this.#timer !== null || this.#reading !== null) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#reading = this.#read().finally(() => {
        this.#reading = null
        if (this.#options.share.isWaiting) this.wake()
      })
    }, EVERY_MS).unref()
  }

  /** Ends after the reading under way. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#reading
  }

  async #read(): Promise<void> {
    const { db, partitions, share, onFault } = this.#options
    try {
      share.folded(await readProgress(db, partitions))
    } catch (error) {
      onFault(error)
    }
  }
}
