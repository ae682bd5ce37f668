import type { Actor } from '../domain/actor.ts'
import type { IncidentChange } from '../domain/incident.ts'
import { enqueueTx } from '../jobs/enqueue.ts'
import { insertMany } from '../store/bulk-write.ts'
import { recordChanges } from '../store/change-feed.ts'
import type { Tx } from '../store/database.ts'
import { incidentToRow } from '../store/incident-row.ts'
import type { NewId } from '../store/new-id.ts'
import { addActivityTx } from './activity/activity-repository.ts'
import { ActivityTally } from './activity/activity-tally.ts'
import { SeriesRoster } from './activity/series-roster.ts'
import type { OrdersFor } from './follow-up-orders.ts'
import { TIMELINE_COLUMNS, timelineRow } from './timeline-row.ts'

export interface SaveDeps {
  readonly newId: NewId
  readonly ordersFor: OrdersFor
}

/**
 * Saves a decided change with everything that follows from it: timeline, jobs, live feed. False when somebody else
 * moved the incident since it was loaded: nothing is written, and the caller decides again on what is true now.
 */
export async function saveChangeTx(tx: Tx, change: IncidentChange, actor: Actor, deps: SaveDeps): Promise<boolean> {
  const { incident } = change
  const { tenant_id, id, number: _number, ...columns } = incidentToRow(incident)
  const { numUpdatedRows } = await tx
    .updateTable('incident')
    .set(columns)
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .where('version', '=', incident.version - 1)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  await recordChangeTx(tx, change, actor, deps)
  return true
}

/** Writes down what follows from a change whose incident the caller has stored: timeline, jobs, live feed, roll-ups. */
export async function recordChangeTx(
  tx: Tx,
  { incident, timeline, effects }: IncidentChange,
  actor: Actor,
  deps: SaveDeps,
): Promise<void> {
  const { tenantId, id, updatedAt: at } = incident
  await insertMany(
    tx,
    'timeline_entry',
    TIMELINE_COLUMNS,
    timeline.map((entry) => timelineRow(id, entry, actor, { at, id: deps.newId(at) })),
  )
  const orders = effects.flatMap((effect) => deps.ordersFor(incident, effect))
  await enqueueTx(tx, tenantId, orders, { newId: deps.newId, now: at })
  await recordChanges(
    tx,
    tenantId,
    [
      {
        kind: 'incident',
        subjectId: id,
        data: { version: incident.version, status: incident.status, severity: incident.severity },
      },
    ],
    at,
  )
  const tally = new ActivityTally()
  tally.addEntries(incident, at, timeline)
  await addActivityTx(tx, tenantId, tally, new SeriesRoster())
}
