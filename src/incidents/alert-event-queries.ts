import { sql } from 'kysely'
import type { Actor } from '../domain/actor.ts'
import { isoTime, isoTimeOrNull } from '../domain/iso-time.ts'
import { requireScope } from '../domain/require-scope.ts'
import { type Severity, severityOfRank } from '../domain/severity.ts'
import type { Db } from '../store/database.ts'
import { listById } from '../store/list-by-id.ts'
import type { AlertEventTable } from '../store/tables/incident-tables.ts'
import type { Page } from './incident-queries.ts'
import type { PartListRequest } from './timeline-queries.ts'

/** One observation of an alert, as it was understood. */
export interface AlertEventView {
  readonly id: string
  readonly alertId: string
  readonly incidentId: string | null
  readonly source: string
  readonly sourceKind: string
  readonly status: 'firing' | 'resolved'
  /** What it meant for the alert: fired, updated, repeated, cleared, … */
  readonly observation: string
  readonly severity: Severity
  readonly startsAt: string
  readonly endsAt: string | null
  readonly receivedAt: string
  /** Where it arrived: the delivery, and the position in it. */
  readonly delivery: { readonly seq: string; readonly index: number }
}

/** The observations of an alert (by its id), newest first. Needs the scope `read`. */
export async function listAlertEvents(
  db: Db,
  actor: Actor,
  alertId: string,
  { cursor, limit }: PartListRequest,
): Promise<Page<AlertEventView>> {
  requireScope(actor, 'read')
  const { rows, nextCursor } = await listById(db, {
    list: 'alert-events',
    table: 'alert_event',
    tenantId: actor.tenantId,
    direction: 'desc',
    where: [sql`alert_id = ${alertId}`],
    cursor,
    limit,
  })
  return { items: rows.map(viewOfEvent), nextCursor }
}

/** One observation with the sender's own JSON, as text: numbers and key order stay as they were written. Null when there is none. Needs the scope `read`. */
export async function findAlertEvent(
  db: Db,
  actor: Actor,
  alertId: string,
  eventId: string,
): Promise<(AlertEventView & { readonly raw: string }) | null> {
  requireScope(actor, 'read')
  const row = await db
    .selectFrom('alert_event')
    .selectAll()
    .where('tenant_id', '=', actor.tenantId)
    .where('id', '=', eventId)
    .where('alert_id', '=', alertId)
    .executeTakeFirst()
  return row ? { ...viewOfEvent(row), raw: row.raw } : null
}

function viewOfEvent(row: AlertEventTable): AlertEventView {
  return {
    id: row.id,
    alertId: row.alert_id,
    incidentId: row.incident_id,
    source: row.source,
    sourceKind: row.source_kind,
    status: row.status,
    observation: row.observation,
    severity: severityOfRank(row.severity_rank),
    startsAt: isoTime(Number(row.starts_at)),
    endsAt: isoTimeOrNull(row.ends_at === null ? null : Number(row.ends_at)),
    receivedAt: isoTime(Number(row.received_at)),
    delivery: { seq: String(row.delivery_seq), index: row.delivery_index },
  }
}
