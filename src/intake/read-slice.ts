import type { ObservedEvent } from '../domain/observed-event.ts'
import type { StoredDelivery } from './delivery-log/delivery-log.ts'
import type { QuarantineDraft } from './quarantine-rows.ts'
import type { ReadableDelivery } from './sources/source-adapter.ts'

/** Larger deliveries are folded in slices of this many alerts, in turn with everybody else's. */
export const SLICE_ALERTS = 1000

/** What a slice of a delivery holds: events to fold, and what goes into quarantine. */
export interface DeliverySlice {
  readonly events: readonly ObservedEvent[]
  readonly quarantined: readonly QuarantineDraft[]
}

/** Reads the alerts [from, to) of an opened delivery. Never throws: `openDelivery` has made failures of the adapter problems. */
export function readSlice(delivery: StoredDelivery, opened: ReadableDelivery, from: number, to: number): DeliverySlice {
  const { events, problems } = opened.slice(from, to)
  const { tenantId, source, sourceKind, receivedAt, seq } = delivery
  return {
    events: events.map((event, i) => ({
      tenantId,
      source,
      sourceKind,
      deliverySeq: seq,
      index: from + i,
      receivedAt,
      event,
    })),
    quarantined: problems.map((problem) => ({ delivery, index: indexIn(problem.path), problem })),
  }
}

/** `alerts[3].labels` → 3; a problem of the whole body → -1. */
function indexIn(path: string): number {
  const match = /\[(\d+)/.exec(path)
  return match ? Number(match[1]) : -1
}

/** The path of a problem that a whole slice has: all alerts from this one on, to the end of the slice. */
export function slicePath(from: number): string {
  return `alerts[${from}…]`
}

/** Which alerts of a delivery a quarantined problem stands for. */
export function alertsOfProblem(
  { path, index }: { readonly path: string; readonly index: number },
  alertCount: number,
): { readonly from: number; readonly to: number } {
  if (index < 0) return { from: 0, to: alertCount }
  const to = path === slicePath(index) ? index + SLICE_ALERTS : index + 1
  return { from: index, to: Math.min(to, alertCount) }
}
