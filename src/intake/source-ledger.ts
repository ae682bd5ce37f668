import { type UpsertPlan, upsertMany } from '../store/bulk-write.ts'
import type { Tx } from '../store/database.ts'
import type { SourceLedgerTable } from '../store/tables/intake-tables.ts'

const COLUMNS = [
  'tenant_id',
  'source',
  'deliveries',
  'events_read',
  'events_linked',
  'events_suppressed',
  'events_quarantined',
  'last_received_at',
] as const

const PLAN: UpsertPlan<'source_ledger'> = {
  table: 'source_ledger',
  columns: COLUMNS,
  key: ['tenant_id', 'source'],
  merge: {
    deliveries: 'add',
    events_read: 'add',
    events_linked: 'add',
    events_suppressed: 'add',
    events_quarantined: 'add',
    last_received_at: 'greatest',
  },
}

/** Counts of one batch, per tenant and source: read = linked + suppressed + quarantined, always. */
export class LedgerTally {
  readonly #rows = new Map<string, SourceLedgerTable>()

  row(tenantId: string, source: string): SourceLedgerTable {
    const key = `${tenantId}\n${source}`
    let row = this.#rows.get(key)
    if (!row) {
      row = {
        tenant_id: tenantId,
        source,
        deliveries: 0,
        events_read: 0,
        events_linked: 0,
        events_suppressed: 0,
        events_quarantined: 0,
        last_received_at: 0,
      }
      this.#rows.set(key, row)
    }
    return row
  }

  /**
   * Adds the counts to the stored ones, in the transaction that made them true: at its end, because all partitions of a
   * source add to the same row, and in the order of keys, so that two batches never wait for each other in a circle.
   */
  async writeTx(tx: Tx): Promise<void> {
    const rows = [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
    await upsertMany(tx, PLAN, rows)
  }
}
