import type { Severity } from './severity.ts'

export type Labels = Readonly<Record<string, string>>

/** Why an event is not a plain measurement: it changes how the event correlates and how its end is read. */
export type AlertCondition = 'no-data' | 'error' | null

/**
 * One observation of one alert inside a delivery, normalised by a source adapter.
 * Identity of the episode is (source, fingerprint, startsAt): a re-fire has a new `startsAt`.
 */
export interface AlertEvent {
  readonly fingerprint: string
  readonly status: 'firing' | 'resolved'
  readonly title: string
  readonly severity: Severity
  readonly labels: Labels
  readonly annotations: Labels
  /** As the sender wrote it (may carry nanoseconds); empty when the sender gave none. */
  readonly startsAtText: string
  /** Milliseconds since 1970. The receive time when the sender gave none. */
  readonly startsAt: number
  /** Milliseconds since 1970; null while it is not ended (Alertmanager's year 0001). */
  readonly endsAt: number | null
  /** Absolute http(s) links only; anything else a sender wrote is dropped by the adapter. */
  readonly links: AlertLinks
  readonly condition: AlertCondition
  /** Why a resolved alert cleared when it is not a recovery (`MissingSeries`, `Paused`, …); null otherwise. */
  readonly clearedBecause: string | null
  /** The sender's rule, where it has one: ties NoData and Error alerts to the alert of the rule. */
  readonly ruleId: string | null
  /** Further correlation fields that are not labels, such as `rule_uid`. */
  readonly fields: Labels
  /** The sender's own JSON for this alert, at most 64 KiB of it; kept for people, never read back by rules. */
  readonly raw: string
  /** Why Nunchi told itself so, where the sender's own message never came: one sentence for people. Absent = the sender told it. */
  readonly healedBecause?: string
}

export interface AlertLinks {
  readonly generator?: string
  readonly runbook?: string
  readonly dashboard?: string
  readonly panel?: string
  readonly silence?: string
  readonly image?: string
}

/** One alert of a delivery that could not be read. The others of the delivery are not touched by it. */
export interface AlertProblem {
  /** Where in the body, e.g. `alerts[3].labels`. */
  readonly path: string
  /** What is wrong and what to send instead, in one sentence. */
  readonly reason: string
  /** The element as received, at most 64 KiB. */
  readonly raw: string
}
