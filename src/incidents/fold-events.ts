import { alertAfter, contentHashOf, observeAlert, withKnownStart } from '../domain/alert.ts'
import type { EventFate, ObservedEvent } from '../domain/observed-event.ts'
import type { Tx } from '../store/database.ts'
import { SeriesRoster } from './activity/series-roster.ts'
import { BatchChanges } from './batch-changes.ts'
import { applyToMember, type FoldBatch, type FoldDeps, type FoldStep, joinIncident, keepAlert } from './place-alert.ts'
import { currentKeyOf, type KnownAlert, loadWorkingSet } from './working-set.ts'
import { writeBatch } from './write-batch.ts'

export type FoldEvents = (tx: Tx, events: readonly ObservedEvent[]) => Promise<readonly EventFate[]>

/**
 * Folds events into alerts and incidents inside the caller's transaction, with every effect as a job in it.
 * Deterministic: what an event means depends on the stored state, the event and its receive time. Answers the
 * fate of each event, in order. Throws only what the database throws; then nothing of the batch is kept.
 */
export function createFold(foldDeps: Omit<FoldDeps, 'roster'>): FoldEvents {
  const deps: FoldDeps = { ...foldDeps, roster: new SeriesRoster() }
  return async (tx, events) => {
    const fates = new Array<EventFate>(events.length)
    for (const [tenantId, positions] of positionsByTenant(events)) {
      const batch = positions.map((position) => events[position] as ObservedEvent)
      const set = await loadWorkingSet(tx, batch, deps.policyOf)
      const changes = new BatchChanges(tenantId)
      batch.forEach((observed, i) => {
        fates[positions[i] as number] = foldOne(observed, { set, changes, deps })
      })
      await writeBatch(tx, changes, set, deps)
    }
    return fates
  }
}

function positionsByTenant(events: readonly ObservedEvent[]): Map<string, number[]> {
  const byTenant = new Map<string, number[]>()
  events.forEach(({ tenantId }, i) => {
    const positions = byTenant.get(tenantId)
    if (positions) positions.push(i)
    else byTenant.set(tenantId, [i])
  })
  return byTenant
}

function foldOne(asTold: ObservedEvent, batch: FoldBatch): EventFate {
  const { set, deps } = batch
  const key = currentKeyOf(asTold)
  const known = set.alerts.get(key) ?? null
  const event = withKnownStart(known?.alert ?? null, asTold.event)
  const observed = event === asTold.event ? asTold : { ...asTold, event }
  const { receivedAt } = observed
  const contentHash = contentHashOf(event)
  const observation = observeAlert(known?.alert ?? null, event, contentHash, receivedAt)
  batch.changes.activity.addObservation(observed, observation)
  if (observation === 'stale') return 'suppressed'
  if (observation === 'repeated') return foldRepeat(observed, known as KnownAlert, batch)
  const alert = alertAfter(known?.alert ?? null, event, {
    observation,
    contentHash,
    receivedAt,
    newId: deps.newId(receivedAt),
  })
  const step: FoldStep = { observed, observation, key, known, after: { ...alert } }
  if (observation === 'closed-unseen') {
    keepAlert(step, known?.alert.incidentId ?? null, batch)
    return known?.alert.incidentId ? 'linked' : 'suppressed'
  }
  const incidentId = observation === 'cleared' || observation === 'updated' ? (known?.alert.incidentId ?? null) : null
  const incident = incidentId === null ? undefined : set.incidents.get(incidentId)
  if (incident) applyToMember(step, incident, batch)
  else joinIncident(step, batch)
  return 'linked'
}

/** How old `last_seen_at` may be before a repetition writes it: a group of 100,000 alerts is repeated whole, again and again. */
const SEEN_PRECISION_MS = 15_000

function foldRepeat(observed: ObservedEvent, known: KnownAlert, { set, changes, deps }: FoldBatch): EventFate {
  if (observed.receivedAt - known.alert.lastSeenAt >= SEEN_PRECISION_MS) {
    set.alerts.set(currentKeyOf(observed), { ...known, alert: { ...known.alert, lastSeenAt: observed.receivedAt } })
    if (known.isStored) changes.seen.set(known.alert.id, observed.receivedAt)
  }
  if (deps.policyOf(observed.source).keepsEveryAlert)
    changes.addEvent(observed, 'repeated', known.alert.id, known.alert.incidentId)
  return known.alert.incidentId === null ? 'suppressed' : 'linked'
}
