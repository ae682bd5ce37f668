import type { ObservedEvent } from '../domain/observed-event.ts'
import type { StoredDelivery } from './delivery-log/delivery-log.ts'
import type { QuarantineDraft } from './quarantine-rows.ts'
import type { ReadableDelivery } from './sources/source-adapter.ts'

/** Deliveries up to this size are folded whole, together with their neighbours. */
const WHOLE_ALERTS = 1000
const WHOLE_BYTES = 4 * 1024 * 1024
/** Larger ones are folded in slices of this many alerts, or about so many bytes: whoever waits for the write lock waits for one slice. */
const SLICE_ALERTS = 250
const SLICE_BYTES = 1024 * 1024

/** Whether one transaction takes all of a delivery. */
export function isFoldedWhole(delivery: StoredDelivery, opened: ReadableDelivery): boolean {
  return opened.alertCount <= 1 || (opened.alertCount <= WHOLE_ALERTS && delivery.body.length <= WHOLE_BYTES)
}

/** How many alerts of a large delivery are folded at once: few of those that are large, one at the least. */
export function sliceSize(delivery: StoredDelivery, opened: ReadableDelivery): number {
  const bytesEach = Math.max(1, delivery.body.length / Math.max(1, opened.alertCount))
  return Math.max(1, Math.min(SLICE_ALERTS, Math.floor(SLICE_BYTES / bytesEach)))
}

/** What a slice of a delivery holds: events to fold, and what goes into quarantine. */
export interface DeliverySlice {
  readonly events: readonly ObservedEvent[]
  readonly quarantined: readonly QuarantineDraft[]
}

/** Reads the alerts [from, to) of an opened delivery. Never throws: `openDelivery` has made failures of the adapter problems. */
export function readSlice(delivery: StoredDelivery, opened: ReadableDelivery, from: number, to: number): DeliverySlice {
  const { events, problems } = opened.slice(from, to)
  const { tenantId, source, sourceKind, receivedAt, seq } = delivery
  const unread = new Set(problems.map((problem) => indexIn(problem.path)))
  let last = from - 1
  const nextIndex = (): number => {
    do last += 1
    while (unread.has(last))
    return last
  }
  return {
    events: events.map((event) => ({
      tenantId,
      source,
      sourceKind,
      deliverySeq: seq,
      index: nextIndex(),
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

/** The path of a problem that all alerts [from, to) share. */
export function slicePath(from: number, to: number): string {
  return `alerts[${from}…${to - 1}]`
}

/** Which alerts of a delivery a quarantined problem stands for. */
export function alertsOfProblem(
  { path, index }: { readonly path: string; readonly index: number },
  alertCount: number,
): { readonly from: number; readonly to: number } {
  if (index < 0) return { from: 0, to: alertCount }
  const lastOfSlice = /\u2026(\d+)\]$/.exec(path)?.[1]
  const to = lastOfSlice === undefined ? index + 1 : Number(lastOfSlice) + 1
  return { from: index, to: Math.min(to, alertCount) }
}
