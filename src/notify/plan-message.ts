import type { Incident } from '../domain/incident.ts'
import type { MessagePurpose } from './channel.ts'

/** What a channel has been told of an incident. */
export interface ShownState {
  readonly isResolved: boolean
  readonly isFlapping: boolean
  readonly reopenCount: number
  readonly version: number
}

export function shownAfter(incident: Incident): ShownState {
  return {
    isResolved: incident.status === 'resolved',
    isFlapping: incident.isFlapping,
    reopenCount: incident.reopenCount,
    version: incident.version,
  }
}

/**
 * The next message that a channel owes its readers, or null when it tells the truth already. Compares states,
 * not events: what happened and was undone while the channel could not be reached is never told.
 */
export function planMessage(incident: Incident, shown: ShownState | null): MessagePurpose | null {
  const isResolved = incident.status === 'resolved'
  if (shown === null) return isResolved ? 'resolved' : 'firing'
  if (isResolved !== shown.isResolved) return isResolved ? 'resolved' : 'fired-again'
  if (incident.isFlapping && !shown.isFlapping) return 'flapping'
  return null
}
