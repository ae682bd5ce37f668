import type { Tx } from '../store/database.ts'

const CHUNK = 200

/** Ends waiting jobs whose work was done in another way. One that somebody holds meanwhile stays. Part of the caller's transaction. */
export async function deleteWaitingJobsTx(tx: Tx, tenantId: string, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += CHUNK)
    await tx
      .deleteFrom('job')
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', ids.slice(from, from + CHUNK))
      .where('state', '=', 'waiting')
      .execute()
}
