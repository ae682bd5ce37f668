import type { Incident } from '../domain/incident.ts'
import type { Db } from '../store/database.ts'
import { incidentFromRow } from '../store/incident-row.ts'
import type { DifferingLabel, MessageAlert } from './channel.ts'
import { differingLabels } from './differing-labels.ts'
import type { UntoldNews } from './plan-message.ts'

/** How many alerts of an incident are looked at for the labels in which they differ. */
const MOST_COMPARED = 100
/** How many notes one message tells. */
const MOST_NOTES = 20

/** An incident with what messages tell of its alerts. */
export interface LoadedIncident {
  readonly incident: Incident
  readonly alert: MessageAlert
  readonly differing: readonly DifferingLabel[]
}

/** The incident as messages need it, with the alert that stands for it (the one that opened it). Null when it is gone. */
export async function loadForMessage(db: Db, tenantId: string, incidentId: string): Promise<LoadedIncident | null> {
  const row = await db
    .selectFrom('incident')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', incidentId)
    .executeTakeFirst()
  if (!row) return null
  const alerts = await db
    .selectFrom('alert')
    .select(['title', 'labels', 'annotations', 'links', 'starts_at', 'ends_at'])
    .where('tenant_id', '=', tenantId)
    .where('incident_id', '=', incidentId)
    .orderBy('id')
    .limit(MOST_COMPARED)
    .execute()
  const incident = incidentFromRow(row)
  const [alert] = alerts
  return {
    incident,
    differing: alerts.length < 2 ? [] : differingLabels(alerts.map(({ labels }) => JSON.parse(labels))),
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

/** What people did to an incident after the timeline entry `after` that a channel may have to tell. */
export async function loadUntoldNews(
  db: Db,
  { tenantId, id, acknowledgedAt }: Incident,
  after: string | null,
): Promise<UntoldNews> {
  const notes = await db
    .selectFrom('timeline_entry')
    .select(['id', 'at', 'actor_name', 'reason'])
    .where('tenant_id', '=', tenantId)
    .where('incident_id', '=', id)
    .where('id', '>', after ?? '')
    .where('kind', '=', 'note')
    .orderBy('id')
    .limit(MOST_NOTES)
    .execute()
  const taken =
    acknowledgedAt === null
      ? undefined
      : await db
          .selectFrom('timeline_entry')
          .select('actor_via')
          .where('tenant_id', '=', tenantId)
          .where('incident_id', '=', id)
          .where('kind', '=', 'acknowledged')
          .orderBy('id', 'desc')
          .limit(1)
          .executeTakeFirst()
  return {
    notes: notes.map((note) => ({ by: note.actor_name, text: note.reason, at: Number(note.at) })),
    acknowledgedVia: taken?.actor_via ?? null,
    upTo: notes.at(-1)?.id ?? null,
  }
}
