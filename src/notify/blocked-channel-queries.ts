import { sql } from 'kysely'
import type { Db } from '../store/database.ts'

/** A channel that refuses messages until a person repairs what `reason` says. */
export interface ChannelBlock {
  readonly channelId: string
  readonly reason: string
  readonly incidents: number
}

/** The refusals in force, by channel and reason. */
export async function blockedChannels(db: Db, tenantId: string): Promise<readonly ChannelBlock[]> {
  const rows = await db
    .selectFrom('notification')
    .select(['channel_id', 'blocked_reason', sql<number>`count(*)`.as('incidents')])
    .where('tenant_id', '=', tenantId)
    .where('state', '=', 'blocked')
    .groupBy(['channel_id', 'blocked_reason'])
    .limit(20)
    .execute()
  return rows.map((row) => ({
    channelId: row.channel_id,
    reason: row.blocked_reason ?? '',
    incidents: Number(row.incidents),
  }))
}
