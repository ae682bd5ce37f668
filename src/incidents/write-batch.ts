import { systemActor } from '../domain/actor.ts'
import type { Alert, AlertObservation } from '../domain/alert.ts'
import type { Incident, IncidentEffect, TimelineDraft } from '../domain/incident.ts'
import type { ObservedEvent } from '../domain/observed-event.ts'
import { severityRank } from '../domain/severity.ts'
import { enqueueTx, type JobOrder } from '../jobs/enqueue.ts'
import { insertMany, type UpsertPlan, upsertMany } from '../store/bulk-write.ts'
import { recordChanges } from '../store/change-feed.ts'
import type { Tx } from '../store/database.ts'
import { fitName } from '../store/fit-name.ts'
import { INCIDENT_COLUMNS, incidentToRow } from '../store/incident-row.ts'
import type { NewId } from '../store/new-id.ts'
import { racingWrite } from '../store/racing-write.ts'
import type { AlertEventTable, AlertTable, IncidentTable } from '../store/schema.ts'
import { touchByIds } from '../store/select-by-keys.ts'
import { takeNumbers } from '../store/sequence.ts'
import { addActivityTx } from './activity/activity-repository.ts'
import { ActivityTally } from './activity/activity-tally.ts'
import type { SeriesRoster } from './activity/series-roster.ts'
import type { OrdersFor } from './follow-up-orders.ts'
import { indexNamesOfNewTx, indexNamesTx, indexTextsTx } from './search-index-repository.ts'
import { TIMELINE_COLUMNS, timelineRow } from './timeline-row.ts'
import type { SourcePolicy, WorkingSet } from './working-set.ts'

interface ChangedAlert {
  readonly alert: Alert
  readonly firstSeenAt: number
  /** Null: no longer the current state of its fingerprint. */
  readonly key: string | null
  /** The event whose content the alert now shows. */
  readonly observed: ObservedEvent
  readonly isStored: boolean
}

interface EventDraft {
  readonly observed: ObservedEvent
  readonly observation: AlertObservation
  readonly alertId: string
  readonly incidentId: string | null
}

/** What a batch of one tenant changed, gathered in memory. */
export class BatchChanges {
  readonly tenantId: string
  readonly alerts = new Map<string, ChangedAlert>()
  /** Alert rows that stop being the current state of their fingerprint. */
  readonly detached = new Set<string>()
  /** Alerts of which only `last_seen_at` changed. */
  readonly seen = new Map<string, number>()
  readonly newIncidents = new Set<string>()
  readonly dirtyIncidents = new Set<string>()
  readonly events: EventDraft[] = []
  readonly timeline: { incidentId: string; at: number; entry: TimelineDraft }[] = []
  readonly effects = new Map<string, IncidentEffect[]>()
  readonly activity = new ActivityTally()
  /** By incident: names of alerts that joined it and are not called as it is. */
  readonly names = new Map<string, Set<string>>()
  readonly #healed = new Set<string>()

  constructor(tenantId: string) {
    this.tenantId = tenantId
  }

  addEvent(observed: ObservedEvent, observation: AlertObservation, alertId: string, incidentId: string | null): void {
    this.events.push({ observed, observation, alertId, incidentId })
  }

  addTimeline(incidentId: string, at: number, entry: TimelineDraft): void {
    this.timeline.push({ incidentId, at, entry })
  }

  addName(incidentId: string, name: string): void {
    const names = this.names.get(incidentId)
    if (names) names.add(name)
    else this.names.set(incidentId, new Set([name]))
  }

  /** Says once per incident why alerts of the batch were told by Nunchi and not by their sender. */
  addHealed(incidentId: string, { event, source, receivedAt }: ObservedEvent): void {
    const reason = event.healedBecause
    if (reason === undefined || this.#healed.has(`${incidentId} ${reason}`)) return
    this.#healed.add(`${incidentId} ${reason}`)
    this.addTimeline(incidentId, receivedAt, { kind: 'healed', reason, data: { source, status: event.status } })
  }

  addEffect(incidentId: string, effect: IncidentEffect): void {
    const effects = this.effects.get(incidentId)
    if (effects) effects.push(effect)
    else this.effects.set(incidentId, [effect])
  }
}

const ALERT_COLUMNS = [
  'tenant_id',
  'id',
  'source',
  'fingerprint',
  'current_key',
  'incident_id',
  'status',
  'severity_rank',
  'title',
  'starts_at',
  'starts_at_text',
  'ends_at',
  'content_hash',
  'changed_at',
  'first_seen_at',
  'last_seen_at',
  'occurrences',
  'condition',
  'labels',
  'annotations',
  'links',
] as const
const EVENT_COLUMNS = [
  'tenant_id',
  'id',
  'alert_id',
  'incident_id',
  'source',
  'source_kind',
  'delivery_seq',
  'delivery_index',
  'received_at',
  'status',
  'observation',
  'severity_rank',
  'starts_at',
  'ends_at',
  'raw',
] as const

const incoming = <C extends string>(columns: readonly C[]): Record<C, 'incoming'> =>
  Object.fromEntries(columns.map((column) => [column, 'incoming'])) as Record<C, 'incoming'>
const ALERT_PLAN: UpsertPlan<'alert'> = {
  table: 'alert',
  columns: ALERT_COLUMNS,
  key: ['tenant_id', 'id'],
  merge: incoming(ALERT_COLUMNS.slice(5)),
}
const INCIDENT_PLAN: UpsertPlan<'incident'> = {
  table: 'incident',
  columns: [...INCIDENT_COLUMNS, 'words'],
  key: ['tenant_id', 'id'],
  merge: incoming(INCIDENT_COLUMNS.slice(3)),
}
/** Columns of indexes. Setting one of them makes SQLite write its index entries anew, even when the value stays. */
const INDEXED_INCIDENT_COLUMNS: ReadonlySet<string> = new Set([
  'correlation_key',
  'open_key',
  'rule_key',
  'status_rank',
  'severity_rank',
  'service',
  'started_at',
  'resolved_at',
])
/** For incidents that stay where every list shows them, which is what most of a storm does. */
const INCIDENT_COUNTS_PLAN: UpsertPlan<'incident'> = {
  ...INCIDENT_PLAN,
  // A list of its own: compiled statements are kept by it.
  columns: [...INCIDENT_COLUMNS],
  merge: incoming(INCIDENT_COLUMNS.slice(3).filter((column) => !INDEXED_INCIDENT_COLUMNS.has(column))),
}

export interface WriteDeps {
  readonly newId: NewId
  readonly ordersFor: OrdersFor
  readonly policyOf: (source: string) => SourcePolicy
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

function keepsItsPlaces(before: Incident, after: Incident): boolean {
  return (
    before.status === after.status &&
    before.severity === after.severity &&
    before.startedAt === after.startedAt &&
    before.resolvedAt === after.resolvedAt &&
    before.service === after.service &&
    before.ruleKey === after.ruleKey &&
    before.correlationKey === after.correlationKey
  )
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

function alertRow(tenantId: string, { alert, firstSeenAt, key, observed }: ChangedAlert): AlertTable {
  const { event } = observed
  return {
    tenant_id: tenantId,
    id: alert.id,
    source: observed.source,
    fingerprint: fitName(event.fingerprint),
    current_key: key,
    incident_id: alert.incidentId,
    status: alert.status,
    severity_rank: severityRank(alert.severity),
    title: event.title,
    starts_at: alert.startsAt,
    starts_at_text: event.startsAtText.slice(0, 64),
    ends_at: alert.endsAt,
    content_hash: alert.contentHash,
    changed_at: alert.changedAt,
    first_seen_at: firstSeenAt,
    last_seen_at: alert.lastSeenAt,
    occurrences: alert.occurrences,
    condition: event.condition,
    labels: JSON.stringify(event.labels),
    annotations: JSON.stringify(event.annotations),
    links: JSON.stringify(event.links),
  }
}

function eventRow(
  { observed, observation, alertId, incidentId }: EventDraft,
  { newId, policyOf }: WriteDeps,
): AlertEventTable {
  const { event } = observed
  return {
    tenant_id: observed.tenantId,
    id: newId(observed.receivedAt),
    alert_id: alertId,
    incident_id: incidentId,
    source: observed.source,
    source_kind: observed.sourceKind,
    delivery_seq: observed.deliverySeq,
    delivery_index: observed.index,
    received_at: observed.receivedAt,
    status: event.status,
    observation,
    severity_rank: severityRank(event.severity),
    starts_at: event.startsAt,
    ends_at: event.endsAt,
    raw: policyOf(observed.source).keepsEveryAlert ? event.raw : '',
  }
}
