import type { Tx } from '../store/database.ts'

/** Makes every waiting job of a queue due now. Part of the caller's transaction. */
export async function hastenQueueTx(
  tx: Tx,
  { tenantId, queue, now }: { readonly tenantId: string; readonly queue: string; readonly now: number },
): Promise<void> {
  await tx
    .updateTable('job')
    .set({ run_at: now, updated_at: now })
    .where('tenant_id', '=', tenantId)
    .where('queue', '=', queue)
    .where('state', '=', 'waiting')
    .where('run_at', '>', now)
    .execute()
}
