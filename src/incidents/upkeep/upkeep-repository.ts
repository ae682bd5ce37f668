import type { Tx } from '../../store/database.ts'
import { racingWrite } from '../../store/racing-write.ts'
import { lockRows } from '../../store/row-locks.ts'

/** What is taken in row after row. */
export type UpkeepName = 'incidents' | 'events'

export interface Progress {
  readonly doneTo: string
  readonly until: string
}

/** How far it got. Nobody else goes on from there before this transaction ends. */
export async function lockProgressTx(tx: Tx, tenantId: string, name: UpkeepName): Promise<Progress> {
  const row = await lockRows(
    tx.selectFrom('upkeep').select(['done_to', 'until']).where('tenant_id', '=', tenantId).where('name', '=', name),
  ).executeTakeFirst()
  if (row) return { doneTo: row.done_to, until: row.until }
  const values = { tenant_id: tenantId, name, done_to: '', until: '' }
  await racingWrite(tx, () => tx.insertInto('upkeep').values(values).execute())
  return { doneTo: '', until: '' }
}

export async function saveProgressTx(tx: Tx, tenantId: string, name: UpkeepName, doneTo: string): Promise<void> {
  await tx
    .updateTable('upkeep')
    .set({ done_to: doneTo })
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .execute()
}
