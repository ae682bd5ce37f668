import type { EventFate, ObservedEvent } from '../domain/observed-event.ts'
import { crashPoint } from '../store/crash-point.ts'
import type { Db, Tx } from '../store/database.ts'
import { faultOf } from '../store/fault-of.ts'
import type { NewId } from '../store/new-id.ts'
import { inTransaction, isStorageFault } from '../store/transaction.ts'
import type { DeliveryReader, StoredDelivery } from './delivery-log/delivery-log.ts'
import { FOLD_CONSUMER, readFoldedPosition } from './folded-position.ts'
import { type QuarantineDraft, quarantineTx } from './quarantine-rows.ts'
import { openDelivery } from './read-delivery.ts'
import { type DeliverySlice, isFoldedWhole, readSlice, slicePath, sliceSize } from './read-slice.ts'
import { isHealed } from './reconcile/healed-delivery.ts'
import { LedgerTally } from './source-ledger.ts'
import type { SourceRegistry } from './source-registry.ts'
import type { ReadableDelivery } from './sources/source-adapter.ts'

/** Folds events in the caller's transaction and answers the fate of each, in order: the incidents room, given by the composition root. */
export type FoldEvents = (tx: Tx, events: readonly ObservedEvent[]) => Promise<readonly EventFate[]>

export interface ConsumerOptions {
  readonly db: Db
  readonly reader: DeliveryReader
  readonly sources: SourceRegistry
  readonly fold: FoldEvents
  readonly newId: NewId
  readonly now: () => number
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
/** Whoever appends, or watches the log, wakes the consumer: this is for what nobody told. */
const POLL_MS = 5000
const PAUSE_AFTER_FAULT_MS = 500

interface Part extends DeliverySlice {
  readonly delivery: StoredDelivery
  /** Too large for this batch: remembered, to be folded in slices. */
  readonly isDeferred: boolean
  /** Could not be folded: all that is left to do is to put it into quarantine. */
  readonly isGivenUp?: boolean
}

interface LargeDelivery {
  readonly ok: true
  readonly seq: number
  readonly opened: ReadableDelivery
  readonly delivery: StoredDelivery
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
  #large: LargeDelivery | null = null
  /** Whether a large delivery may be waiting for its slices: looked at only then. */
  #mayHaveLarge = true
  #isClosing = false
  #isAwake = false
  #wakeUp: (() => void) | null = null
  #loop: Promise<void> | null = null

  constructor(options: ConsumerOptions) {
    this.#options = options
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
        this.#options.onPaused(error)
        await this.#sleep(PAUSE_AFTER_FAULT_MS)
      }
    }
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
    const sliced = mayHaveLarge && (await this.#foldSlice())
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
      if (events >= BATCH_EVENTS) break
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
        await this.#foldTx(tx, parts, 'whole')
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

  async #foldTx(tx: Tx, parts: readonly Part[], extent: 'whole' | 'slice'): Promise<void> {
    const { fold, newId, now } = this.#options
    const tally = new LedgerTally()
    const events = parts.flatMap((part) => part.events)
    const fates = await fold(tx, events)
    events.forEach((observed, i) => {
      const row = tally.row(observed.tenantId, observed.source)
      row.events_read += 1
      if (fates[i] === 'linked') row.events_linked += 1
      else row.events_suppressed += 1
    })
    for (const { delivery, quarantined } of parts) {
      const row = tally.row(delivery.tenantId, delivery.source)
      // A delivery in slices was counted when it was put aside.
      if (extent === 'whole') row.deliveries += 1
      // What Nunchi healed by itself says nothing about whether the source is alive.
      if (!isHealed(delivery.contentType)) row.last_received_at = Math.max(row.last_received_at, delivery.receivedAt)
      row.events_read += quarantined.length
      row.events_quarantined += quarantined.length
    }
    await quarantineTx(
      tx,
      parts.flatMap((part) => part.quarantined),
      { newId, now: now() },
    )
    await tally.writeTx(tx)
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

  async #foldSlice(): Promise<boolean> {
    const { db, reader } = this.#options
    const waiting = await db
      .selectFrom('deferred_delivery')
      .selectAll()
      .where('log_id', '=', reader.partition)
      .orderBy('seq')
      .limit(1)
      .executeTakeFirst()
    if (!waiting) return false
    const large = await this.#openLarge(Number(waiting.seq))
    if (large?.ok) await this.#commitSlice(large, waiting.next_index)
    else await this.#giveUpSlices(large, waiting)
    return true
  }

  /** What could be opened when it was put aside cannot be opened now (its source was removed): a person must see it. */
  async #giveUpSlices(
    unreadable: { readonly delivery: StoredDelivery; readonly reason: string } | null,
    { seq, next_index: from }: { readonly seq: number; readonly next_index: number },
  ): Promise<void> {
    const { db, reader, onFault } = this.#options
    if (unreadable === null) {
      onFault(
        new Error(`Delivery ${seq} is not in the log any more`),
        `The alerts of delivery ${seq} from position ${from} on are lost`,
      )
      await db.deleteFrom('deferred_delivery').where('log_id', '=', reader.partition).where('seq', '=', seq).execute()
      return
    }
    const { delivery, reason } = unreadable
    const part: Part = {
      delivery,
      events: [],
      quarantined: [{ delivery, index: -1, problem: { path: '', reason, raw: '' } }],
      isDeferred: false,
    }
    await this.#commitSlicePart(part, { from, to: from, isLast: true })
  }

  async #commitSlice(
    { delivery, opened }: { delivery: StoredDelivery; opened: ReadableDelivery },
    from: number,
  ): Promise<void> {
    const to = Math.min(from + sliceSize(delivery, opened), opened.alertCount)
    const part: Part = { delivery, ...readSlice(delivery, opened, from, to), isDeferred: false }
    try {
      await this.#commitSlicePart(part, { from, to, isLast: to === opened.alertCount })
    } catch (error) {
      if (error instanceof PositionMovedError || isStorageFault(error)) throw error
      this.#options.onFault(
        error,
        `Alerts ${from}–${to - 1} of delivery ${delivery.seq} cannot be folded and are in quarantine`,
      )
      await this.#commitSlicePart(
        { ...part, events: [], quarantined: [foldingFailed(delivery, { from, to }, error)] },
        { from, to, isLast: to === opened.alertCount },
      )
    }
    if (to === opened.alertCount) this.#large = null
    this.#options.onCommitted({ upTo: this.#position ?? 0, events: part.events.length })
  }

  async #commitSlicePart(
    part: Part,
    { from, to, isLast }: { from: number; to: number; isLast: boolean },
  ): Promise<void> {
    const { db, reader } = this.#options
    await inTransaction(db, async (tx) => {
      await this.#foldTx(tx, [part], 'slice')
      const { numUpdatedRows } = await tx
        .updateTable('deferred_delivery')
        .set({ next_index: to })
        .where('log_id', '=', reader.partition)
        .where('seq', '=', part.delivery.seq)
        .where('next_index', '=', from)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) throw new PositionMovedError()
      if (isLast)
        await tx
          .deleteFrom('deferred_delivery')
          .where('log_id', '=', reader.partition)
          .where('seq', '=', part.delivery.seq)
          .execute()
    })
  }

  async #openLarge(
    seq: number,
  ): Promise<
    LargeDelivery | { readonly ok: false; readonly delivery: StoredDelivery; readonly reason: string } | null
  > {
    if (this.#large?.seq === seq) return this.#large
    const delivery = await this.#options.reader.get(seq)
    if (!delivery) return null
    const opened = openDelivery(delivery, this.#options.sources)
    if (!opened.ok) return { ok: false, delivery, reason: opened.reason }
    this.#large = { ok: true, seq, opened, delivery }
    return this.#large
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

/** Another consumer folded this part of the log: nothing of the batch was kept, and this one reads its position anew. */
class PositionMovedError extends Error {
  constructor() {
    super('Another consumer has folded this part of the delivery log')
  }
}

function foldingFailed(
  delivery: StoredDelivery,
  alerts: { readonly from: number; readonly to: number } | null,
  error: unknown,
): QuarantineDraft {
  const message = error instanceof Error ? error.message : String(error)
  const path = alerts === null ? '' : slicePath(alerts.from, alerts.to)
  return {
    delivery,
    index: alerts?.from ?? -1,
    problem: {
      path,
      reason: `It could not be folded: ${message}. This is a bug of Nunchi; it can be replayed after an upgrade.`,
      raw: '',
    },
  }
}
