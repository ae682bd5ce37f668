import type { Tx } from './database.ts'

/**
 * Takes `count` numbers from a named counter and returns the first. Numbers grow in the order of commits and
 * leave no gaps: the counter's row stays locked until the transaction ends.
 */
export async function takeNumbers(tx: Tx, tenantId: string, name: string, count: number): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('sequence')
    .set((eb) => ({ value: eb('value', '+', count) }))
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) {
    await tx.insertInto('sequence').values({ tenant_id: tenantId, name, value: count }).execute()
    return 1
  }
  const { value } = await tx
    .selectFrom('sequence')
    .select('value')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  return Number(value) - count + 1
}
