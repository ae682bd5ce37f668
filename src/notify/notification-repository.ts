import type { Db, Tx } from '../store/database.ts'
import type { NewId } from '../store/new-id.ts'
import type { NotificationTable } from '../store/tables/notification-tables.ts'
import type { ShownState } from './plan-message.ts'

/** What one channel shows of one incident, as stored. */
export interface Notification {
  readonly tenantId: string
  readonly incidentId: string
  readonly channelId: string
  readonly state: NotificationTable['state']
  readonly generation: number
  readonly rootId: string | null
  readonly rootPlace: string | null
  readonly shown: ShownState | null
  readonly deliveryId: string | null
  readonly deliveryKind: string | null
  readonly postingSince: number | null
  /** Names what the root shows; null = the root is not ours to edit, or the channel cannot edit. */
  readonly rootHash: string | null
  readonly rootLink: string | null
  /** The timeline entry up to which notes were told. */
  readonly lastNews: string | null
  readonly previousLink: string | null
  readonly digestId: string | null
  readonly fallbackFor: string | null
  /** When its first root was begun, and whether it was critical then. */
  readonly rootBegun: { readonly at: number; readonly isCritical: boolean } | null
}

export interface NotificationKey {
  readonly tenantId: string
  readonly incidentId: string
  readonly channelId: string
}

/** The stored projection, or an empty one: nothing shown yet. */
export async function loadNotification(db: Db, key: NotificationKey): Promise<Notification> {
  const row = await db
    .selectFrom('notification')
    .selectAll()
    .where('tenant_id', '=', key.tenantId)
    .where('incident_id', '=', key.incidentId)
    .where('channel_id', '=', key.channelId)
    .executeTakeFirst()
  if (!row)
    return {
      ...key,
      state: 'idle',
      generation: 1,
      rootId: null,
      rootPlace: null,
      shown: null,
      deliveryId: null,
      deliveryKind: null,
      postingSince: null,
      rootHash: null,
      rootLink: null,
      lastNews: null,
      previousLink: null,
      digestId: null,
      fallbackFor: null,
      rootBegun: null,
    }
  return notificationFromRow(row)
}

function notificationFromRow(row: NotificationTable): Notification {
  return {
    tenantId: row.tenant_id,
    incidentId: row.incident_id,
    channelId: row.channel_id,
    state: row.state,
    generation: row.generation,
    rootId: row.root_id,
    rootPlace: row.root_place,
    shown: row.shown === null ? null : (JSON.parse(row.shown) as ShownState),
    deliveryId: row.delivery_id,
    deliveryKind: row.delivery_kind,
    postingSince: row.posting_since === null ? null : Number(row.posting_since),
    rootHash: row.root_hash,
    rootLink: row.root_link,
    lastNews: row.last_news,
    previousLink: row.previous_link,
    digestId: row.digest_id,
    fallbackFor: row.fallback_for,
    rootBegun:
      row.root_begun_at === null ? null : { at: Number(row.root_begun_at), isCritical: row.is_root_critical === 1 },
  }
}

/** Stores the projection, in a transaction of the run that holds the channel's job (`RunDeps.write`): one at a time per channel. */
export async function saveNotification(
  tx: Tx,
  next: Notification,
  { now, blockedReason = null }: { readonly now: number; readonly blockedReason?: string | null },
): Promise<void> {
  const columns = {
    state: next.state,
    generation: next.generation,
    root_id: next.rootId,
    root_place: next.rootPlace,
    root_link: next.rootLink,
    root_hash: next.rootHash,
    last_news: next.lastNews,
    previous_link: next.previousLink,
    digest_id: next.digestId,
    fallback_for: next.fallbackFor,
    root_begun_at: next.rootBegun?.at ?? null,
    is_root_critical: next.rootBegun === null ? null : Number(next.rootBegun.isCritical),
    shown: next.shown === null ? null : JSON.stringify(next.shown),
    delivery_id: next.deliveryId,
    delivery_kind: next.deliveryKind,
    posting_since: next.postingSince,
    blocked_reason: blockedReason,
    updated_at: now,
  }
  const updated = await tx
    .updateTable('notification')
    .set(columns)
    .where('tenant_id', '=', next.tenantId)
    .where('incident_id', '=', next.incidentId)
    .where('channel_id', '=', next.channelId)
    .executeTakeFirst()
  if (updated.numUpdatedRows > 0n) return
  await tx
    .insertInto('notification')
    .values({ tenant_id: next.tenantId, incident_id: next.incidentId, channel_id: next.channelId, ...columns })
    .execute()
}

/** The channels that stood in for this one when it could not tell the incident. */
export async function standInsOf(db: Db, key: NotificationKey): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('notification')
    .select('channel_id')
    .where('tenant_id', '=', key.tenantId)
    .where('incident_id', '=', key.incidentId)
    .where('fallback_for', '=', key.channelId)
    .execute()
  return rows.map(({ channel_id }) => channel_id)
}

/** Whether a message id is the root of one of our own incidents (and not of a thread carried over from elsewhere). */
export async function isOwnRoot(db: Db, tenantId: string, channelId: string, rootId: string): Promise<boolean> {
  const row = await db
    .selectFrom('notification')
    .select('incident_id')
    .where('tenant_id', '=', tenantId)
    .where('channel_id', '=', channelId)
    .where('root_id', '=', rootId)
    .executeTakeFirst()
  return row !== undefined
}

export interface PostRecord extends NotificationKey {
  readonly kind: string
  readonly externalId: string
  readonly threadId: string | null
  readonly postedAt: number
  /** The would-be message, from channels that only pretend to send. */
  readonly body: string | null
}

/** Notes a message that a channel confirmed. Part of the transaction that stores the projection. */
export async function recordPostTx(tx: Tx, post: PostRecord, newId: NewId): Promise<void> {
  await tx
    .insertInto('notification_post')
    .values({
      tenant_id: post.tenantId,
      id: newId(post.postedAt),
      incident_id: post.incidentId,
      channel_id: post.channelId,
      kind: post.kind,
      external_id: post.externalId,
      thread_id: post.threadId,
      posted_at: post.postedAt,
      body: post.body,
    })
    .execute()
}
