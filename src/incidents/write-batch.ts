import { systemActor } from '../domain/actor.ts'
import type { Incident } from '../domain/incident.ts'
import { enqueueTx, type JobOrder } from '../jobs/enqueue.ts'
import { insertMany, upsertMany } from '../store/bulk-write.ts'
import { recordChanges } from '../store/change-feed.ts'
import type { Tx } from '../store/database.ts'
import { incidentToRow } from '../store/incident-row.ts'
import { racingWrite } from '../store/racing-write.ts'
import { touchByIds } from '../store/select-by-keys.ts'
import { takeNumbers } from '../store/sequence.ts'
import type { AlertTable, IncidentTable } from '../store/tables/incident-tables.ts'
import { addActivityTx } from './activity/activity-repository.ts'
import type { SeriesRoster } from './activity/series-roster.ts'
import type { BatchChanges } from './batch-changes.ts'
import {
  ALERT_COLUMNS,
  ALERT_PLAN,
  alertRow,
  EVENT_COLUMNS,
  type EventRowDeps,
  eventRow,
  INCIDENT_COUNTS_PLAN,
  INCIDENT_PLAN,
  keepsItsPlaces,
} from './batch-rows.ts'
import type { OrdersFor } from './follow-up-orders.ts'
import { indexNamesOfNewTx, indexNamesTx, indexTextsTx } from './search-index-repository.ts'
import { TIMELINE_COLUMNS, timelineRow } from './timeline-row.ts'
import type { WorkingSet } from './working-set.ts'

export interface WriteDeps extends EventRowDeps {
  readonly ordersFor: OrdersFor
  readonly roster: SeriesRoster
}

/**
 * Writes everything that a batch changed, with few statements. Part of the caller's transaction. What all folds of a tenant
 * share, the two counters, comes last: from then on they wait for each other's commit.
 */
export async function writeBatch(tx: Tx, changes: BatchChanges, set: WorkingSet, deps: WriteDeps): Promise<void> {
  const { tenantId } = changes
  await touchByIds(tx, 'alert', 'current_key', { tenantId, value: null, ids: [...changes.detached].sort() })
  await writeAlerts(tx, changes)
  await writeSeen(tx, changes)
  await insertMany(
    tx,
    'alert_event',
    EVENT_COLUMNS,
    changes.events.map((draft) => eventRow(draft, deps)),
  )
  const actor = systemActor(tenantId)
  await insertMany(
    tx,
    'timeline_entry',
    TIMELINE_COLUMNS,
    changes.timeline.map(({ incidentId, at, entry }) =>
      timelineRow(incidentId, entry, actor, { at, id: deps.newId(at) }),
    ),
  )
  if (changes.dirtyIncidents.size > 0) await writeIncidents(tx, changes, { set, deps })
  await addActivityTx(tx, tenantId, changes.activity, deps.roster)
}

/** The incidents that the batch opened or moved, and what follows from it. From the counters on folds of a tenant wait for each other. */
async function writeIncidents(
  tx: Tx,
  changes: BatchChanges,
  { set, deps }: { readonly set: WorkingSet; readonly deps: WriteDeps },
): Promise<void> {
  const { tenantId, dirtyIncidents } = changes
  const now = Math.max(...incidentsOf(dirtyIncidents, set).map(({ updatedAt }) => updatedAt))
  await enqueueTx(tx, tenantId, ordersOf(changes, set, deps.ordersFor), { newId: deps.newId, now })
  await indexNamesTx(tx, tenantId, changes.names)
  const texts = await indexTextsTx(tx, incidentsOf(changes.newIncidents, set))
  await numberNewIncidents(tx, changes, set)
  const dirty = incidentsOf(dirtyIncidents, set)
  await writeIncidentRows(tx, dirty, set, await indexNamesOfNewTx(tx, incidentsOf(changes.newIncidents, set), texts))
  await recordChanges(
    tx,
    tenantId,
    dirty.map((incident) => ({
      kind: 'incident',
      subjectId: incident.id,
      data: { version: incident.version, status: incident.status, severity: incident.severity },
    })),
    now,
  )
}

function incidentsOf(ids: ReadonlySet<string>, set: WorkingSet): readonly Incident[] {
  return [...ids].map((id) => set.incidents.get(id) as Incident)
}

/** Rows that are new are inserted and never merged: two folds that open the same alert or incident must not both believe that it is theirs. */
async function writeAlerts(tx: Tx, { tenantId, alerts }: BatchChanges): Promise<void> {
  const [fresh, moved]: [AlertTable[], AlertTable[]] = [[], []]
  for (const changed of alerts.values()) (changed.isStored ? moved : fresh).push(alertRow(tenantId, changed))
  await racingWrite(tx, () => insertMany(tx, 'alert', ALERT_COLUMNS, fresh))
  await upsertMany(tx, ALERT_PLAN, moved)
}

async function numberNewIncidents(tx: Tx, changes: BatchChanges, set: WorkingSet): Promise<void> {
  if (changes.newIncidents.size === 0) return
  let number = await takeNumbers(tx, changes.tenantId, 'incident', changes.newIncidents.size)
  for (const id of changes.newIncidents)
    set.incidents.set(id, { ...(set.incidents.get(id) as Incident), number: number++ })
}

async function writeIncidentRows(
  tx: Tx,
  dirty: readonly Incident[],
  { stored }: WorkingSet,
  words: ReadonlyMap<string, string>,
): Promise<void> {
  const [opened, moved, counted]: [IncidentTable[], IncidentTable[], IncidentTable[]] = [[], [], []]
  for (const incident of dirty) {
    const before = stored.get(incident.id)
    const rows = before === undefined ? opened : keepsItsPlaces(before, incident) ? counted : moved
    rows.push({ ...incidentToRow(incident), words: words.get(incident.id) ?? null })
  }
  // One that moves may be reopened: its key, too, may be taken by now. What closes must let go of its key before another takes it.
  const [closing, others] = [moved.filter(isClosed), moved.filter((row) => !isClosed(row))]
  await racingWrite(tx, async () => {
    await upsertMany(tx, INCIDENT_PLAN, [...closing, ...others])
    await insertMany(tx, 'incident', INCIDENT_PLAN.columns, opened)
  })
  await upsertMany(tx, INCIDENT_COUNTS_PLAN, counted)
}

function isClosed({ open_key }: IncidentTable): boolean {
  return open_key === null
}

async function writeSeen(tx: Tx, changes: BatchChanges): Promise<void> {
  const idsByTime = new Map<number, string[]>()
  for (const [id, at] of changes.seen) {
    if (changes.alerts.has(id)) continue
    const ids = idsByTime.get(at)
    if (ids) ids.push(id)
    else idsByTime.set(at, [id])
  }
  for (const [at, ids] of idsByTime)
    await touchByIds(tx, 'alert', 'last_seen_at', { tenantId: changes.tenantId, value: at, ids })
}

/** One order per thing to do, due when the earliest of the batch is: news must not wait for a mere refresh. */
function ordersOf(changes: BatchChanges, set: WorkingSet, ordersFor: OrdersFor): readonly JobOrder[] {
  const byKey = new Map<string, JobOrder>()
  for (const [incidentId, effects] of changes.effects) {
    const incident = set.incidents.get(incidentId) as Incident
    for (const effect of effects)
      for (const order of ordersFor(incident, effect)) {
        const key = order.dedupeKey ?? `${order.kind}/${byKey.size}`
        const known = byKey.get(key)
        byKey.set(key, known && known.runAt < order.runAt ? known : order)
      }
  }
  return [...byKey.values()]
}
