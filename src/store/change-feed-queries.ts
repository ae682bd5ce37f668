import type { Db } from './database.ts'
import type { ChangeFeedTable } from './tables/job-tables.ts'

/** What the feed holds: `newest` is the last number given out, `oldest` the first that is still kept. An empty feed has oldest = newest + 1. */
export interface FeedSpan {
  readonly oldest: number
  readonly newest: number
}

export async function feedSpan(db: Db, tenantId: string): Promise<FeedSpan> {
  const counter = await db
    .selectFrom('sequence')
    .select('value')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', 'change_feed')
    .executeTakeFirst()
  const first = await db
    .selectFrom('change_feed')
    .select('seq')
    .where('tenant_id', '=', tenantId)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst()
  const newest = Number(counter?.value ?? 0)
  return { newest, oldest: first ? Number(first.seq) : newest + 1 }
}

/** The changes after a position, in commit order. */
export async function readChanges(
  db: Db,
  tenantId: string,
  after: number,
  limit: number,
): Promise<readonly ChangeFeedTable[]> {
  return await db
    .selectFrom('change_feed')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute()
}
