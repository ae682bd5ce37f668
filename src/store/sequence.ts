import { type UpsertPlan, upsertMany } from './bulk-write.ts'
import type { Tx } from './database.ts'

const TAKE: UpsertPlan<'sequence'> = {
  table: 'sequence',
  columns: ['tenant_id', 'name', 'value'],
  key: ['tenant_id', 'name'],
  merge: { value: 'add' },
}

/**
 * Takes `count` numbers from a named counter and returns the first. Numbers grow in the order of commits and
 * leave no gaps: the counter's row stays locked until the transaction ends. Everybody who needs it waits meanwhile, so it
 * is taken as late as possible, and where a transaction needs two, `incident` comes before `change_feed`.
 */
export async function takeNumbers(tx: Tx, tenantId: string, name: string, count: number): Promise<number> {
  await upsertMany(tx, TAKE, [{ tenant_id: tenantId, name, value: count }])
  const { value } = await tx
    .selectFrom('sequence')
    .select('value')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  return Number(value) - count + 1
}
