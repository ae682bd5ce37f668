import { sql } from 'kysely'
import type { Actor } from '../domain/actor.ts'
import { requireScope } from '../domain/require-scope.ts'
import type { Db } from '../store/database.ts'
import { listById } from '../store/list-by-id.ts'
import type { QuarantineTable } from '../store/tables/intake-tables.ts'

export const QUARANTINE_STATES = ['open', 'replayed', 'all'] as const
export type QuarantineState = (typeof QUARANTINE_STATES)[number]

/** Something that could not be read, as people see it. Times are milliseconds since 1970. */
export interface QuarantineView {
  readonly id: string
  readonly source: string
  readonly sourceKind: string
  readonly deliverySeq: number
  /** The position of the alert in its delivery; null = the whole delivery. */
  readonly alertIndex: number | null
  /** Where in the body, e.g. `alerts[3].labels`. */
  readonly path: string
  readonly reason: string
  readonly receivedAt: number
  readonly quarantinedAt: number
  readonly replayedAt: number | null
}

export interface QuarantineListRequest {
  readonly state: QuarantineState
  readonly source: string | null
  readonly cursor: string | null
  readonly limit: number
}

/** What is in quarantine, newest first. Needs the scope `read`; throws `InvalidCursorError` for a foreign cursor. */
export async function listQuarantine(
  db: Db,
  actor: Actor,
  { state, source, cursor, limit }: QuarantineListRequest,
): Promise<{ readonly items: readonly QuarantineView[]; readonly nextCursor: string | null }> {
  requireScope(actor, 'read')
  const { rows, nextCursor } = await listById(db, {
    list: 'quarantine',
    table: 'quarantine',
    tenantId: actor.tenantId,
    direction: 'desc',
    // Open ones are few among many replayed: they have an index of their own.
    where: state === 'open' ? [sql`replayed_at is null`] : [],
    filters: [
      ...(state === 'replayed' ? [sql`replayed_at is not null`] : []),
      ...(source === null ? [] : [sql`source = ${source}`]),
    ],
    cursor,
    limit,
  })
  return { items: rows.map(viewOf), nextCursor }
}

/** One row of the quarantine with what was received (at most 64 KiB of it), or null. Needs the scope `read`. */
export async function findQuarantined(
  db: Db,
  actor: Actor,
  id: string,
): Promise<(QuarantineView & { readonly raw: string }) | null> {
  requireScope(actor, 'read')
  const row = await db
    .selectFrom('quarantine')
    .selectAll()
    .where('tenant_id', '=', actor.tenantId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? { ...viewOf(row), raw: row.raw } : null
}

function viewOf(row: QuarantineTable): QuarantineView {
  return {
    id: row.id,
    source: row.source,
    sourceKind: row.source_kind,
    deliverySeq: Number(row.delivery_seq),
    alertIndex: row.delivery_index < 0 ? null : row.delivery_index,
    path: row.path,
    reason: row.reason,
    receivedAt: Number(row.received_at),
    quarantinedAt: Number(row.quarantined_at),
    replayedAt: row.replayed_at === null ? null : Number(row.replayed_at),
  }
}
