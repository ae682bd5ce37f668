import type { Db } from '../store/database.ts'

/** At most so many at once; the others follow with the next claim. */
const BATCH = 200

/** Returns jobs of dead holders to the line: their leases ended before `now`. Answers how many. */
export async function releaseExpiredLeases(db: Db, now: number): Promise<number> {
  const expired = await db
    .selectFrom('job')
    .select(['tenant_id', 'id', 'fence'])
    .where('state', '=', 'running')
    .where('lease_until', '<', now)
    .limit(BATCH)
    .execute()
  let released = 0
  for (const { tenant_id, id, fence } of expired) {
    // By key and fence: one statement over all would wait for the jobs that others are just finishing.
    const { numUpdatedRows } = await db
      .updateTable('job')
      .set({ state: 'waiting', busy_queue: null, lease_until: null, lease_owner: null, updated_at: now })
      .where('tenant_id', '=', tenant_id)
      .where('id', '=', id)
      .where('fence', '=', fence)
      .where('state', '=', 'running')
      .where('lease_until', '<', now)
      .executeTakeFirst()
    released += Number(numUpdatedRows)
  }
  return released
}

/**
 * Returns every running job to the line: for the start of a program that knows that it is alone with its database, so that
 * what a crash interrupted goes on at once instead of when the leases end.
 */
export async function releaseAllLeases(db: Db, now: number): Promise<void> {
  await db
    .updateTable('job')
    .set({ state: 'waiting', lease_until: null, lease_owner: null, updated_at: now })
    .where('state', '=', 'running')
    .execute()
  await db.updateTable('job').set({ busy_queue: null }).where('busy_queue', 'is not', null).execute()
}
