import type { Db } from '../store/database.ts'
import { inTransaction, isStorageFault } from '../store/transaction.ts'
import type { DeliveryReader, StoredDelivery } from './delivery-log/delivery-log.ts'
import { type FoldedPart, type FoldPartsDeps, foldingFailed, foldPartsTx } from './fold-parts.ts'
import { PositionMovedError } from './position-moved-error.ts'
import { openDelivery } from './read-delivery.ts'
import { readSlice, sliceSize } from './read-slice.ts'
import type { SourceRegistry } from './source-registry.ts'
import type { ReadableDelivery } from './sources/source-adapter.ts'

export interface LargeDeliveriesOptions extends FoldPartsDeps {
  readonly db: Db
  readonly reader: DeliveryReader
  readonly sources: SourceRegistry
  /** A slice with so many events is committed. */
  readonly onSlice: (events: number) => void
  /** Something could not be folded and is in quarantine, or is lost. */
  readonly onFault: (error: unknown, what: string) => void
}

interface LargeDelivery {
  readonly ok: true
  readonly seq: number
  readonly opened: ReadableDelivery
  readonly delivery: StoredDelivery
}

/** The deliveries of one partition that were put aside because they are too large for a batch: folded slice by slice, between the others. */
export class LargeDeliveries {
  readonly #options: LargeDeliveriesOptions
  #large: LargeDelivery | null = null

  constructor(options: LargeDeliveriesOptions) {
    this.#options = options
  }

  /** Folds the next slice of the oldest one; false when none was put aside. Throws what keeps it from that. */
  async foldNext(): Promise<boolean> {
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
    else await this.#giveUp(large, waiting)
    return true
  }

  /** What could be opened when it was put aside cannot be opened now (its source was removed): a person must see it. */
  async #giveUp(
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
    const quarantined = [{ delivery, index: -1, problem: { path: '', reason, raw: '' } }]
    const part: FoldedPart = { delivery, events: [], quarantined }
    await this.#commitPart(part, { from, to: from, isLast: true })
  }

  async #commitSlice(
    { delivery, opened }: { delivery: StoredDelivery; opened: ReadableDelivery },
    from: number,
  ): Promise<void> {
    const to = Math.min(from + sliceSize(delivery, opened), opened.alertCount)
    const part: FoldedPart = { delivery, ...readSlice(delivery, opened, from, to) }
    try {
      await this.#commitPart(part, { from, to, isLast: to === opened.alertCount })
    } catch (error) {
      if (error instanceof PositionMovedError || isStorageFault(error)) throw error
      this.#options.onFault(
        error,
        `Alerts ${from}–${to - 1} of delivery ${delivery.seq} cannot be folded and are in quarantine`,
      )
      await this.#commitPart(
        { ...part, events: [], quarantined: [foldingFailed(delivery, { from, to }, error)] },
        { from, to, isLast: to === opened.alertCount },
      )
    }
    if (to === opened.alertCount) this.#large = null
    this.#options.onSlice(part.events.length)
  }

  async #commitPart(
    part: FoldedPart,
    { from, to, isLast }: { from: number; to: number; isLast: boolean },
  ): Promise<void> {
    const { db, reader } = this.#options
    await inTransaction(db, async (tx) => {
      await foldPartsTx(tx, [part], { ...this.#options, extent: 'slice' })
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
}
