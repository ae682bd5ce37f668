import type { AlertObservation } from '../../domain/alert.ts'
import { durationBucketOf } from '../../domain/duration-buckets.ts'
import type { Incident, TimelineDraft } from '../../domain/incident.ts'
import type { ObservedEvent } from '../../domain/observed-event.ts'
import { type Severity, severityRank } from '../../domain/severity.ts'
import { placeOfLabels } from '../place-of-labels.ts'

/** What is counted. The first seven are observations of alerts, the others are what happened to incidents. */
export const COUNTERS = [
  'fired',
  'fired_late',
  'updated',
  'repeated',
  'cleared',
  'closed_unseen',
  'stale',
  'opened',
  'reopened',
  'acknowledged',
  'resolved',
] as const
export type Counter = (typeof COUNTERS)[number]

/** What a count is about, beside its severity. */
export interface Series {
  readonly source: string
  readonly service: string
  readonly cluster: string
}

export const HOUR_MS = 3_600_000

/** What happened in one hour to one series at one severity. */
export interface Increment {
  readonly hour: number
  readonly series: Series
  readonly severityRank: number
  readonly counts: Record<Counter, number>
  readonly durations: Duration[]
}

interface Duration {
  readonly kind: 'acknowledge' | 'resolve'
  readonly bucket: number
  readonly ms: number
}

const COUNTER_OF: Readonly<Record<AlertObservation, Counter>> = {
  fired: 'fired',
  'fired-late': 'fired_late',
  updated: 'updated',
  repeated: 'repeated',
  cleared: 'cleared',
  'closed-unseen': 'closed_unseen',
  stale: 'stale',
}

/** Facts of an incident that its happenings are counted by. */
export type CountedIncident = Pick<Incident, 'source' | 'service' | 'cluster' | 'severity' | 'openedAt' | 'reopenedAt'>

/**
 * Gathers in memory what a transaction adds to the roll-ups. Every number counts happenings, in the hour in which they
 * happened and with the severity at that moment; nothing is taken back later:
 *
 * - an observation counts in the hour its delivery was received, with the severity and the place that the alert names;
 * - what happened to an incident counts in the hour of its timeline entry, with the severity the incident had then, and
 *   under the service and cluster that it was opened with;
 * - the time to acknowledge and the time to resolve run from when Nunchi opened it, or from its last reopening.
 */
export class ActivityTally {
  readonly #increments = new Map<string, Increment>()

  get isEmpty(): boolean {
    return this.#increments.size === 0
  }

  /** In no order; each of another hour, series or severity. */
  increments(): readonly Increment[] {
    return [...this.#increments.values()]
  }

  addObservation({ source, event, receivedAt }: ObservedEvent, observation: AlertObservation): void {
    this.addStored(
      { source, ...placeOfLabels(event.labels) },
      { severity: event.severity, observation, at: receivedAt },
    )
  }

  /** Counts an observation that was stored before roll-ups existed. */
  addStored(
    series: Series,
    {
      severity,
      observation,
      at,
    }: { readonly severity: Severity; readonly observation: AlertObservation; readonly at: number },
  ): void {
    this.#incrementOf(series, severity, at).counts[COUNTER_OF[observation]] += 1
  }

  /** Counts what the entries of one change say; `incident` is as the change left it. */
  addEntries(incident: CountedIncident, at: number, entries: readonly TimelineDraft[]): void {
    for (const [i, entry] of entries.entries()) {
      const counter = counterOfEntry(entry.kind)
      if (counter === null) continue
      const increment = this.#incrementOf(incident, severityAt(incident, entries, i), at)
      increment.counts[counter] += 1
      if (counter !== 'acknowledged' && counter !== 'resolved') continue
      const ms = Math.max(0, at - (incident.reopenedAt ?? incident.openedAt))
      const kind = counter === 'resolved' ? 'resolve' : 'acknowledge'
      increment.durations.push({ kind, ms, bucket: durationBucketOf(ms) })
    }
  }

  #incrementOf({ source, service, cluster }: Series, severity: Severity, at: number): Increment {
    const hour = Math.floor(at / HOUR_MS) * HOUR_MS
    const key = `${hour} ${severity} ${source}\n${service}\n${cluster}`
    let increment = this.#increments.get(key)
    if (increment === undefined) {
      const counts = Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as Record<Counter, number>
      const series = { source, service, cluster }
      increment = { hour, series, severityRank: severityRank(severity), counts, durations: [] }
      this.#increments.set(key, increment)
    }
    return increment
  }
}

function counterOfEntry(kind: TimelineDraft['kind']): Counter | null {
  switch (kind) {
    case 'opened':
    case 'declared':
      return 'opened'
    case 'reopened':
    case 'acknowledged':
    case 'resolved':
      return kind
    default:
      return null
  }
}

/** Before an entry that moved the severity it was what the entry says it moved from. */
function severityAt({ severity }: CountedIncident, entries: readonly TimelineDraft[], position: number): Severity {
  const move = entries.slice(position + 1).find(({ kind }) => kind.startsWith('severity-'))
  return (move?.data?.['from'] as Severity | undefined) ?? severity
}
