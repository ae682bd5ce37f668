import type { Db, Tx } from '../../store/database.ts'
import type { DigestTable } from '../../store/tables/notification-tables.ts'

/** A digest as stored. Times are ms since 1970. */
export interface Digest {
  readonly tenantId: string
  readonly id: string
  readonly channelId: string
  readonly state: DigestTable['state']
  readonly rootId: string | null
  readonly rootPlace: string | null
  readonly rootLink: string | null
  readonly rootHash: string | null
  readonly deliveryId: string | null
  readonly postingSince: number | null
  readonly startedAt: number
  readonly lastNewsAt: number
  readonly endedAt: number | null
}

/** The digest that takes incidents of a channel in now, or null. */
export async function findOpenDigest(db: Db | Tx, tenantId: string, channelId: string): Promise<Digest | null> {
  const row = await db
    .selectFrom('digest')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('open_key', '=', channelId)
    .executeTakeFirst()
  return row ? digestFromRow(row) : null
}

export async function findDigest(db: Db | Tx, tenantId: string, id: string): Promise<Digest | null> {
  const row = await db
    .selectFrom('digest')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? digestFromRow(row) : null
}

/** Begins a digest. Throws the engine's unique violation when the channel has an open one already. */
export async function insertDigest(tx: Tx, digest: Digest, now: number): Promise<void> {
  await tx
    .insertInto('digest')
    .values({ tenant_id: digest.tenantId, id: digest.id, channel_id: digest.channelId, ...columnsOf(digest, now) })
    .execute()
}

/** Stores a digest, in a transaction of the run that holds its job (`RunDeps.write`). */
export async function saveDigest(tx: Tx, digest: Digest, now: number): Promise<void> {
  await tx
    .updateTable('digest')
    .set(columnsOf(digest, now))
    .where('tenant_id', '=', digest.tenantId)
    .where('id', '=', digest.id)
    .execute()
}

function columnsOf(digest: Digest, now: number) {
  return {
    open_key: digest.endedAt === null ? digest.channelId : null,
    state: digest.state,
    root_id: digest.rootId,
    root_place: digest.rootPlace,
    root_link: digest.rootLink,
    root_hash: digest.rootHash,
    delivery_id: digest.deliveryId,
    posting_since: digest.postingSince,
    started_at: digest.startedAt,
    last_news_at: digest.lastNewsAt,
    ended_at: digest.endedAt,
    updated_at: now,
  }
}

function digestFromRow(row: DigestTable): Digest {
  const numberOrNull = (value: number | null): number | null => (value === null ? null : Number(value))
  return {
    tenantId: row.tenant_id,
    id: row.id,
    channelId: row.channel_id,
    state: row.state,
    rootId: row.root_id,
    rootPlace: row.root_place,
    rootLink: row.root_link,
    rootHash: row.root_hash,
    deliveryId: row.delivery_id,
    postingSince: numberOrNull(row.posting_since),
    startedAt: Number(row.started_at),
    lastNewsAt: Number(row.last_news_at),
    endedAt: numberOrNull(row.ended_at),
  }
}
