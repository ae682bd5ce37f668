import { type UpsertPlan, upsertMany } from '../../store/bulk-write.ts'
import type { Db, Tx } from '../../store/database.ts'
import { inTransaction } from '../../store/transaction.ts'

/** When each thing was last heard of, ms since 1970, by its name. */
export type SignsOfLife = ReadonlyMap<string, number>

const COLUMNS = ['tenant_id', 'name', 'seen_at'] as const

/** A sign never becomes older: deliveries are not folded in the order in which they arrived. */
const PLAN: UpsertPlan<'sign_of_life'> = {
  table: 'sign_of_life',
  columns: COLUMNS,
  key: ['tenant_id', 'name'],
  merge: { seen_at: 'greatest' },
}

/** Notes signs in the caller's transaction. */
export async function noteSignsTx(tx: Tx, tenantId: string, signs: SignsOfLife): Promise<void> {
  const rows = [...signs].map(([name, seenAt]) => ({ tenant_id: tenantId, name, seen_at: seenAt }))
  await upsertMany(tx, PLAN, rows)
}

/** Notes signs; throws what the database throws. */
export async function noteSigns(db: Db, tenantId: string, signs: SignsOfLife): Promise<void> {
  await inTransaction(db, async (tx) => await noteSignsTx(tx, tenantId, signs))
}

/** Every sign of a tenant: one per watched thing. */
export async function readSigns(db: Db, tenantId: string): Promise<SignsOfLife> {
  const rows = await db
    .selectFrom('sign_of_life')
    .select(['name', 'seen_at'])
    .where('tenant_id', '=', tenantId)
    .execute()
  return new Map(rows.map(({ name, seen_at }) => [name, Number(seen_at)]))
}

/** When the newest folded delivery of each source arrived, ms since 1970. */
export async function readLastDeliveries(db: Db, tenantId: string): Promise<SignsOfLife> {
  const rows = await db
    .selectFrom('source_ledger')
    .select(['source', 'last_received_at'])
    .where('tenant_id', '=', tenantId)
    .execute()
  return new Map(rows.map((row) => [row.source, Number(row.last_received_at)]))
}
