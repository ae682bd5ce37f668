import type { EventFate, ObservedEvent } from '../domain/observed-event.ts'
import type { Tx } from '../store/database.ts'
import type { NewId } from '../store/new-id.ts'
import type { StoredDelivery } from './delivery-log/delivery-log.ts'
import { type QuarantineDraft, quarantineTx } from './quarantine-rows.ts'
import { type DeliverySlice, slicePath } from './read-slice.ts'
import { isHealed } from './reconcile/healed-delivery.ts'
import { LedgerTally } from './source-ledger.ts'

/** Folds events in the caller's transaction and answers the fate of each, in order: the incidents room, given by the composition root. */
export type FoldEvents = (tx: Tx, events: readonly ObservedEvent[]) => Promise<readonly EventFate[]>

/** What was read of a delivery and is folded in one transaction. */
export interface FoldedPart extends DeliverySlice {
  readonly delivery: StoredDelivery
}

export interface FoldPartsDeps {
  readonly fold: FoldEvents
  readonly newId: NewId
  readonly now: () => number
}

/** Folds what was read, puts what could not be read into quarantine, and counts both, in the caller's transaction. */
export async function foldPartsTx(
  tx: Tx,
  parts: readonly FoldedPart[],
  { fold, newId, now, extent }: FoldPartsDeps & { readonly extent: 'whole' | 'slice' },
): Promise<void> {
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

/** What stands in quarantine for a delivery, or for some of its alerts, that could not be folded. */
export function foldingFailed(
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
