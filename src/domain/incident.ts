import type { Labels } from './alert-event.ts'
import type { Severity } from './severity.ts'

export const INCIDENT_STATUSES = ['active', 'acknowledged', 'resolved'] as const
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number]

/** A person or the system as remembered on an incident. */
export interface Party {
  readonly id: string
  readonly name: string
}

/** How many of an incident's alerts fire, by severity. Absent means none. */
export type FiringCounts = Readonly<Partial<Record<Severity, number>>>

/** The state that people manage. Times are milliseconds since 1970. */
export interface Incident {
  readonly tenantId: string
  readonly id: string
  /** The number people say: INC-1042. */
  readonly number: number
  /** Grows by one with every stored change; a command may name the version it was decided on. */
  readonly version: number
  readonly source: string
  /** Hash of the correlation key; at most one open incident has it. */
  readonly correlationKey: string
  /** The readable key; system 2 calls it the thread key. */
  readonly correlationText: string
  /** source and rule, for NoData and Error alerts that carry none of the labels of the rule's alerts. */
  readonly ruleKey: string | null
  readonly title: string
  readonly status: IncidentStatus
  /** The highest severity that fires; what fired last once nothing fires. Lowered only with a timeline entry. */
  readonly severity: Severity
  readonly service: string
  readonly cluster: string
  readonly namespace: string
  readonly environment: string
  /** Labels of the alert that opened it. */
  readonly labels: Labels
  /** Earliest start that a sender gave, never later than `openedAt`. */
  readonly startedAt: number
  /** When Nunchi first knew. */
  readonly openedAt: number
  readonly acknowledgedAt: number | null
  readonly acknowledgedBy: Party | null
  readonly resolvedAt: number | null
  readonly resolvedBy: Party | null
  readonly owner: Party | null
  readonly alertCount: number
  readonly firing: FiringCounts
  /** Set while every alert is clear and the hold-off runs: it resolves by itself at this time. */
  readonly clearsAt: number | null
  readonly reopenCount: number
  /** When it was opened again last; null when it never was. */
  readonly reopenedAt: number | null
  /** Clear-and-fire-again cycles since `flapsSince`. */
  readonly flapCount: number
  readonly flapsSince: number | null
  readonly isFlapping: boolean
  readonly isNoise: boolean
  /** The highest severity since it opened: routing goes by it, so that a channel that was told hears the end too. */
  readonly peakSeverity: Severity
  /** A person set the severity: alerts may raise it from there, and never lower it. */
  readonly isSeverityPinned: boolean
  /** Nobody is disturbed by it before this instant; `UNTIL_RESOLVED` = as long as it is open. Null = not silenced. */
  readonly silencedUntil: number | null
  /** The channel that a person moved it to, instead of where the rules send it. */
  readonly movedTo: string | null
  readonly updatedAt: number
}

/** What nobody has done to a new incident yet, and no alert either. */
export const UNTOUCHED = {
  status: 'active',
  acknowledgedAt: null,
  acknowledgedBy: null,
  resolvedAt: null,
  resolvedBy: null,
  owner: null,
  alertCount: 0,
  firing: {},
  clearsAt: null,
  reopenCount: 0,
  reopenedAt: null,
  flapCount: 0,
  flapsSince: null,
  isFlapping: false,
  isNoise: false,
  isSeverityPinned: false,
  silencedUntil: null,
} as const satisfies Partial<Incident>

/** A silence without an end of its own. */
export const UNTIL_RESOLVED = Number.MAX_SAFE_INTEGER

export function firingTotal(firing: FiringCounts): number {
  let total = 0
  for (const count of Object.values(firing)) total += count ?? 0
  return total
}

export function isOpen(incident: Pick<Incident, 'status'>): boolean {
  return incident.status !== 'resolved'
}

/** The name people use in speech and chat. */
export function incidentName(incident: Pick<Incident, 'number'>): string {
  return `INC-${incident.number}`
}

export const TIMELINE_KINDS = [
  'opened',
  'acknowledged',
  'unacknowledged',
  'resolved',
  'reopened',
  'severity-raised',
  'severity-lowered',
  'cleared',
  'fired-again',
  'flapping',
  'flapping-ended',
  'assigned',
  'note',
  'silenced',
  'unsilenced',
  'severity-set',
  'moved',
  'declared',
  'marked-noise',
  'healed',
  'notified',
  'notify-failed',
] as const
export type TimelineKind = (typeof TIMELINE_KINDS)[number]

/** One thing that happened to an incident. Append-only; the actor and the time are added by whoever stores it. */
export interface TimelineDraft {
  readonly kind: TimelineKind
  /** Why, in one sentence for people: the rule that decided, or what the person wrote. */
  readonly reason: string
  /** Facts for programs. */
  readonly data?: Readonly<Record<string, string | number | boolean | null>>
}

/** What must follow a change, stored as jobs in the same transaction. */
export type IncidentEffect =
  /** Bring every channel up to date with the incident. */
  | { readonly kind: 'notify' }
  /** What messages show has changed, without being news: those that can be edited are, in their own time. */
  | { readonly kind: 'refresh' }
  /** Look again at `at` whether it is still clear, and resolve it then. */
  | { readonly kind: 'resolve-when-clear'; readonly at: number }
  /** Look again at `at` whether its silence is over, and say so then. */
  | { readonly kind: 'end-silence'; readonly at: number }

/** The outcome of a rule: the next state, what to write down, what must follow. */
export interface IncidentChange {
  readonly incident: Incident
  readonly timeline: readonly TimelineDraft[]
  readonly effects: readonly IncidentEffect[]
}
