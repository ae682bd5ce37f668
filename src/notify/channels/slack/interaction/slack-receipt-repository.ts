import { LANES } from '../../../../domain/job-payloads.ts'
import { enqueueTx } from '../../../../jobs/enqueue.ts'
import type { Db } from '../../../../store/database.ts'
import type { NewId } from '../../../../store/new-id.ts'
import { inTransaction } from '../../../../store/transaction.ts'
import { violatesUnique } from '../../../../store/unique-violation.ts'
import type { KeptRequest } from './slack-request.ts'

export interface ReceiptDeps {
  readonly db: Db
  readonly tenantId: string
  readonly newId: NewId
  readonly now: () => number
}

/** A request as it was kept before Slack was answered. */
export interface SlackReceipt extends KeptRequest {
  readonly id: string
  readonly workspace: string
  readonly receivedAt: number
  readonly isHandled: boolean
}

export interface NewReceipt {
  readonly workspace: string
  readonly payloadId: string
  readonly kept: KeptRequest
}

/** Keeps a request together with the job that does it. False when a copy of it is there already: then nothing is stored. */
export async function keepReceipt(
  { db, tenantId, newId, now }: ReceiptDeps,
  { workspace, payloadId, kept }: NewReceipt,
): Promise<boolean> {
  const at = now()
  const id = newId(at)
  const order = {
    kind: 'slack-receipt' as const,
    payload: { receiptId: id },
    lane: LANES.critical,
    runAt: at,
    dedupeKey: null,
    queue: null,
  }
  const row = { tenant_id: tenantId, id, payload_id: payloadId, workspace, request: JSON.stringify(kept) }
  try {
    await inTransaction(db, async (tx) => {
      await tx
        .insertInto('slack_receipt')
        .values({ ...row, received_at: at, handled_at: null })
        .execute()
      await enqueueTx(tx, tenantId, [order], { newId, now: at })
    })
    return true
  } catch (error) {
    if (violatesUnique(error, 'slack_receipt', 'payload_id')) return false
    throw error
  }
}

/** A kept request by its id; null when it was forgotten. */
export async function loadReceipt(db: Db, tenantId: string, id: string): Promise<SlackReceipt | null> {
  const row = await db
    .selectFrom('slack_receipt')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) return null
  const kept = JSON.parse(row.request) as KeptRequest
  const { workspace } = row
  return { ...kept, id, workspace, receivedAt: Number(row.received_at), isHandled: row.handled_at !== null }
}

/** Notes that a request is done, so that a job that runs twice does nothing more. */
export async function markHandled(db: Db, tenantId: string, id: string, at: number): Promise<void> {
  await db
    .updateTable('slack_receipt')
    .set({ handled_at: at })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .execute()
}
