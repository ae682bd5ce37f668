import type { AlertEvent } from './alert-event.ts'
import type { Severity } from './severity.ts'

/** The current state of one fingerprint of one source: what rules need to know of it, without its content. */
export interface Alert {
  readonly id: string
  /** The incident that holds it; null when only its end was ever seen. */
  readonly incidentId: string | null
  readonly status: 'firing' | 'resolved'
  readonly severity: Severity
  readonly startsAt: number
  readonly endsAt: number | null
  /** Fingerprint of the content (annotations, links, severity, title): equal means nothing new to store. */
  readonly contentHash: number
  /** When its latest change of state or content was received. */
  readonly changedAt: number
  readonly lastSeenAt: number
  /** Episodes seen. Repeats, retries and HA twins never count. */
  readonly occurrences: number
}

/**
 * What one event means for the alert as we know it.
 *
 * | known → event | meaning |
 * |---|---|
 * | nothing → firing | `fired` |
 * | nothing → resolved | `closed-unseen`: its start was cut (`truncatedAlerts`) or is still on the way |
 * | firing → firing | `repeated`, or `updated` when content or episode is newer |
 * | firing → resolved | `cleared`; `stale` when it ended before the known episode began |
 * | resolved → firing, newer start | `fired`: a new episode |
 * | resolved → firing, same start | `repeated`: a late twin; `fired-late` when the start had never been seen |
 * | resolved → firing, same start, long after | `fired`: the sender says so again, it is not a late twin |
 * | resolved → resolved | `repeated`, or `closed-unseen` for a newer episode |
 * | any older episode | `stale` |
 */
export type AlertObservation = 'fired' | 'fired-late' | 'updated' | 'repeated' | 'cleared' | 'closed-unseen' | 'stale'

/**
 * A firing event with the start of an episode that we know as resolved is a late twin (HA pair, retry) only
 * for so long: Alertmanager retries a notification for at most `group_interval` (5 m by default). When it
 * still says "firing" after twice that, the resolve was wrong (Prometheus cut off from Alertmanager).
 */
export const LATE_TWIN_MS = 10 * 60_000

/** Names what `event`, received at `receivedAt`, means for `known`. Decides by episode, never by arrival order. */
export function observeAlert(
  known: Alert | null,
  event: AlertEvent,
  contentHash: number,
  receivedAt: number,
): AlertObservation {
  if (known === null) return event.status === 'firing' ? 'fired' : 'closed-unseen'
  if (event.status === 'resolved') return observeResolved(known, event)
  return known.status === 'firing'
    ? observeStillFiring(known, event, contentHash)
    : observeFiringAgain(known, event, receivedAt)
}

/**
 * The event with the start it can only mean: a sender that gives no start (generic ones, Grafana's legacy alerting)
 * speaks of the episode that is under way, and an end speaks of the last one. Only a firing after an end is new.
 */
export function withKnownStart(known: Alert | null, event: AlertEvent): AlertEvent {
  if (event.startsAtText !== '' || known === null) return event
  return known.status === 'firing' || event.status === 'resolved' ? { ...event, startsAt: known.startsAt } : event
}

function observeResolved(known: Alert, event: AlertEvent): AlertObservation {
  if (known.status === 'resolved') {
    if (event.startsAt === known.startsAt) return 'repeated'
    return event.startsAt > known.startsAt ? 'closed-unseen' : 'stale'
  }
  if (event.startsAt >= known.startsAt) return 'cleared'
  // Two Prometheus replicas start the same alert at slightly different times and Alertmanager keeps the earliest:
  // an "older" episode that ends after the known one began is the known one.
  return event.endsAt !== null && event.endsAt > known.startsAt ? 'cleared' : 'stale'
}

function observeStillFiring(known: Alert, event: AlertEvent, contentHash: number): AlertObservation {
  if (event.startsAt < known.startsAt) return 'repeated'
  return event.startsAt > known.startsAt || contentHash !== known.contentHash ? 'updated' : 'repeated'
}

function observeFiringAgain(known: Alert, event: AlertEvent, receivedAt: number): AlertObservation {
  if (event.startsAt > known.startsAt) return 'fired'
  if (event.startsAt < known.startsAt) return 'stale'
  if (known.incidentId === null) return 'fired-late'
  return receivedAt - known.changedAt > LATE_TWIN_MS ? 'fired' : 'repeated'
}

/** The alert after an observation that changes it. `incidentId` is decided by the caller for `fired` and `fired-late`. */
export function alertAfter(known: Alert | null, event: AlertEvent, change: AlertChange): Alert {
  const isNewEpisode = known === null || event.startsAt > known.startsAt || change.observation === 'fired'
  return {
    id: known?.id ?? change.newId,
    incidentId: known?.incidentId ?? null,
    status: event.status === 'firing' && change.observation !== 'fired-late' ? 'firing' : 'resolved',
    severity: event.severity,
    startsAt: event.startsAt,
    endsAt:
      change.observation === 'fired-late'
        ? (known?.endsAt ?? null)
        : event.status === 'resolved'
          ? (event.endsAt ?? change.receivedAt)
          : null,
    contentHash: change.contentHash,
    changedAt: change.receivedAt,
    lastSeenAt: Math.max(change.receivedAt, known?.lastSeenAt ?? 0),
    occurrences: (known?.occurrences ?? 0) + (isNewEpisode ? 1 : 0),
  }
}

export interface AlertChange {
  readonly observation: AlertObservation
  readonly contentHash: number
  readonly receivedAt: number
  /** Used when the alert was never seen before. */
  readonly newId: string
}

/**
 * A 53-bit hash of what people read of an alert, order-independent in its keys. Two contents that collide
 * (1 in 2^53) would hide one text change; nothing else rests on it.
 */
export function contentHashOf(event: AlertEvent): number {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  const add = (text: string): void => {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      high = Math.imul(high ^ unit, 2654435761)
      low = Math.imul(low ^ unit, 1597334677)
    }
    high = Math.imul(high ^ 0x1f, 2654435761)
    low = Math.imul(low ^ 0x1f, 1597334677)
  }
  add(event.title)
  add(event.severity)
  for (const name of Object.keys(event.annotations).sort()) {
    add(name)
    add(event.annotations[name] ?? '')
  }
  for (const name of ['generator', 'runbook', 'dashboard', 'panel', 'silence', 'image'] as const)
    add(event.links[name] ?? '')
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return 4294967296 * (2097151 & low) + (high >>> 0)
}
