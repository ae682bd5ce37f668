import { isStorageFault } from '../../../store/transaction.ts'
import { type Delivery, LogUnavailableError } from '../delivery-log.ts'

export interface AppendLaneOptions {
  /** Makes deliveries durable, all or none; answers their positions, in order. */
  readonly commit: (deliveries: readonly Delivery[]) => Promise<readonly number[]>
  /** Most that one commit takes. */
  readonly mostDeliveries: number
  /** More than this waiting is refused: memory stays bounded. */
  readonly mostBytes: number
  /** Whoever has waited this long is told that nobody knows. */
  readonly patienceMs: number
}

interface Waiting {
  readonly delivery: Delivery
  readonly resolve: (seq: number) => void
  readonly reject: (error: Error) => void
}

/**
 * Commits one batch after another; what arrives meanwhile makes the next one. A delivery whose commit fails, or takes too long, is
 * refused with `LogUnavailableError`, also when it may have been stored: the sender repeats it.
 */
export class AppendLane {
  readonly #options: AppendLaneOptions
  #waiting: Waiting[] = []
  #bytes = 0
  #committing: Promise<void> | null = null
  #isClosed = false

  constructor(options: AppendLaneOptions) {
    this.#options = options
  }

  append(delivery: Delivery): Promise<number> {
    const { mostBytes, patienceMs } = this.#options
    const { length } = delivery.body
    if (this.#isClosed) return Promise.reject(new LogUnavailableError('it is closed'))
    if (this.#bytes + length > mostBytes && this.#bytes > 0)
      return Promise.reject(new LogUnavailableError('too much is waiting for the database'))
    this.#bytes += length
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#leave(waiting)
        reject(new LogUnavailableError(`the database did not confirm within ${patienceMs} ms`))
      }, patienceMs)
      const settled = (settle: () => void): void => {
        clearTimeout(timer)
        this.#bytes -= length
        settle()
      }
      const waiting = {
        delivery,
        resolve: (seq: number) => settled(() => resolve(seq)),
        reject: (error: Error) => settled(() => reject(error)),
      }
      this.#waiting.push(waiting)
      // One turn of the event loop gathers what arrived together.
      if (this.#committing === null && this.#waiting.length === 1) setImmediate(() => this.#begin())
    })
  }

  /** Ends when nothing waits any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#begin()
    await this.#committing
  }

  #begin(): void {
    if (this.#committing === null && this.#waiting.length > 0) this.#committing = this.#commitWaiting()
  }

  async #commitWaiting(): Promise<void> {
    while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, this.#options.mostDeliveries))
    // In the same breath as the last look: what is appended from here on begins anew.
    this.#committing = null
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    try {
      const seqs = await this.#options.commit(batch.map(({ delivery }) => delivery))
      batch.forEach(({ resolve }, i) => resolve(seqs[i] as number))
    } catch (error) {
      await this.#refuse(batch, error)
    }
  }

  async #refuse(batch: readonly Waiting[], error: unknown): Promise<void> {
    // One that the database would refuse at any time must not take the others with it.
    if (batch.length > 1 && !isStorageFault(error)) {
      for (const one of batch) await this.#commit([one])
      return
    }
    const reason = error instanceof Error ? error.message : String(error)
    for (const { reject } of batch) reject(new LogUnavailableError(reason, error))
  }

  /** One that is being committed keeps its place in memory until that has ended. */
  #leave(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting)
    if (at < 0) return
    this.#waiting.splice(at, 1)
    this.#bytes -= waiting.delivery.body.length
  }
}
