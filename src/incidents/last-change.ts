import type { Party, TimelineKind } from '../domain/incident.ts'
import { isoTime } from '../domain/iso-time.ts'
import type { Db, Tx } from '../store/database.ts'

/** Who moved an incident last, when and how: what a person is told whose click came too late. */
export interface LastChange {
  readonly kind: TimelineKind
  readonly at: string
  readonly by: Party
  readonly via: string
}

/** Entries that move the state; a note does not make a click come too late. */
const STATE_KINDS: readonly TimelineKind[] = [
  'opened',
  'acknowledged',
  'unacknowledged',
  'resolved',
  'reopened',
  'assigned',
  'severity-raised',
  'severity-lowered',
  'severity-set',
  'silenced',
  'unsilenced',
  'moved',
  'declared',
  'marked-noise',
]

/** The newest entry of the timeline that changed the state of the incident. */
export async function lastChangeOf(db: Db | Tx, tenantId: string, incidentId: string): Promise<LastChange | null> {
  const row = await db
    .selectFrom('timeline_entry')
    .select(['kind', 'at', 'actor_id', 'actor_name', 'actor_via'])
    .where('tenant_id', '=', tenantId)
    .where('incident_id', '=', incidentId)
    .where('kind', 'in', STATE_KINDS)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row
    ? {
        kind: row.kind as TimelineKind,
        at: isoTime(Number(row.at)),
        by: { id: row.actor_id, name: row.actor_name },
        via: row.actor_via,
      }
    : null
}
