import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '../domain/actor.ts'
import type { AlertLinks, Labels } from '../domain/alert-event.ts'
import { isoTime, isoTimeOrNull } from '../domain/iso-time.ts'
import { requireScope } from '../domain/require-scope.ts'
import { type Severity, severityOfRank } from '../domain/severity.ts'
import type { Db } from '../store/database.ts'
import { listById } from '../store/list-by-id.ts'
import type { AlertTable } from '../store/tables/incident-tables.ts'
import type { Page } from './incident-queries.ts'
import type { PartListRequest } from './timeline-queries.ts'

/** The state of one alert: the current one of its fingerprint, or how an earlier episode ended. */
export interface AlertView {
  readonly id: string
  readonly incidentId: string | null
  readonly source: string
  readonly fingerprint: string
  readonly status: 'firing' | 'resolved'
  readonly severity: Severity
  readonly title: string
  readonly startsAt: string
  readonly endsAt: string | null
  readonly changedAt: string
  readonly firstSeenAt: string
  readonly lastSeenAt: string
  /** Episodes seen; repetitions do not count. */
  readonly occurrences: number
  readonly condition: string | null
  readonly labels: Labels
  readonly annotations: Labels
  readonly links: AlertLinks
}

export interface AlertFilter {
  readonly status?: 'firing' | 'resolved'
  readonly source?: string
  readonly incidentId?: string
}

/** Lists alerts: those of one incident in the order they came, otherwise the newest first. Needs the scope `read`. */
export async function listAlerts(
  db: Db,
  actor: Actor,
  filter: AlertFilter,
  { cursor, limit }: PartListRequest,
): Promise<Page<AlertView>> {
  requireScope(actor, 'read')
  const { incidentId } = filter
  const { rows, nextCursor } = await listById(db, {
    table: 'alert',
    tenantId: actor.tenantId,
    ...(incidentId === undefined
      ? { list: 'alerts', direction: 'desc' }
      : { list: 'incident-alerts', direction: 'asc', where: [sql`incident_id = ${incidentId}`] }),
    filters: [...equals('status', filter.status), ...equals('source', filter.source)],
    cursor,
    limit,
  })
  return { items: rows.map(viewOfAlert), nextCursor }
}

/** `coalesce` keeps engines from preferring an index that does not yield the order of the list. */
function equals(column: 'status' | 'source', value: string | undefined): readonly RawBuilder<unknown>[] {
  return value === undefined ? [] : [sql`coalesce(${sql.ref(column)}, '') = ${value}`]
}

/** One alert, or null when there is none. Needs the scope `read`. */
export async function findAlert(db: Db, actor: Actor, id: string): Promise<AlertView | null> {
  requireScope(actor, 'read')
  const row = await db
    .selectFrom('alert')
    .selectAll()
    .where('tenant_id', '=', actor.tenantId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? viewOfAlert(row) : null
}

function viewOfAlert(row: AlertTable): AlertView {
  return {
    id: row.id,
    incidentId: row.incident_id,
    source: row.source,
    fingerprint: row.fingerprint,
    status: row.status,
    severity: severityOfRank(row.severity_rank),
    title: row.title,
    startsAt: isoTime(Number(row.starts_at)),
    endsAt: isoTimeOrNull(row.ends_at === null ? null : Number(row.ends_at)),
    changedAt: isoTime(Number(row.changed_at)),
    firstSeenAt: isoTime(Number(row.first_seen_at)),
    lastSeenAt: isoTime(Number(row.last_seen_at)),
    occurrences: Number(row.occurrences),
    condition: row.condition,
    labels: JSON.parse(row.labels),
    annotations: JSON.parse(row.annotations),
    links: JSON.parse(row.links),
  }
}
