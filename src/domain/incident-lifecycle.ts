import {
  type FiringCounts,
  firingTotal,
  type Incident,
  type IncidentChange,
  type IncidentEffect,
  type TimelineDraft,
} from './incident.ts'
import { roundedCount } from './rounded-count.ts'
import { higherSeverity, SEVERITIES, type Severity, severityRank } from './severity.ts'

/** How the incidents of a source live. */
export interface LifecyclePolicy {
  /** Resolve by itself when the last alert clears. */
  readonly autoResolve: boolean
  /** How long everything must stay clear before it resolves by itself; 0 = at once. */
  readonly holdOffMs: number
  /** A resolved incident whose alert fires again within this time is reopened; later a new one is opened. */
  readonly reopenWithinMs: number
  /** This many clear-and-fire-again cycles within `flapWindowMs` make it flapping. */
  readonly flapThreshold: number
  readonly flapWindowMs: number
  /** Hold-off while flapping: it resolves only after this much quiet. */
  readonly flapHoldOffMs: number
}

export const DEFAULT_LIFECYCLE: LifecyclePolicy = {
  autoResolve: true,
  holdOffMs: 0,
  reopenWithinMs: 10 * 60_000,
  flapThreshold: 3,
  flapWindowMs: 10 * 60_000,
  flapHoldOffMs: 5 * 60_000,
}

/** How one alert enters the counts: what it was in this incident, and what it is now. */
export interface AlertMove {
  /** The severity it fired with before; null when it did not fire in this incident. */
  readonly was: Severity | null
  /** The severity it fires with now; null when it is clear. */
  readonly is: Severity | null
  /** It was not a member of this incident before. */
  readonly joins: boolean
  readonly startsAt: number
  readonly receivedAt: number
  /** Why it cleared when that is no recovery (`MissingSeries`, …). */
  readonly clearedBecause: string | null
}

/** What a resolved incident forgets when it is open again. */
export const REOPENED = {
  resolvedAt: null,
  resolvedBy: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  clearsAt: null,
} as const

/**
 * An alert of the incident changed: counts, severity, and what follows from them (reopening, clearing,
 * flapping, resolving). The order of alerts inside one batch does not matter, except for the timeline.
 */
export function moveAlert(incident: Incident, move: AlertMove, policy: LifecyclePolicy): IncidentChange {
  return withRefresh(incident, afterMove(incident, move, policy))
}

function afterMove(incident: Incident, move: AlertMove, policy: LifecyclePolicy): IncidentChange {
  const counted: Incident = {
    ...incident,
    alertCount: incident.alertCount + (move.joins ? 1 : 0),
    firing: recount(incident.firing, move),
    startedAt: Math.min(incident.startedAt, move.startsAt),
    updatedAt: move.receivedAt,
    version: incident.version + 1,
  }
  const begins = move.was === null && move.is !== null
  const ended = move.was !== null && move.is === null
  if (begins) return afterFiring(counted, move, policy)
  if (ended && firingTotal(counted.firing) === 0) return afterClear(counted, move, policy)
  return withSeverity(counted, move, [], [])
}

function afterFiring(incident: Incident, move: AlertMove, policy: LifecyclePolicy): IncidentChange {
  const timeline: TimelineDraft[] = []
  const effects: IncidentEffect[] = []
  let next = incident
  if (incident.status === 'resolved') {
    next = {
      ...countFlap(next, move.receivedAt, policy),
      ...REOPENED,
      status: 'active',
      reopenCount: next.reopenCount + 1,
      reopenedAt: move.receivedAt,
    }
    timeline.push({ kind: 'reopened', reason: 'An alert fired again within the reopen window.' })
    effects.push({ kind: 'notify' })
  } else if (incident.clearsAt !== null) {
    next = { ...countFlap(next, move.receivedAt, policy), clearsAt: null }
    timeline.push({ kind: 'fired-again', reason: 'An alert fired again before the hold-off ended.' })
  }
  if (next.isFlapping && !incident.isFlapping) {
    timeline.push({
      kind: 'flapping',
      reason: `Cleared and fired again ${next.flapCount} times within ${minutes(policy.flapWindowMs)}; it resolves after ${minutes(policy.flapHoldOffMs)} of quiet.`,
    })
    effects.push({ kind: 'notify' })
  }
  return withSeverity(next, move, timeline, effects)
}

function countFlap(incident: Incident, now: number, policy: LifecyclePolicy): Incident {
  const inWindow = incident.flapsSince !== null && now - incident.flapsSince <= policy.flapWindowMs
  // While it flaps the window slides with it: quiet, not the calendar, ends flapping.
  const continues = inWindow || incident.isFlapping
  const flapCount = continues ? incident.flapCount + 1 : 1
  return {
    ...incident,
    flapCount,
    flapsSince: continues ? incident.flapsSince : now,
    isFlapping: flapCount >= policy.flapThreshold,
  }
}

function afterClear(incident: Incident, move: AlertMove, policy: LifecyclePolicy): IncidentChange {
  if (incident.status === 'resolved') return { incident, timeline: [], effects: [] }
  const reason =
    move.clearedBecause === null
      ? 'Every alert is clear.'
      : `Every alert is clear; the last one because of ${move.clearedBecause}, which does not prove a recovery.`
  if (!policy.autoResolve)
    return {
      incident,
      timeline: [{ kind: 'cleared', reason: `${reason} This source waits for a person to resolve.` }],
      effects: [],
    }
  const holdOffMs = incident.isFlapping ? Math.max(policy.holdOffMs, policy.flapHoldOffMs) : policy.holdOffMs
  if (holdOffMs === 0) return resolveByItself(incident, reason, move.receivedAt)
  const clearsAt = move.receivedAt + holdOffMs
  return {
    incident: { ...incident, clearsAt },
    timeline: [{ kind: 'cleared', reason: `${reason} Resolves after ${minutes(holdOffMs)} without a new one.` }],
    effects: [{ kind: 'resolve-when-clear', at: clearsAt }],
  }
}

/** The hold-off ended: resolves when it is still due, otherwise changes nothing (null). */
export function endHoldOff(incident: Incident, now: number): IncidentChange | null {
  if (
    incident.clearsAt === null ||
    incident.clearsAt > now ||
    incident.status === 'resolved' ||
    firingTotal(incident.firing) > 0
  )
    return null
  return resolveByItself(
    { ...incident, version: incident.version + 1, updatedAt: now },
    'Every alert stayed clear for the whole hold-off.',
    now,
  )
}

/** The silence ended: says so when it is still due, otherwise changes nothing (null). */
export function endSilence(incident: Incident, now: number): IncidentChange | null {
  if (incident.silencedUntil === null || incident.silencedUntil > now || incident.status === 'resolved') return null
  return {
    incident: { ...incident, silencedUntil: null, version: incident.version + 1, updatedAt: now },
    timeline: [{ kind: 'unsilenced', reason: 'The time of the silence is over.' }],
    effects: [{ kind: 'notify' }],
  }
}

function resolveByItself(incident: Incident, reason: string, now: number): IncidentChange {
  const timeline: TimelineDraft[] = [{ kind: 'resolved', reason }]
  if (incident.isFlapping) timeline.unshift({ kind: 'flapping-ended', reason: 'Quiet for the whole hold-off.' })
  return {
    incident: {
      ...incident,
      status: 'resolved',
      resolvedAt: now,
      resolvedBy: NUNCHI,
      clearsAt: null,
      silencedUntil: null,
      isFlapping: false,
      flapCount: incident.isFlapping ? 0 : incident.flapCount,
      flapsSince: incident.isFlapping ? null : incident.flapsSince,
    },
    timeline,
    effects: [{ kind: 'notify' }],
  }
}

/** Where nothing is news, messages that show what changed are still brought up to date. */
function withRefresh(before: Incident, change: IncidentChange): IncidentChange {
  const isNews = change.effects.some(({ kind }) => kind === 'notify')
  if (isNews || shownFacts(before) === shownFacts(change.incident)) return change
  return { ...change, effects: [...change.effects, { kind: 'refresh' }] }
}

function shownFacts({ alertCount, firing, severity, clearsAt }: Incident): string {
  return `${roundedCount(alertCount)}/${roundedCount(firingTotal(firing))}/${severity}/${clearsAt}`
}

const NUNCHI = { id: 'nunchi', name: 'Nunchi' } as const

/**
 * Severity follows the highest that fires; every move of it is written down. With nothing firing it stays. One that a
 * person set is only raised, and only by an alert that begins or gets worse: those that fired already were known then.
 */
function withSeverity(
  incident: Incident,
  move: AlertMove,
  timeline: readonly TimelineDraft[],
  effects: readonly IncidentEffect[],
): IncidentChange {
  const highest = incident.isSeverityPinned ? raisedTo(incident, move) : highestFiring(incident.firing)
  if (highest === null || highest === incident.severity || incident.status === 'resolved')
    return { incident, timeline, effects }
  const raised = severityRank(highest) > severityRank(incident.severity)
  const entry: TimelineDraft = {
    kind: raised ? 'severity-raised' : 'severity-lowered',
    reason: raised
      ? `An alert of severity ${highest} fires.`
      : `No alert of severity ${incident.severity} fires any more; the highest is ${highest}.`,
    data: { from: incident.severity, to: highest },
  }
  const peakSeverity = higherSeverity(highest, incident.peakSeverity)
  return {
    incident: { ...incident, severity: highest, peakSeverity },
    timeline: [...timeline, entry],
    effects: raised ? [...effects, { kind: 'notify' }] : effects,
  }
}

function raisedTo({ severity }: Incident, { was, is }: AlertMove): Severity | null {
  const isWorse = is !== null && (was === null || severityRank(is) > severityRank(was))
  return isWorse && severityRank(is) > severityRank(severity) ? is : null
}

export function highestFiring(firing: FiringCounts): Severity | null {
  for (let rank = SEVERITIES.length - 1; rank >= 0; rank--) {
    const severity = SEVERITIES[rank] as Severity
    if ((firing[severity] ?? 0) > 0) return severity
  }
  return null
}

function recount(firing: FiringCounts, move: AlertMove): FiringCounts {
  if (move.was === move.is) return firing
  const next: Partial<Record<Severity, number>> = { ...firing }
  if (move.was !== null) {
    const left = (next[move.was] ?? 0) - 1
    if (left > 0) next[move.was] = left
    else delete next[move.was]
  }
  if (move.is !== null) next[move.is] = (next[move.is] ?? 0) + 1
  return next
}

function minutes(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${Math.round(ms / 1000)} s`
}
