import type { Db } from '../../store/database.ts'

/**
 * How many threads began in a channel since `since` (ms since 1970), from whichever node, and how many of them were
 * critical. A thread counts from the moment when its first message was about to be sent, once, however often that was tried.
 */
export async function newRootsSince(
  db: Db,
  { tenantId, channelId }: { readonly tenantId: string; readonly channelId: string },
  since: number,
): Promise<{ readonly all: number; readonly critical: number }> {
  const row = await db
    .selectFrom('notification')
    .select((eb) => [eb.fn.countAll().as('roots'), eb.fn.sum('is_root_critical').as('critical')])
    .where('tenant_id', '=', tenantId)
    .where('channel_id', '=', channelId)
    .where('root_begun_at', '>', since)
    .executeTakeFirstOrThrow()
  return { all: Number(row.roots), critical: Number(row.critical ?? 0) }
}
