import type { AlertObservation } from '../domain/alert.ts'
import type { Incident, IncidentChange, IncidentEffect } from '../domain/incident.ts'
import { moveAlert } from '../domain/incident-lifecycle.ts'
import type { ObservedEvent } from '../domain/observed-event.ts'
import { nameOfLabels } from '../domain/search-terms.ts'
import type { NewId } from '../store/new-id.ts'
import type { SeriesRoster } from './activity/series-roster.ts'
import type { BatchChanges } from './batch-changes.ts'
import type { OrdersFor } from './follow-up-orders.ts'
import { openIncident } from './open-incident.ts'
import { hashedKeyOf, type KnownAlert, ruleKeyOf, type SourcePolicy, type WorkingSet } from './working-set.ts'

/** What the fold needs from outside the room. */
export interface FoldDeps {
  readonly newId: NewId
  readonly policyOf: (source: string) => SourcePolicy
  readonly ordersFor: OrdersFor
  readonly roster: SeriesRoster
}

/** A batch under way: what it can touch, what it has changed. */
export interface FoldBatch {
  readonly set: WorkingSet
  readonly changes: BatchChanges
  readonly deps: FoldDeps
}

/** One event that changes an alert: the alert before and after. */
export interface FoldStep {
  readonly observed: ObservedEvent
  readonly observation: AlertObservation
  readonly key: string
  readonly known: KnownAlert | null
  readonly after: KnownAlert['alert']
}

/** A change of an alert that already belongs to the incident: it cleared, or its content or severity changed. */
export function applyToMember(step: FoldStep, incident: Incident, batch: FoldBatch): void {
  const { observed, known, after } = step
  keepAlert(step, incident.id, batch)
  batch.changes.addHealed(incident.id, observed)
  const was = known?.alert.status === 'firing' ? known.alert.severity : null
  const is = after.status === 'firing' ? after.severity : null
  if (was === is) return
  const move = {
    was,
    is,
    joins: false,
    startsAt: after.startsAt,
    receivedAt: observed.receivedAt,
    clearedBecause: observed.event.clearedBecause,
  }
  const { lifecycle } = batch.deps.policyOf(observed.source)
  keepIncident(moveAlert(incident, move, lifecycle), observed.receivedAt, batch)
}

/** A new episode finds its incident: the open one of its key, the one of its rule, one just resolved, or a new one. */
export function joinIncident(step: FoldStep, batch: FoldBatch): void {
  const { set, changes, deps } = batch
  const { observed, known, after } = step
  const policy = deps.policyOf(observed.source)
  const key = set.hashedKeys.get(observed) ?? hashedKeyOf(observed, policy.correlation)
  const found = findIncident(step, key.hash, set, policy)
  const isMember = found !== undefined && known?.alert.incidentId === found.id
  const incident =
    found ??
    openIncident(observed, {
      key,
      ruleKey: ruleKeyOf(observed),
      id: deps.newId(observed.receivedAt),
      environment: policy.correlation.environment,
    })
  if (!found) {
    changes.newIncidents.add(incident.id)
    const opened = { kind: 'opened', reason: `First alert of ${key.text} from ${observed.source}.` } as const
    changes.addTimeline(incident.id, observed.receivedAt, opened)
    changes.activity.addEntries(incident, observed.receivedAt, [opened])
  }
  if (found && !isMember) rememberName(observed, found, changes)
  if (known && !isMember && known.alert.incidentId !== null) detach(step, changes)
  const alertStep: FoldStep =
    known && !isMember && known.alert.incidentId !== null
      ? { ...step, known: null, after: { ...after, id: deps.newId(observed.receivedAt), occurrences: 1 } }
      : step
  keepAlert(alertStep, incident.id, batch)
  changes.addHealed(incident.id, observed)
  const is = after.status === 'firing' ? after.severity : null
  const was = isMember && known?.alert.status === 'firing' ? known.alert.severity : null
  const move = {
    was,
    is,
    joins: !isMember,
    startsAt: after.startsAt,
    receivedAt: observed.receivedAt,
    clearedBecause: null,
  }
  const change = moveAlert(incident, move, policy.lifecycle)
  keepIncident(found ? change : openedChange(change, is === null), observed.receivedAt, batch)
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

function findIncident(
  { observed, observation }: FoldStep,
  keyHash: string,
  set: WorkingSet,
  policy: SourcePolicy,
): Incident | undefined {
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

/** Later alerts of a large incident are hardly called anything new. */
const MOST_NAMED_ALERTS = 200

function rememberName({ event }: FoldStep['observed'], incident: Incident, changes: BatchChanges): void {
  if (incident.alertCount > MOST_NAMED_ALERTS) return
  const name = nameOfLabels(event.labels) ?? event.title
  if (name !== nameOfLabels(incident.labels) && name !== incident.title) changes.addName(incident.id, name)
}

/** The old row stays with the incident it belonged to, as it ended; the fingerprint's current state moves on. */
function detach({ known }: FoldStep, changes: BatchChanges): void {
  const id = (known as KnownAlert).alert.id
  changes.detached.add(id)
  const pending = changes.alerts.get(id)
  if (pending) changes.alerts.set(id, { ...pending, key: null })
}

/** Keeps the alert as it is after the step, in the incident it belongs to now. */
export function keepAlert(step: FoldStep, incidentId: string | null, { set, changes }: FoldBatch): void {
  const alert = { ...step.after, incidentId }
  const firstSeenAt = step.known?.firstSeenAt ?? step.observed.receivedAt
  const isStored = step.known?.isStored ?? false
  set.alerts.set(step.key, { alert, firstSeenAt, isStored })
  changes.alerts.set(alert.id, { alert, firstSeenAt, key: step.key, observed: step.observed, isStored })
  changes.addEvent(step.observed, step.observation, alert.id, incidentId)
}

function keepIncident(change: IncidentChange, at: number, { set, changes }: FoldBatch): void {
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
  changes.activity.addEntries(incident, at, change.timeline)
  for (const effect of change.effects) changes.addEffect(incident.id, effect)
}
