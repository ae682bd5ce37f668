import type { Actor } from '../domain/actor.ts'
import {
  firingTotal,
  type Incident,
  type IncidentStatus,
  incidentName,
  type Party,
  UNTIL_RESOLVED,
} from '../domain/incident.ts'
import { type IncidentAction, offeredActions, type Refusal } from '../domain/incident-actions.ts'
import { isoTime, isoTimeOrNull } from '../domain/iso-time.ts'
import type { Severity } from '../domain/severity.ts'
import type { SlackState } from './slack-state.ts'

/** One incident as lists, answers and people see it. Instants are ISO 8601 in UTC. */
export interface IncidentView {
  readonly id: string
  readonly number: number
  readonly name: string
  readonly version: number
  readonly title: string
  readonly severity: Severity
  readonly status: IncidentStatus
  readonly service: string
  readonly cluster: string
  readonly namespace: string
  readonly environment: string
  readonly source: string
  readonly startedAt: string
  readonly openedAt: string
  readonly acknowledgedAt: string | null
  readonly acknowledgedBy: Party | null
  readonly resolvedAt: string | null
  readonly resolvedBy: Party | null
  /** Alerts that fire now, of `total`. */
  readonly firing: number
  readonly total: number
  readonly owner: Party | null
  /** Who is called next and when; null until on-call exists. */
  readonly next: null
  /** The remediation under way; null until remediation exists. */
  readonly workflow: null
  readonly slack: SlackState
  readonly isNoise: boolean
  readonly isFlapping: boolean
  /** Set while every alert is clear and the hold-off runs: it resolves by itself then. */
  readonly resolvesAt: string | null
  readonly reopenCount: number
  /** Nobody is disturbed by it until then; null inside = as long as it is open. Null = not silenced. */
  readonly silence: { readonly until: string | null } | null
  /** A person set the severity: alerts may raise it, and never lower it. */
  readonly isSeverityPinned: boolean
  /** The channel that a person moved it to. */
  readonly movedTo: string | null
  readonly correlation: { readonly key: string; readonly text: string }
  readonly updatedAt: string
  /** What this caller may do now, and why not. Draw only these. */
  readonly actions: readonly OfferedAction[]
}

export interface OfferedAction {
  readonly name: IncidentAction
  readonly allowed: boolean
  readonly refusal: Refusal | null
}

/** Shows an incident to an actor. */
export function viewOfIncident(incident: Incident, actor: Actor, slack: SlackState): IncidentView {
  return {
    id: incident.id,
    number: incident.number,
    name: incidentName(incident),
    version: incident.version,
    title: incident.title,
    severity: incident.severity,
    status: incident.status,
    service: incident.service,
    cluster: incident.cluster,
    namespace: incident.namespace,
    environment: incident.environment,
    source: incident.source,
    startedAt: isoTime(incident.startedAt),
    openedAt: isoTime(incident.openedAt),
    acknowledgedAt: isoTimeOrNull(incident.acknowledgedAt),
    acknowledgedBy: incident.acknowledgedBy,
    resolvedAt: isoTimeOrNull(incident.resolvedAt),
    resolvedBy: incident.resolvedBy,
    firing: firingTotal(incident.firing),
    total: incident.alertCount,
    owner: incident.owner,
    next: null,
    workflow: null,
    slack,
    isNoise: incident.isNoise,
    isFlapping: incident.isFlapping,
    resolvesAt: isoTimeOrNull(incident.clearsAt),
    reopenCount: incident.reopenCount,
    silence: silenceOf(incident),
    isSeverityPinned: incident.isSeverityPinned,
    movedTo: incident.movedTo,
    correlation: { key: incident.correlationKey, text: incident.correlationText },
    updatedAt: isoTime(incident.updatedAt),
    actions: offeredActions(incident, actor),
  }
}

function silenceOf({ silencedUntil }: Incident): IncidentView['silence'] {
  if (silencedUntil === null) return null
  return { until: silencedUntil === UNTIL_RESOLVED ? null : isoTime(silencedUntil) }
}
