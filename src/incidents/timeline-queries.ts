import { sql } from 'kysely'
import type { Actor } from '../domain/actor.ts'
import type { Party, TimelineKind } from '../domain/incident.ts'
import { isoTime } from '../domain/iso-time.ts'
import { requireScope } from '../domain/require-scope.ts'
import type { Db } from '../store/database.ts'
import { listById } from '../store/list-by-id.ts'
import type { TimelineEntryTable } from '../store/tables/incident-tables.ts'
import type { Page } from './incident-queries.ts'

/** One thing that happened to an incident. */
export interface TimelineView {
  readonly id: string
  readonly at: string
  readonly kind: TimelineKind
  /** Why: the rule that decided, or what the person wrote. */
  readonly reason: string
  readonly by: Party
  readonly via: string
  readonly data: Readonly<Record<string, string | number | boolean | null>>
}

export interface PartListRequest {
  readonly cursor: string | null
  readonly limit: number
}

/** The timeline of an incident (by its id), newest first. Needs the scope `read`. */
export async function listTimeline(
  db: Db,
  actor: Actor,
  incidentId: string,
  { cursor, limit }: PartListRequest,
): Promise<Page<TimelineView>> {
  requireScope(actor, 'read')
  const { rows, nextCursor } = await listById(db, {
    list: 'timeline',
    table: 'timeline_entry',
    tenantId: actor.tenantId,
    direction: 'desc',
    where: [sql`incident_id = ${incidentId}`],
    cursor,
    limit,
  })
  return { items: rows.map(viewOfEntry), nextCursor }
}

function viewOfEntry(row: TimelineEntryTable): TimelineView {
  return {
    id: row.id,
    at: isoTime(Number(row.at)),
    kind: row.kind as TimelineKind,
    reason: row.reason,
    by: { id: row.actor_id, name: row.actor_name },
    via: row.actor_via,
    data: JSON.parse(row.data),
  }
}
