import type { Db } from '../store/database.ts'

/** A stretch of rows, by their ids. */
export interface IdRange {
  /** Only rows behind it. */
  readonly after: string
  /** Only rows before it. */
  readonly before: string
  readonly limit: number
}

/**
 * Deletes at most `limit` observations, oldest first. Answers how many and how far it came: the next call goes on behind
 * that, because engines keep deleted rows for a while and would step over all of them again.
 */
export async function deleteEventsBefore(
  db: Db,
  tenantId: string,
  { after, before, limit }: IdRange,
): Promise<{ readonly deleted: number; readonly upTo: string }> {
  // Which rows go is found without the write lock; a range of the key is then deleted.
  const last = await db
    .selectFrom((eb) =>
      eb
        .selectFrom('alert_event')
        .select('id')
        .where('tenant_id', '=', tenantId)
        .where('id', '>', after)
        .where('id', '<', before)
        .orderBy('id')
        .limit(limit)
        .as('doomed'),
    )
    .select((eb) => eb.fn.max('id').as('id'))
    .executeTakeFirst()
  if (!last?.id) return { deleted: 0, upTo: after }
  const { numDeletedRows } = await db
    .deleteFrom('alert_event')
    .where('tenant_id', '=', tenantId)
    .where('id', '>', after)
    .where('id', '<=', last.id)
    .executeTakeFirst()
  return { deleted: Number(numDeletedRows), upTo: last.id }
}

/** The newest change that nobody needs any more: older than `before`, or with `most` newer ones behind it. Null when all are needed. */
export async function findChangeCut(
  db: Db,
  tenantId: string,
  { before, most }: { readonly before: number; readonly most: number },
): Promise<number | null> {
  const feed = () => db.selectFrom('change_feed').where('tenant_id', '=', tenantId)
  const ends = await feed()
    .select((eb) => [eb.fn.min('seq').as('first'), eb.fn.max('seq').as('last')])
    .executeTakeFirst()
  if (ends?.last === null || ends?.last === undefined) return null
  const first = Number(ends.first)
  const last = Number(ends.last)
  const isOld = async (seq: number): Promise<boolean> => {
    const row = await feed().select('at').where('seq', '<=', seq).orderBy('seq', 'desc').limit(1).executeTakeFirst()
    return row !== undefined && Number(row.at) < before
  }
  const cut = Math.max(await lastOld(first, last, isOld), last - most)
  return cut < first ? null : cut
}

/** Times grow with positions (as far as clocks do), so the last old one is found by halving. */
async function lastOld(first: number, last: number, isOld: (seq: number) => Promise<boolean>): Promise<number> {
  let old = first - 1
  let young = last + 1
  while (young - old > 1) {
    const middle = Math.floor((old + young) / 2)
    if (await isOld(middle)) old = middle
    else young = middle
  }
  return old
}

/** Deletes at most `limit` changes up to a position, oldest first. Answers how many. */
export async function deleteChangesUpTo(
  db: Db,
  tenantId: string,
  { seq, limit }: { readonly seq: number; readonly limit: number },
): Promise<number> {
  const oldest = await db
    .selectFrom('change_feed')
    .select('seq')
    .where('tenant_id', '=', tenantId)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst()
  if (!oldest) return 0
  const upTo = Math.min(seq, Number(oldest.seq) + limit - 1)
  const { numDeletedRows } = await db
    .deleteFrom('change_feed')
    .where('tenant_id', '=', tenantId)
    .where('seq', '<=', upTo)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Deletes at most `limit` remembered answers from before an instant. Answers how many. */
export async function deleteRepliesBefore(
  db: Db,
  tenantId: string,
  { at, limit }: { readonly at: number; readonly limit: number },
): Promise<number> {
  const doomed = await db
    .selectFrom('idempotent_reply')
    .select(['actor_id', 'idempotency_key'])
    .where('tenant_id', '=', tenantId)
    .where('created_at', '<', at)
    .limit(Math.min(limit, MOST_KEYS))
    .execute()
  if (doomed.length === 0) return 0
  const isDoomed = doomed.map(({ actor_id, idempotency_key }) => ({ actor_id, idempotency_key }))
  const { numDeletedRows } = await db
    .deleteFrom('idempotent_reply')
    .where('tenant_id', '=', tenantId)
    // Used again meanwhile, an answer is young and stays.
    .where('created_at', '<', at)
    .where((eb) => eb.or(isDoomed.map((key) => eb.and(key))))
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Deletes at most `limit` receipts of chat requests from before an instant, oldest first. Answers how many. */
export async function deleteReceiptsBefore(
  db: Db,
  tenantId: string,
  { at, limit }: { readonly at: number; readonly limit: number },
): Promise<number> {
  const doomed = await db
    .selectFrom('slack_receipt')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('received_at', '<', at)
    .orderBy('received_at')
    .limit(Math.min(limit, MOST_KEYS))
    .execute()
  if (doomed.length === 0) return 0
  const ids = doomed.map(({ id }) => id)
  const { numDeletedRows } = await db
    .deleteFrom('slack_receipt')
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', ids)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Statements with more terms are refused by some engines. */
const MOST_KEYS = 100
