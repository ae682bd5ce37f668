import type { Incident } from '../domain/incident.ts'
import type { Db, Tx } from '../store/database.ts'
import { incidentFromRow } from '../store/incident-row.ts'
import type { NewId } from '../store/new-id.ts'
import type { NotificationTable } from '../store/schema.ts'
import type { DifferingLabel, MessageAlert } from './channel.ts'
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
    }
  return {
    ...key,
    state: row.state,
    generation: row.generation,
    rootId: row.root_id,
    rootPlace: row.root_place,
    shown: row.shown === null ? null : (JSON.parse(row.shown) as ShownState),
    deliveryId: row.delivery_id,
    deliveryKind: row.delivery_kind,
    postingSince: row.posting_since === null ? null : Number(row.posting_since),
  }
}

/** Stores the projection. Only the holder of the channel's job calls it, one at a time per channel. */
export async function saveNotification(
  db: Db | Tx,
  next: Notification,
  { now, blockedReason = null }: { readonly now: number; readonly blockedReason?: string | null },
): Promise<void> {
  const columns = {
    state: next.state,
    generation: next.generation,
    root_id: next.rootId,
    root_place: next.rootPlace,
    root_link: null,
    shown: next.shown === null ? null : JSON.stringify(next.shown),
    delivery_id: next.deliveryId,
    delivery_kind: next.deliveryKind,
    posting_since: next.postingSince,
    blocked_reason: blockedReason,
    updated_at: now,
  }
  const updated = await db
    .updateTable('notification')
    .set(columns)
    .where('tenant_id', '=', next.tenantId)
    .where('incident_id', '=', next.incidentId)
    .where('channel_id', '=', next.channelId)
    .executeTakeFirst()
  if (updated.numUpdatedRows > 0n) return
  await db
    .insertInto('notification')
    .values({ tenant_id: next.tenantId, incident_id: next.incidentId, channel_id: next.channelId, ...columns })
    .execute()
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

/** An incident with what messages tell of its alerts. */
export interface LoadedIncident {
  readonly incident: Incident
  readonly alert: MessageAlert
  readonly differing: readonly DifferingLabel[]
}

/** The incident as messages need it, and the alert that stands for it (the one that opened it). Null when it is gone. */
export async function loadForMessage(db: Db, tenantId: string, incidentId: string): Promise<LoadedIncident | null> {
  const row = await db
    .selectFrom('incident')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', incidentId)
    .executeTakeFirst()
  if (!row) return null
  const alert = await db
    .selectFrom('alert')
    .select(['title', 'labels', 'annotations', 'links', 'starts_at', 'ends_at'])
    .where('tenant_id', '=', tenantId)
    .where('incident_id', '=', incidentId)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  const incident = incidentFromRow(row)
  return {
    incident,
    differing: [],
    alert: {
      title: alert?.title ?? row.title,
      labels: alert ? JSON.parse(alert.labels) : incident.labels,
      annotations: alert ? JSON.parse(alert.annotations) : {},
      links: alert ? JSON.parse(alert.links) : {},
      startsAt: alert ? Number(alert.starts_at) : incident.startedAt,
      endsAt: alert?.ends_at === null || alert === undefined ? null : Number(alert.ends_at),
    },
  }
}
