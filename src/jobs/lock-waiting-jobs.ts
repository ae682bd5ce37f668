import type { Tx } from '../store/database.ts'
import { lockFreeRows } from '../store/row-locks.ts'

const CHUNK = 200

/** Which of these jobs still wait, locked until the caller's transaction ends; those that somebody is asking for or taking are passed over. */
export async function lockWaitingJobsTx(
  tx: Tx,
  tenantId: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const locked = new Set<string>()
  for (let from = 0; from < ids.length; from += CHUNK) {
    const rows = await lockFreeRows(
      tx
        .selectFrom('job')
        .select('id')
        .where('tenant_id', '=', tenantId)
        .where('id', 'in', ids.slice(from, from + CHUNK))
        .where('state', '=', 'waiting'),
    ).execute()
    for (const { id } of rows) locked.add(id)
  }
  return locked
}
