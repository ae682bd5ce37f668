import { Consumer, type ConsumerOptions } from './consume.ts'
import type { DeliveryReaders } from './delivery-log/delivery-log.ts'
import { Turns } from './turns.ts'

export interface ConsumerGroupOptions extends Omit<ConsumerOptions, 'reader' | 'onPaused' | 'inTurn'> {
  readonly readers: DeliveryReaders
}

/** They share one thread and one pool of connections: more at a time would fold no faster, and leave nothing to the jobs. */
const MOST_AT_A_TIME = 4
/** What keeps one from folding keeps all: it is told once in this time. */
const TOLD_EVERY_MS = 5000

/**
 * Folds the partitions that are assigned to this node, each with a consumer of its own. One that is taken away ends after
 * the batch under way, and is free for another node when `assign` resolves.
 */
export class ConsumerGroup {
  readonly #options: ConsumerGroupOptions
  readonly #running = new Map<string, Running>()
  #assigned: readonly string[] = []
  #changing: Promise<void> = Promise.resolve()
  #isStarted = false
  #stopWatching: (() => void) | null = null
  readonly #turns = new Turns(MOST_AT_A_TIME)
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(options: ConsumerGroupOptions) {
    this.#options = options
  }

  /** The partitions of the log, all of them. */
  get partitions(): readonly string[] {
    return this.#options.readers.partitions
  }

  /** Begins to fold what is assigned, now and later. */
  start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    this.#stopWatching = this.#options.readers.watch((partition) => this.wake(partition))
    for (const { consumer } of this.#running.values()) consumer.start()
  }

  /**
   * From now on fold exactly these. Resolves when those that are not among them have ended, which takes as long as the batch under
   * way, and the others have begun. Calls are carried out one after another, in their order.
   */
  assign(partitions: readonly string[]): Promise<void> {
    this.#assigned = partitions
    this.#changing = this.#changing.then(() => this.#change())
    return this.#changing
  }

  /** Something was appended to a partition; without one, there is something to do in any. */
  wake(partition?: string): void {
    if (partition !== undefined) this.#running.get(partition)?.consumer.wake()
    else for (const { consumer } of this.#running.values()) consumer.wake('put-aside')
  }

  /** Folds everything that is in the assigned partitions now; for tests and tools without a loop. */
  async drain(): Promise<void> {
    for (const { consumer } of this.#running.values()) await consumer.drain()
  }

  /** Ends after the batches under way. */
  async close(): Promise<void> {
    this.#stopWatching?.()
    await this.assign([])
    await this.#options.readers.close()
  }

  async #change(): Promise<void> {
    const wanted = new Set(this.#assigned)
    const leaving = [...this.#running].filter(([partition]) => !wanted.has(partition))
    await Promise.all(leaving.map(([partition, running]) => this.#end(partition, running)))
    for (const partition of wanted) if (!this.#running.has(partition)) this.#begin(partition)
  }

  #begin(partition: string): void {
    const { readers, ...options } = this.#options
    const reader = readers.open(partition)
    const consumer = new Consumer({
      ...options,
      reader,
      inTurn: (work) => this.#turns.take(work),
      onPaused: (error) => this.#paused(error),
    })
    this.#running.set(partition, { consumer, closeReader: () => reader.close() })
    if (this.#isStarted) consumer.start()
  }

  #paused(error: unknown): void {
    if (performance.now() - this.#toldAt < TOLD_EVERY_MS) return
    this.#toldAt = performance.now()
    this.#options.onFault(error, 'Folding paused')
  }

  async #end(partition: string, { consumer, closeReader }: Running): Promise<void> {
    await consumer.close()
    await closeReader()
    this.#running.delete(partition)
  }
}

interface Running {
  readonly consumer: Consumer
  readonly closeReader: () => Promise<void>
}
