import type { Actor } from '../domain/actor.ts'
import type { IncidentChange } from '../domain/incident.ts'
import { enqueueTx } from '../jobs/enqueue.ts'
import { insertMany } from '../store/bulk-write.ts'
import { recordChanges } from '../store/change-feed.ts'
import type { Tx } from '../store/database.ts'
import { incidentToRow } from '../store/incident-row.ts'
import { type NewId, timeOfId } from '../store/new-id.ts'
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
  const idsFrom = await nextEntryTimeTx(tx, incident)
  await insertMany(
    tx,
    'timeline_entry',
    TIMELINE_COLUMNS,
    timeline.map((entry) => timelineRow(id, entry, actor, { at, id: deps.newId(idsFrom) })),
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

/**
 * From which instant the ids of new entries are made, so that they sort after all that the incident has: channels tell notes up
 * to an id, and one whose id came to stand before it, because the clock of another node is ahead, would never be told.
 */
async function nextEntryTimeTx(tx: Tx, { tenantId, id, updatedAt }: IncidentChange['incident']): Promise<number> {
  const newest = await tx
    .selectFrom('timeline_entry')
    .select((eb) => eb.fn.max('id').as('id'))
    .where('tenant_id', '=', tenantId)
    .where('incident_id', '=', id)
    .executeTakeFirst()
  return newest?.id ? Math.max(updatedAt, timeOfId(newest.id) + 1) : updatedAt
}
