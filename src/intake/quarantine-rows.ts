import type { AlertProblem } from '../domain/alert-event.ts'
import { insertMany } from '../store/bulk-write.ts'
import type { Tx } from '../store/database.ts'
import type { NewId } from '../store/new-id.ts'
import type { StoredDelivery } from './delivery-log/delivery-log.ts'

const COLUMNS = [
  'tenant_id',
  'id',
  'source',
  'source_kind',
  'delivery_seq',
  'delivery_index',
  'path',
  'reason',
  'raw',
  'received_at',
  'quarantined_at',
  'replayed_at',
] as const

/** One thing that could not be read; `index` -1 is the whole delivery. */
export interface QuarantineDraft {
  readonly delivery: StoredDelivery
  readonly index: number
  readonly problem: AlertProblem
}

const RAW_BYTES = 64 * 1024

/** The beginning of a body as text that every database can store. */
export function bodyExcerpt(body: Uint8Array): string {
  return new TextDecoder().decode(body.subarray(0, RAW_BYTES)).replaceAll('\u0000', '\ufffd')
}

/** Keeps what could not be read, with its reason. Part of the transaction that folds the rest of the delivery. */
export async function quarantineTx(
  tx: Tx,
  drafts: readonly QuarantineDraft[],
  { newId, now }: { newId: NewId; now: number },
): Promise<void> {
  await insertMany(
    tx,
    'quarantine',
    COLUMNS,
    drafts.map(({ delivery, index, problem }) => ({
      tenant_id: delivery.tenantId,
      id: newId(now),
      source: delivery.source,
      source_kind: delivery.sourceKind,
      delivery_seq: delivery.seq,
      delivery_index: index,
      path: problem.path,
      reason: problem.reason,
      raw: problem.raw || (index < 0 ? bodyExcerpt(delivery.body) : ''),
      received_at: delivery.receivedAt,
      quarantined_at: now,
      replayed_at: null,
    })),
  )
}
