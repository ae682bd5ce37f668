import type { Actor } from '../domain/actor.ts'
import type { TimelineDraft } from '../domain/incident.ts'
import { fitName } from '../store/fit-name.ts'
import type { TimelineEntryTable } from '../store/tables/incident-tables.ts'

export const TIMELINE_COLUMNS = [
  'tenant_id',
  'id',
  'incident_id',
  'at',
  'kind',
  'reason',
  'actor_id',
  'actor_name',
  'actor_via',
  'data',
] as const

/** A timeline entry as stored: what happened, why, who did it and through which door. */
export function timelineRow(
  incidentId: string,
  entry: TimelineDraft,
  actor: Actor,
  { at, id }: { readonly at: number; readonly id: string },
): TimelineEntryTable {
  return {
    tenant_id: actor.tenantId,
    id,
    incident_id: incidentId,
    at,
    kind: entry.kind,
    reason: entry.reason,
    actor_id: fitName(actor.id),
    actor_name: fitName(actor.name),
    actor_via: actor.via,
    data: JSON.stringify(entry.data ?? {}),
  }
}
