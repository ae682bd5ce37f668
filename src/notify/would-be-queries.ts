import { sql } from 'kysely'
import type { Actor } from '../domain/actor.ts'
import { requireScope } from '../domain/require-scope.ts'
import type { Db } from '../store/database.ts'
import { listById } from '../store/list-by-id.ts'
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
  const { rows, nextCursor } = await listById(db, {
    list: 'would-be',
    table: 'notification_post',
    tenantId: actor.tenantId,
    direction: 'desc',
    filters: [sql`body is not null`],
    cursor,
    limit,
  })
  return { items: rows.map(viewOfPost), nextCursor }
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
