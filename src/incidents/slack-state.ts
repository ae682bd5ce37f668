import type { Incident } from '../domain/incident.ts'
import { PREVIEW_CHANNEL } from '../domain/preview-channel.ts'
import type { Db, Tx } from '../store/database.ts'
import type { NotificationTable } from '../store/tables/notification-tables.ts'

/** Whether chat shows the incident as it is. `none`: no channel has been asked to. */
export interface SlackState {
  readonly state: 'shown' | 'pending' | 'blocked' | 'none'
  readonly url: string | null
}

const NOT_TOLD: SlackState = { state: 'none', url: null }

/** What chat shows of each incident. Of several channels the one that needs a person speaks, then the one that lags. */
export async function slackStatesOf(
  db: Db | Tx,
  tenantId: string,
  incidents: readonly Incident[],
): Promise<(incidentId: string) => SlackState> {
  if (incidents.length === 0) return () => NOT_TOLD
  const byId = new Map(incidents.map((incident) => [incident.id, incident]))
  const rows = await db
    .selectFrom('notification as n')
    .leftJoin('digest as d', (join) => join.onRef('d.tenant_id', '=', 'n.tenant_id').onRef('d.id', '=', 'n.digest_id'))
    .select(['n.incident_id', 'n.state', 'n.shown', 'n.root_link', 'd.root_link as digest_link'])
    .where('n.tenant_id', '=', tenantId)
    .where('n.incident_id', 'in', [...byId.keys()])
    .where('n.channel_id', '<>', PREVIEW_CHANNEL)
    .execute()
  const states = new Map<string, SlackState>()
  for (const row of rows) {
    const state = stateOf(row, byId.get(row.incident_id) as Incident)
    const known = states.get(row.incident_id)
    const worse = known !== undefined && URGENCY[known.state] >= URGENCY[state] ? known.state : state
    states.set(row.incident_id, { state: worse, url: known?.url ?? row.root_link ?? row.digest_link })
  }
  return (incidentId) => states.get(incidentId) ?? NOT_TOLD
}

const URGENCY = { none: 0, shown: 1, pending: 2, blocked: 3 } as const

function stateOf(row: Pick<NotificationTable, 'state' | 'shown'>, incident: Incident): SlackState['state'] {
  if (row.state === 'blocked') return 'blocked'
  // What a digest tells is told.
  const isAtRest = row.state === 'idle' || row.state === 'digested'
  if (!isAtRest || row.shown === null) return 'pending'
  const shown = JSON.parse(row.shown) as { readonly isResolved?: boolean }
  return shown.isResolved === (incident.status === 'resolved') ? 'shown' : 'pending'
}
