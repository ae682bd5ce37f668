/** How far deliveries are folded, what could not be, and who was heard of. */
export interface IntakeTables {
  log_position: LogPositionTable
  deferred_delivery: DeferredDeliveryTable
  quarantine: QuarantineTable
  source_ledger: SourceLedgerTable
  sign_of_life: SignOfLifeTable
}

/** How far a consumer has folded a delivery log. Committed with the effects: that is what makes the effect exactly-once. */
interface LogPositionTable {
  log_id: string
  consumer: string
  seq: number
}

/** A delivery too large for one transaction: folded in slices beside the others, so that it holds up nobody. */
interface DeferredDeliveryTable {
  log_id: string
  seq: number
  next_index: number
}

/** A row of `quarantine`. */
export interface QuarantineTable {
  tenant_id: string
  id: string
  source: string
  source_kind: string
  delivery_seq: number
  /** Where in the delivery; -1 = the whole delivery. */
  delivery_index: number
  path: string
  reason: string
  raw: string
  received_at: number
  quarantined_at: number
  replayed_at: number | null
}

/** Count-in, count-out per source: read = linked + suppressed + quarantined. */
export interface SourceLedgerTable {
  tenant_id: string
  source: string
  deliveries: number
  events_read: number
  events_linked: number
  events_suppressed: number
  events_quarantined: number
  last_received_at: number
}

/** When something that must be heard of regularly was last heard of. */
interface SignOfLifeTable {
  tenant_id: string
  name: string
  seen_at: number
  /** How many alert events were taken as this sign, and became nothing else. */
  events: number
}
