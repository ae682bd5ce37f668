import type { Incident } from '../domain/incident.ts'
import { type Severity, severityRank } from '../domain/severity.ts'
import type { MessageNote, MessagePurpose } from './channel.ts'

/** What a channel has been told of an incident. */
export interface ShownState {
  readonly isResolved: boolean
  readonly isFlapping: boolean
  readonly reopenCount: number
  readonly version: number
  readonly severity: Severity
  readonly acknowledgedAt: number | null
}

export function shownAfter(incident: Incident): ShownState {
  return {
    isResolved: incident.status === 'resolved',
    isFlapping: incident.isFlapping,
    reopenCount: incident.reopenCount,
    version: incident.version,
    severity: incident.severity,
    acknowledgedAt: incident.acknowledgedAt,
  }
}

/** What the channel knows after a message of `purpose` about `incident`: news that this message did not tell stays owed. */
export function shownAfterTelling(shown: ShownState | null, incident: Incident, purpose: MessagePurpose): ShownState {
  const all = shownAfter(incident)
  if (shown === null) return all
  switch (purpose) {
    case 'firing':
    case 'resolved':
    case 'fired-again':
      return all
    case 'severity-raised':
    case 'escalated':
      return { ...shown, severity: all.severity, version: all.version }
    case 'flapping':
      return { ...shown, isFlapping: all.isFlapping, version: all.version }
    case 'acknowledged':
      return { ...shown, acknowledgedAt: all.acknowledgedAt, version: all.version }
    case 'note':
      return shown
  }
}

/** What people did that channels may not have told yet. */
export interface UntoldNews {
  readonly notes: readonly MessageNote[]
  /** Through which door the acknowledgement in force came; null when there is none. */
  readonly acknowledgedVia: string | null
  /** The timeline entry up to which this is; null = there is none. */
  readonly upTo: string | null
}

export interface NewsPlan {
  readonly purpose: MessagePurpose
  readonly notes: readonly MessageNote[]
  readonly raisedFrom: Severity | null
}

export interface PlanOptions {
  /** The door through which people act in the channel itself, where its root shows at once who did what; else null. */
  readonly ownDoor: string | null
}

/**
 * The next message that a channel owes its readers, or null when nothing is news to them. Compares states, not events:
 * what happened and was undone while the channel could not be reached is never told. Pure.
 *
 * | shown → incident | told as |
 * |---|---|
 * | nothing | root: `firing`, or `resolved` when it is over already |
 * | notes that were not told | `note`, all of them in one |
 * | open → resolved | `resolved` |
 * | resolved → open | `fired-again` |
 * | a higher severity | `severity-raised` |
 * | steady → flapping | `flapping` |
 * | another acknowledgement | `acknowledged`, unless it was given in the channel, whose root shows it |
 * | anything else | no message: the root is edited |
 */
export function planNews(
  incident: Incident,
  shown: ShownState | null,
  news: UntoldNews,
  { ownDoor }: PlanOptions,
): NewsPlan | null {
  const isResolved = incident.status === 'resolved'
  if (shown === null) return plan(isResolved ? 'resolved' : 'firing')
  if (news.notes.length > 0) return plan('note', { notes: news.notes })
  if (isResolved !== shown.isResolved) return plan(isResolved ? 'resolved' : 'fired-again')
  if (isResolved) return null
  if (severityRank(incident.severity) > severityRank(shown.severity))
    return plan('severity-raised', { raisedFrom: shown.severity })
  if (incident.isFlapping && !shown.isFlapping) return plan('flapping')
  const isNewlyTaken = incident.status === 'acknowledged' && incident.acknowledgedAt !== shown.acknowledgedAt
  if (isNewlyTaken && (ownDoor === null || news.acknowledgedVia !== ownDoor)) return plan('acknowledged')
  return null
}

function plan(purpose: MessagePurpose, more: Partial<NewsPlan> = {}): NewsPlan {
  return { purpose, notes: [], raisedFrom: null, ...more }
}
