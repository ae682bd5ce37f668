import { crashPoint } from '../store/crash-point.ts'
import type { Db, Tx } from '../store/database.ts'
import { faultOf } from '../store/fault-of.ts'
import { inTransaction, isStorageFault } from '../store/transaction.ts'
import type { DeliveryReader, StoredDelivery } from './delivery-log/delivery-log.ts'
import { type FoldedPart, type FoldPartsDeps, foldingFailed, foldPartsTx } from './fold-parts.ts'
import { FOLD_CONSUMER, readFoldedPosition } from './folded-position.ts'
import { LargeDeliveries } from './large-deliveries.ts'
import { PositionMovedError } from './position-moved-error.ts'
import { openDelivery } from './read-delivery.ts'
import { isFoldedWhole, readSlice } from './read-slice.ts'
import type { SourceRegistry } from './source-registry.ts'

export interface ConsumerOptions extends FoldPartsDeps {
  readonly db: Db
  readonly reader: DeliveryReader
  readonly sources: SourceRegistry
  /** A batch is committed: jobs may be due, streams have something to tell. */
  readonly onCommitted: (batch: { readonly upTo: number; readonly events: number }) => void
  /** A delivery could not be folded and is in quarantine, or something of it is lost. */
  readonly onFault: (error: unknown, what: string) => void
  /** Nothing can be folded now; it is tried again after a pause. */
  readonly onPaused: (error: unknown) => void
  /** Runs one look into the log, and what follows from it, when it is this consumer's turn; absent = at once. */
  readonly inTurn?: (work: () => Promise<boolean>) => Promise<boolean>
}

const READ_DELIVERIES = 1000
/** With fewer than this read ahead more is read first: a small batch costs nearly as many fsyncs and pages as a full one. */
const READ_ON_BELOW = 128
const READ_BYTES = 2 * 1024 * 1024
const BATCH_EVENTS = 1000
/** Smaller ones would not be done much sooner. */
const SMALLEST_BATCH_EVENTS = 60
/** Whoever appends, or watches the log, wakes the consumer: this is for what nobody told. */
const POLL_MS = 5000
const PAUSE_AFTER_FAULT_MS = 500

interface Part extends FoldedPart {
  /** Too large for this batch: remembered, to be folded in slices. */
  readonly isDeferred: boolean
  /** Could not be folded: all that is left to do is to put it into quarantine. */
  readonly isGivenUp?: boolean
}

/**
 * Reads one partition of the delivery log in order and folds it: the effects of a batch and the position in the log are
 * committed together, so each delivery has its effect exactly once, whatever crashes in between.
 */
export class Consumer {
  readonly #options: ConsumerOptions
  #position: number | null = null
  /** Read but not folded: a batch takes fewer deliveries than one read brings, and reading means decompressing. */
  #ahead: readonly StoredDelivery[] = []
  readonly #large: LargeDeliveries
  /** Whether a large delivery may be waiting for its slices: looked at only then. */
  #mayHaveLarge = true
  /** What a batch takes at most: less while other folds are in its way, for all wait for whoever holds the counters. */
  #batchEvents = BATCH_EVENTS
  #isClosing = false
  #isAwake = false
  #wakeUp: (() => void) | null = null
  #loop: Promise<void> | null = null

  constructor(options: ConsumerOptions) {
    this.#options = options
    const onSlice = (events: number): void => options.onCommitted({ upTo: this.#position ?? 0, events })
    this.#large = new LargeDeliveries({ ...options, onSlice })
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  /** Something was appended; or a large delivery was put aside by somebody else. */
  wake(what: 'appended' | 'put-aside' = 'appended'): void {
    if (what === 'put-aside') this.#mayHaveLarge = true
    this.#isAwake = true
    this.#wakeUp?.()
  }

  /** Ends after the batch under way. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.wake()
    await this.#loop
  }

  /** Folds everything that is in the log now; for tests and tools without a loop. */
  async drain(): Promise<void> {
    this.#mayHaveLarge = true
    while (await this.#fold());
  }

  async #run(): Promise<void> {
    const inTurn = this.#options.inTurn ?? ((work) => work())
    while (!this.#isClosing) {
      this.#isAwake = false
      try {
        // Promises alone never let timers and messages of this thread run.
        if (await inTurn(() => this.#fold())) await new Promise((resolve) => setImmediate(resolve))
        else if (!this.#isAwake) await this.#rest()
      } catch (error) {
        this.#position = null
        this.#mayHaveLarge = true
        if (!this.#hasShrunk(error)) this.#options.onPaused(error)
        await this.#sleep(PAUSE_AFTER_FAULT_MS)
      }
    }
  }

  /** Whether smaller batches may get through where this one did not. */
  #hasShrunk(error: unknown): boolean {
    if (faultOf(error) !== 'busy' || this.#batchEvents === SMALLEST_BATCH_EVENTS) return false
    this.#batchEvents = Math.max(SMALLEST_BATCH_EVENTS, Math.floor(this.#batchEvents / 4))
    return true
  }

  async #rest(): Promise<void> {
    await this.#sleep(POLL_MS)
    if (!this.#isAwake) this.#mayHaveLarge = true
  }

  /** The next batch and the next slice; false when there was neither. */
  async #fold(): Promise<boolean> {
    if (this.#isClosing) return false
    const folded = await this.#foldNext()
    const mayHaveLarge = this.#mayHaveLarge
    // Before it looks: what is put aside meanwhile is looked for again.
    this.#mayHaveLarge = false
    const sliced = mayHaveLarge && (await this.#large.foldNext())
    this.#mayHaveLarge ||= sliced
    return folded || sliced
  }

  async #foldNext(): Promise<boolean> {
    this.#position ??= await this.#storedPosition()
    const ahead = this.#ahead
    // Whatever fails from here on, the log is read anew from the stored position.
    this.#ahead = []
    const deliveries = ahead.length < READ_ON_BELOW ? [...ahead, ...(await this.#readAfter(ahead))] : ahead
    if (deliveries.length === 0) return false
    const parts = this.#partsOf(deliveries)
    await this.#commitParts(parts)
    this.#ahead = deliveries.slice(parts.length)
    return true
  }

  async #readAfter(ahead: readonly StoredDelivery[]): Promise<readonly StoredDelivery[]> {
    const from = ahead.at(-1)?.seq ?? this.#position ?? 0
    return await this.#options.reader.read(from, { count: READ_DELIVERIES, bytes: READ_BYTES })
  }

  /** As many deliveries as one transaction should take, at least one. */
  #partsOf(deliveries: readonly StoredDelivery[]): readonly Part[] {
    const parts: Part[] = []
    let events = 0
    for (const delivery of deliveries) {
      if (events >= this.#batchEvents) break
      const part = this.#partOf(delivery)
      events += part.events.length
      parts.push(part)
    }
    return parts
  }

  #partOf(delivery: StoredDelivery): Part {
    const opened = openDelivery(delivery, this.#options.sources)
    if (!opened.ok)
      return {
        delivery,
        events: [],
        quarantined: [{ delivery, index: -1, problem: { path: '', reason: opened.reason, raw: '' } }],
        isDeferred: false,
      }
    if (!isFoldedWhole(delivery, opened)) return { delivery, events: [], quarantined: [], isDeferred: true }
    return { delivery, ...readSlice(delivery, opened, 0, opened.alertCount), isDeferred: false }
  }

  async #commitParts(parts: readonly Part[]): Promise<void> {
    const last = parts.at(-1)?.delivery.seq as number
    try {
      await inTransaction(this.#options.db, async (tx) => {
        // First: of two consumers one waits here, before it has done anything that the other is in the way of.
        await this.#advanceTx(tx, last)
        await foldPartsTx(tx, parts, { ...this.#options, extent: 'whole' })
        await this.#deferTx(tx, parts)
        crashPoint('before_fold_commit')
      })
    } catch (error) {
      if (error instanceof PositionMovedError || isStorageFault(error)) throw error
      await this.#isolate(parts, error)
      return
    }
    crashPoint('after_fold_commit')
    this.#position = last
    this.#batchEvents = Math.min(BATCH_EVENTS, this.#batchEvents * 2)
    this.#mayHaveLarge ||= parts.some(({ isDeferred }) => isDeferred)
    this.#options.onCommitted({ upTo: last, events: parts.reduce((sum, part) => sum + part.events.length, 0) })
  }

  /** Something in the batch cannot be folded, which is a fault of ours: find the delivery, quarantine it, keep the others. */
  async #isolate(parts: readonly Part[], error: unknown): Promise<void> {
    const [only] = parts
    if (parts.length > 1) {
      for (const part of parts) await this.#commitParts([part])
      return
    }
    // A delivery whose place in quarantine is refused too would be given up again and again, without a pause.
    if (!only || only.isGivenUp || only.events.length + only.quarantined.length === 0) throw error
    this.#options.onFault(error, `Delivery ${only.delivery.seq} cannot be folded and is in quarantine`)
    const quarantined = [foldingFailed(only.delivery, null, error)]
    await this.#commitParts([{ ...only, events: [], quarantined, isGivenUp: true }])
  }

  async #deferTx(tx: Tx, parts: readonly Part[]): Promise<void> {
    for (const { delivery, isDeferred } of parts) {
      if (isDeferred)
        await tx
          .insertInto('deferred_delivery')
          .values({ log_id: this.#options.reader.partition, seq: delivery.seq, next_index: 0 })
          .execute()
    }
  }

  /** The position moves only from where this consumer began: a second consumer of the same log loses the race and its batch. */
  async #advanceTx(tx: Tx, to: number): Promise<void> {
    const { partition } = this.#options.reader
    const from = this.#position ?? 0
    const moved = await tx
      .updateTable('log_position')
      .set({ seq: to })
      .where('log_id', '=', partition)
      .where('consumer', '=', FOLD_CONSUMER)
      .where('seq', '=', from)
      .executeTakeFirst()
    if (moved.numUpdatedRows === 1n) return
    if (from !== 0) throw new PositionMovedError()
    try {
      await tx.insertInto('log_position').values({ log_id: partition, consumer: FOLD_CONSUMER, seq: to }).execute()
    } catch (error) {
      // Two began at the beginning.
      throw faultOf(error) === 'unique' ? new PositionMovedError() : error
    }
  }

  async #storedPosition(): Promise<number> {
    return await readFoldedPosition(this.#options.db, this.#options.reader.partition)
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
