import type { Actor } from '../domain/actor.ts'
import type { Labels } from '../domain/alert-event.ts'
import { requireScope } from '../domain/require-scope.ts'
import type { Db } from '../store/database.ts'
import { type AlertView, listAlerts } from './alert-queries.ts'
import type { Page } from './incident-queries.ts'
import { type IncidentView, viewOfIncident } from './incident-view.ts'
import { loadIncident } from './load-incident.ts'
import { slackStatesOf } from './slack-state.ts'
import { listTimeline, type TimelineView } from './timeline-queries.ts'

/** An incident with the beginnings of its alerts and of its timeline. */
export interface IncidentDetail extends IncidentView {
  /** Labels of the alert that opened it. */
  readonly labels: Labels
  readonly alerts: Page<AlertView>
  readonly timeline: Page<TimelineView>
}

const FIRST_PAGE = { cursor: null, limit: 100 } as const

/** One incident by id or name (`INC-1042`), or null when there is none. Needs the scope `read`. */
export async function findIncident(db: Db, actor: Actor, idOrName: string): Promise<IncidentDetail | null> {
  requireScope(actor, 'read')
  const incident = await loadIncident(db, actor.tenantId, idOrName)
  if (incident === null) return null
  const slackOf = await slackStatesOf(db, actor.tenantId, [incident])
  return {
    ...viewOfIncident(incident, actor, slackOf(incident.id)),
    labels: incident.labels,
    alerts: await listAlerts(db, actor, { incidentId: incident.id }, FIRST_PAGE),
    timeline: await listTimeline(db, actor, incident.id, FIRST_PAGE),
  }
}

/** The id that an id or a name (`INC-1042`) stands for, or null when there is no such incident. Needs the scope `read`. */
export async function incidentIdOf(db: Db, actor: Actor, idOrName: string): Promise<string | null> {
  requireScope(actor, 'read')
  return (await loadIncident(db, actor.tenantId, idOrName))?.id ?? null
}
