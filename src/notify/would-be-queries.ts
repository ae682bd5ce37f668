import { sql } from 'kysely'
import type { Actor } from '../domain/actor.ts'
import { requireScope } from '../domain/require-scope.ts'
import { decodeCursor, encodeCursor } from '../store/cursor.ts'
import type { Db } from '../store/database.ts'
import { scanPage } from '../store/scan-page.ts'
import type { NotificationPostTable } from '../store/tables/notification-tables.ts'

/** A message that would have been posted, had a channel been configured. Times are milliseconds since 1970. */
export interface WouldBePost {
  readonly id: string
  readonly incidentId: string
  readonly channelId: string
  /** What it tells: firing, resolved, … */
  readonly kind: string
  readonly externalId: string
  readonly threadId: string | null
  readonly postedAt: number
  /** The message as the channel renders it: JSON, or text when it is not. */
  readonly body: string
}

/** The would-be messages, newest first. Needs the scope `read`; throws `InvalidCursorError` for a foreign cursor. */
export async function listWouldBePosts(
  db: Db,
  actor: Actor,
  { cursor, limit }: { readonly cursor: string | null; readonly limit: number },
): Promise<{ readonly items: readonly WouldBePost[]; readonly nextCursor: string | null }> {
  requireScope(actor, 'read')
  const after = cursor === null ? null : decodeCursor('would-be', ['string'], cursor)
  const { rows, next } = await scanPage(db, {
    table: 'notification_post',
    tenantId: actor.tenantId,
    orderBy: ['id'],
    direction: 'desc',
    stretches: [{ where: [], after }],
    filters: [sql`body is not null`],
    limit,
  })
  return { items: rows.map(viewOfPost), nextCursor: next === null ? null : encodeCursor('would-be', next.position) }
}

function viewOfPost(row: NotificationPostTable): WouldBePost {
  return {
    id: row.id,
    incidentId: row.incident_id,
    channelId: row.channel_id,
    kind: row.kind,
    externalId: row.external_id,
    threadId: row.thread_id,
    postedAt: Number(row.posted_at),
    body: row.body ?? '',
  }
}
