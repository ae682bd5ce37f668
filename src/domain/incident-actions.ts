import { type Actor, hasScope } from './actor.ts'
import {
  type Incident,
  type IncidentChange,
  type IncidentEffect,
  type IncidentStatus,
  type TimelineDraft,
  type TimelineKind,
  UNTIL_RESOLVED,
} from './incident.ts'
import { REOPENED } from './incident-lifecycle.ts'
import { higherSeverity, type Severity } from './severity.ts'

export const INCIDENT_ACTIONS = [
  'acknowledge',
  'unacknowledge',
  'resolve',
  'reopen',
  'assign',
  'note',
  'silence',
  'unsilence',
  'set-severity',
  'move',
] as const
export type IncidentAction = (typeof INCIDENT_ACTIONS)[number]

/** Why an action was not done. A refusal is an answer, not a fault. */
export type Refusal =
  | 'already-there'
  | 'not-allowed-from-here'
  | 'version-changed'
  | 'scope-missing'
  | 'another-is-open'

interface Rule {
  readonly from: readonly IncidentStatus[]
  readonly to: IncidentStatus | 'same'
  readonly entry: TimelineKind
  readonly notifies: boolean
}

/** What people may do, whole. If a move is not in this table, it cannot happen. Rules of alerts: `alertFired`, `alertCleared`. */
const RULES: Readonly<Record<IncidentAction, Rule>> = {
  acknowledge: { from: ['active'], to: 'acknowledged', entry: 'acknowledged', notifies: true },
  // The undo of acknowledge: somebody took it by mistake, so it must be unattended again.
  unacknowledge: { from: ['acknowledged'], to: 'active', entry: 'unacknowledged', notifies: true },
  resolve: { from: ['active', 'acknowledged'], to: 'resolved', entry: 'resolved', notifies: true },
  reopen: { from: ['resolved'], to: 'active', entry: 'reopened', notifies: true },
  assign: { from: ['active', 'acknowledged', 'resolved'], to: 'same', entry: 'assigned', notifies: true },
  note: { from: ['active', 'acknowledged', 'resolved'], to: 'same', entry: 'note', notifies: true },
  silence: { from: ['active', 'acknowledged'], to: 'same', entry: 'silenced', notifies: true },
  unsilence: { from: ['active', 'acknowledged'], to: 'same', entry: 'unsilenced', notifies: true },
  'set-severity': { from: ['active', 'acknowledged'], to: 'same', entry: 'severity-set', notifies: true },
  move: { from: ['active', 'acknowledged'], to: 'same', entry: 'moved', notifies: true },
}

export interface ActionRequest {
  readonly action: IncidentAction
  readonly actor: Actor
  /** What the person wrote, or the text of a note. */
  readonly reason: string
  /** The version the person saw; a different one refuses. Null = whatever it is now. */
  readonly expectedVersion: number | null
  /** For `assign`: the new owner, null to clear. */
  readonly assignee: Incident['owner']
  /** For `silence`: when it ends by itself; left away or `UNTIL_RESOLVED`: as long as it is open. */
  readonly until?: number | undefined
  /** For `set-severity`. */
  readonly severity?: Severity | undefined
  /** For `move`: the new channel, null for where the rules send it. */
  readonly channelId?: string | null | undefined
}

export type ActionDecision =
  | { readonly ok: true; readonly change: IncidentChange }
  | { readonly ok: false; readonly refusal: Refusal }

/** Decides what a person's action does at `now`. Effects are returned, never performed. */
export function decideAction(incident: Incident, request: ActionRequest, now: number): ActionDecision {
  const rule = RULES[request.action]
  if (!hasScope(request.actor, 'respond')) return { ok: false, refusal: 'scope-missing' }
  if (rule.to === incident.status) return { ok: false, refusal: 'already-there' }
  if (request.expectedVersion !== null && request.expectedVersion !== incident.version)
    return { ok: false, refusal: 'version-changed' }
  if (!rule.from.includes(incident.status)) return { ok: false, refusal: 'not-allowed-from-here' }
  if (isSoAlready(incident, request)) return { ok: false, refusal: 'already-there' }
  if (request.action === 'silence' && untilOf(request) <= now) return { ok: false, refusal: 'not-allowed-from-here' }
  const next = afterAction(incident, request, rule, now)
  return {
    ok: true,
    change: {
      incident: { ...next, version: incident.version + 1, updatedAt: now },
      timeline: [{ kind: rule.entry, reason: request.reason, data: factsOf(incident, request) }],
      effects: effectsOf(request, rule),
    },
  }
}

/** Whether an action that keeps the status would change nothing. A note always adds something. */
function isSoAlready(incident: Incident, request: ActionRequest): boolean {
  switch (request.action) {
    case 'assign':
      return incident.owner?.id === request.assignee?.id
    case 'silence':
      return incident.silencedUntil === untilOf(request)
    case 'unsilence':
      return incident.silencedUntil === null
    case 'set-severity':
      return incident.isSeverityPinned && incident.severity === severityOf(incident, request)
    case 'move':
      return incident.movedTo === channelOf(request)
    default:
      return false
  }
}

function untilOf({ until }: ActionRequest): number {
  return until ?? UNTIL_RESOLVED
}

/** Naming no severity pins the one that it has. */
function severityOf(incident: Incident, { severity }: ActionRequest): Severity {
  return severity ?? incident.severity
}

function channelOf({ channelId }: ActionRequest): string | null {
  return channelId ?? null
}

function effectsOf(request: ActionRequest, { notifies }: Rule): readonly IncidentEffect[] {
  const effects: IncidentEffect[] = notifies ? [{ kind: 'notify' }] : []
  if (request.action === 'silence' && untilOf(request) !== UNTIL_RESOLVED)
    effects.push({ kind: 'end-silence', at: untilOf(request) })
  return effects
}

function factsOf(incident: Incident, request: ActionRequest): NonNullable<TimelineDraft['data']> {
  switch (request.action) {
    case 'assign':
      return { ownerId: request.assignee?.id ?? null, ownerName: request.assignee?.name ?? null }
    case 'silence':
      return { until: untilOf(request) === UNTIL_RESOLVED ? null : untilOf(request) }
    case 'set-severity':
      return { from: incident.severity, to: severityOf(incident, request) }
    case 'move':
      return { from: incident.movedTo, to: channelOf(request) }
    default:
      return {}
  }
}

function afterAction(incident: Incident, request: ActionRequest, rule: Rule, now: number): Incident {
  const status = rule.to === 'same' ? incident.status : rule.to
  const by = { id: request.actor.id, name: request.actor.name }
  switch (request.action) {
    case 'acknowledge':
      // Who takes it owns it, unless somebody was asked to already.
      return { ...incident, status, acknowledgedAt: now, acknowledgedBy: by, owner: incident.owner ?? by }
    case 'unacknowledge':
      return {
        ...incident,
        status,
        acknowledgedAt: null,
        acknowledgedBy: null,
        owner: incident.owner?.id === incident.acknowledgedBy?.id ? null : incident.owner,
      }
    case 'resolve':
      return {
        ...incident,
        status,
        resolvedAt: now,
        resolvedBy: by,
        clearsAt: null,
        silencedUntil: null,
        isFlapping: false,
        flapCount: 0,
        flapsSince: null,
      }
    case 'reopen':
      return { ...incident, ...REOPENED, status, reopenCount: incident.reopenCount + 1, reopenedAt: now }
    case 'assign':
      return { ...incident, owner: request.assignee }
    case 'note':
      return incident
    case 'silence':
      return { ...incident, silencedUntil: untilOf(request) }
    case 'unsilence':
      return { ...incident, silencedUntil: null }
    case 'set-severity':
      return withPinnedSeverity(incident, severityOf(incident, request))
    case 'move':
      return { ...incident, movedTo: channelOf(request) }
  }
}

function withPinnedSeverity(incident: Incident, severity: Severity): Incident {
  const peakSeverity = higherSeverity(incident.peakSeverity, severity)
  return { ...incident, severity, peakSeverity, isSeverityPinned: true }
}

/** Everything a caller may show as a button, with the reason why not. */
export function offeredActions(
  incident: Incident,
  actor: Actor,
): readonly { name: IncidentAction; allowed: boolean; refusal: Refusal | null }[] {
  return INCIDENT_ACTIONS.map((name) => {
    const rule = RULES[name]
    if (!hasScope(actor, 'respond')) return { name, allowed: false, refusal: 'scope-missing' as const }
    if (rule.to === incident.status) return { name, allowed: false, refusal: 'already-there' as const }
    if (!rule.from.includes(incident.status)) return { name, allowed: false, refusal: 'not-allowed-from-here' as const }
    if (name === 'unsilence' && incident.silencedUntil === null)
      return { name, allowed: false, refusal: 'already-there' as const }
    return { name, allowed: true, refusal: null }
  })
}
