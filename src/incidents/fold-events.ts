import { type AlertObservation, alertAfter, contentHashOf, observeAlert, withKnownStart } from '../domain/alert.ts'
import type { Incident, IncidentChange, IncidentEffect } from '../domain/incident.ts'
import { moveAlert } from '../domain/incident-lifecycle.ts'
import type { EventFate, ObservedEvent } from '../domain/observed-event.ts'
import type { Tx } from '../store/database.ts'
import type { NewId } from '../store/new-id.ts'
import type { OrdersFor } from './follow-up-orders.ts'
import { openIncident } from './open-incident.ts'
import { BatchChanges, writeBatch } from './write-batch.ts'
import { currentKeyOf, hashedKeyOf, type KnownAlert, loadWorkingSet, ruleKeyOf, type SourcePolicy, type WorkingSet } from './working-set.ts'

export interface FoldDeps {
  readonly newId: NewId
  readonly policyOf: (source: string) => SourcePolicy
  readonly ordersFor: OrdersFor
}

export type FoldEvents = (tx: Tx, events: readonly ObservedEvent[]) => Promise<readonly EventFate[]>

/**
 * Folds events into alerts and incidents inside the caller's transaction, with every effect as a job in it.
 * Deterministic: what an event means depends on the stored state, the event and its receive time. Answers the
 * fate of each event, in order. Throws only what the database throws; then nothing of the batch is kept.
 */
export function createFold(deps: FoldDeps): FoldEvents {
  return async (tx, events) => {
    const fates = new Array<EventFate>(events.length)
    for (const [tenantId, positions] of positionsByTenant(events)) {
      const batch = positions.map((position) => events[position] as ObservedEvent)
      const set = await loadWorkingSet(tx, batch, deps.policyOf)
      const changes = new BatchChanges(tenantId)
      batch.forEach((observed, i) => {
        fates[positions[i] as number] = foldOne(observed, set, changes, deps)
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

function foldOne(asTold: ObservedEvent, set: WorkingSet, changes: BatchChanges, deps: FoldDeps): EventFate {
  const key = currentKeyOf(asTold)
  const known = set.alerts.get(key) ?? null
  const event = withKnownStart(known?.alert ?? null, asTold.event)
  const observed = event === asTold.event ? asTold : { ...asTold, event }
  const { receivedAt } = observed
  const contentHash = contentHashOf(event)
  const observation = observeAlert(known?.alert ?? null, event, contentHash, receivedAt)
  if (observation === 'stale') return 'suppressed'
  if (observation === 'repeated') return foldRepeat(observed, known as KnownAlert, { key, set, changes, deps })
  const alert = alertAfter(known?.alert ?? null, event, { observation, contentHash, receivedAt, newId: deps.newId(receivedAt) })
  const step: FoldStep = { observed, observation, key, known, after: { ...alert } }
  if (observation === 'closed-unseen') {
    keepAlert(step, set, changes, known?.alert.incidentId ?? null)
    return known?.alert.incidentId ? 'linked' : 'suppressed'
  }
  const incidentId = observation === 'cleared' || observation === 'updated' ? (known?.alert.incidentId ?? null) : null
  const incident = incidentId === null ? undefined : set.incidents.get(incidentId)
  if (incident) applyToMember(step, incident, set, changes, deps)
  else joinIncident(step, set, changes, deps)
  return 'linked'
}

interface FoldStep {
  readonly observed: ObservedEvent
  readonly observation: AlertObservation
  readonly key: string
  readonly known: KnownAlert | null
  readonly after: KnownAlert['alert']
}

/** How old `last_seen_at` may be before a repetition writes it: a group of 100,000 alerts is repeated whole, again and again. */
const SEEN_PRECISION_MS = 15_000

function foldRepeat(observed: ObservedEvent, known: KnownAlert, { key, set, changes, deps }: { key: string; set: WorkingSet; changes: BatchChanges; deps: FoldDeps }): EventFate {
  if (observed.receivedAt - known.alert.lastSeenAt >= SEEN_PRECISION_MS) {
    set.alerts.set(key, { ...known, alert: { ...known.alert, lastSeenAt: observed.receivedAt } })
    if (known.isStored) changes.seen.set(known.alert.id, observed.receivedAt)
  }
  if (deps.policyOf(observed.source).keepsEveryAlert) changes.addEvent(observed, 'repeated', known.alert.id, known.alert.incidentId)
  return known.alert.incidentId === null ? 'suppressed' : 'linked'
}

/** A change of an alert that already belongs to the incident: it cleared, or its content or severity changed. */
function applyToMember(step: FoldStep, incident: Incident, set: WorkingSet, changes: BatchChanges, deps: FoldDeps): void {
  const { observed, known, after } = step
  keepAlert(step, set, changes, incident.id)
  const was = known?.alert.status === 'firing' ? known.alert.severity : null
  const is = after.status === 'firing' ? after.severity : null
  if (was === is) return
  const move = { was, is, joins: false, startsAt: after.startsAt, receivedAt: observed.receivedAt, clearedBecause: observed.event.clearedBecause }
  keepIncident(moveAlert(incident, move, deps.policyOf(observed.source).lifecycle), observed.receivedAt, set, changes)
}

/** A new episode finds its incident: the open one of its key, the one of its rule, one just resolved, or a new one. */
function joinIncident(step: FoldStep, set: WorkingSet, changes: BatchChanges, deps: FoldDeps): void {
  const { observed, known, after } = step
  const policy = deps.policyOf(observed.source)
  const key = hashedKeyOf(observed, policy.correlation)
  const found = findIncident(step, key.hash, set, policy)
  const isMember = found !== undefined && known?.alert.incidentId === found.id
  const incident = found ?? openIncident(observed, { key, ruleKey: ruleKeyOf(observed), id: deps.newId(observed.receivedAt) })
  if (!found) {
    changes.newIncidents.add(incident.id)
    changes.addTimeline(incident.id, observed.receivedAt, { kind: 'opened', reason: `First alert of ${key.text} from ${observed.source}.` })
  }
  if (known && !isMember && known.alert.incidentId !== null) detach(step, changes)
  const alertStep: FoldStep = known && !isMember && known.alert.incidentId !== null ? { ...step, known: null, after: { ...after, id: deps.newId(observed.receivedAt), occurrences: 1 } } : step
  keepAlert(alertStep, set, changes, incident.id)
  const is = after.status === 'firing' ? after.severity : null
  const was = isMember && known?.alert.status === 'firing' ? known.alert.severity : null
  const move = { was, is, joins: !isMember, startsAt: after.startsAt, receivedAt: observed.receivedAt, clearedBecause: null }
  const change = moveAlert(incident, move, policy.lifecycle)
  keepIncident(found ? change : openedChange(change, is === null), observed.receivedAt, set, changes)
}

/** A new incident is always told; one whose alert is already over is told as resolved. */
function openedChange(change: IncidentChange, isOver: boolean): IncidentChange {
  const effects: readonly IncidentEffect[] = [{ kind: 'notify' }]
  if (!isOver) return { ...change, effects }
  const at = change.incident.updatedAt
  return {
    incident: { ...change.incident, status: 'resolved', resolvedAt: at, resolvedBy: { id: 'nunchi', name: 'Nunchi' } },
    timeline: [...change.timeline, { kind: 'resolved', reason: 'Its end had arrived before its start.' }],
    effects,
  }
}

function findIncident({ observed, observation }: FoldStep, keyHash: string, set: WorkingSet, policy: SourcePolicy): Incident | undefined {
  const open = set.openByKey.get(keyHash)
  if (open !== undefined) return set.incidents.get(open)
  const ruleKey = observed.event.condition === null ? null : ruleKeyOf(observed)
  const byRule = ruleKey === null ? undefined : set.openByRule.get(ruleKey)
  if (byRule !== undefined && set.incidents.get(byRule)?.status !== 'resolved') return set.incidents.get(byRule)
  const resolved = set.incidents.get(set.resolvedByKey.get(keyHash) ?? '')
  if (!resolved || resolved.resolvedAt === null) return undefined
  const isRecent = observed.receivedAt - resolved.resolvedAt <= policy.lifecycle.reopenWithinMs
  return isRecent || observation === 'fired-late' ? resolved : undefined
}

/** The old row stays with the incident it belonged to, as it ended; the fingerprint's current state moves on. */
function detach({ known }: FoldStep, changes: BatchChanges): void {
  const id = (known as KnownAlert).alert.id
  changes.detached.add(id)
  const pending = changes.alerts.get(id)
  if (pending) changes.alerts.set(id, { ...pending, key: null })
}

function keepAlert(step: FoldStep, set: WorkingSet, changes: BatchChanges, incidentId: string | null): void {
  const alert = { ...step.after, incidentId }
  const firstSeenAt = step.known?.firstSeenAt ?? step.observed.receivedAt
  set.alerts.set(step.key, { alert, firstSeenAt, isStored: step.known?.isStored ?? false })
  changes.alerts.set(alert.id, { alert, firstSeenAt, key: step.key, observed: step.observed })
  changes.addEvent(step.observed, step.observation, alert.id, incidentId)
}

function keepIncident(change: IncidentChange, at: number, set: WorkingSet, changes: BatchChanges): void {
  const { incident } = change
  set.incidents.set(incident.id, incident)
  if (incident.status === 'resolved') {
    if (set.openByKey.get(incident.correlationKey) === incident.id) set.openByKey.delete(incident.correlationKey)
    set.resolvedByKey.set(incident.correlationKey, incident.id)
  } else {
    set.openByKey.set(incident.correlationKey, incident.id)
    if (incident.ruleKey !== null) set.openByRule.set(incident.ruleKey, incident.id)
  }
  changes.dirtyIncidents.add(incident.id)
  for (const entry of change.timeline) changes.addTimeline(incident.id, at, entry)
  for (const effect of change.effects) changes.addEffect(incident.id, effect)
}

