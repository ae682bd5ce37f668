import { applyAction } from '../incidents/apply-action.ts'
import { type DeclareDeps, declareByHand } from '../incidents/declare-incident.ts'
import { findIncident } from '../incidents/find-incident.ts'
import { listIncidents } from '../incidents/incident-queries.ts'
import type { IncidentDesk } from '../notify/channels/slack/interaction/incident-desk.ts'

/** Lets the notify room act on incidents as people do by the API: the same rules, the same trail. */
export function createIncidentDesk(deps: DeclareDeps): IncidentDesk {
  return {
    act: async (actor, command) => await applyAction(deps, actor, { ...command, expectedVersion: null }),
    declare: async (actor, declaration) => await declareByHand(deps, actor, declaration),
    list: async (actor, { limit, owner, severity }) => {
      const filter = {
        status: { is: [], isNot: ['resolved' as const] },
        ...(owner !== undefined && { owner: { is: [owner], isNot: [] } }),
        ...(severity !== undefined && { severity: { is: [severity], isNot: [] } }),
      }
      const { items } = await listIncidents(deps.db, actor, { filter, sort: 'inbox', cursor: null, limit })
      return items
    },
    find: async (actor, idOrName) => {
      const incident = await findIncident(deps.db, actor, idOrName)
      return incident === null ? null : { incident, timeline: incident.timeline.items }
    },
  }
}
