import type { AlertEvent } from './alert-event.ts'

/** One event of one delivery on its way into the incidents. */
export interface ObservedEvent {
  readonly tenantId: string
  readonly source: string
  readonly sourceKind: string
  readonly deliverySeq: number
  /** Position in the delivery. */
  readonly index: number
  /** When the delivery was received, ms since 1970: the `now` of every rule applied to it, so that a replay decides the same. */
  readonly receivedAt: number
  readonly event: AlertEvent
}

/** What became of an event: I1 counts these. */
export type EventFate = 'linked' | 'suppressed'
