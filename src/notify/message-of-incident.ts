import type { IncidentMessage, Mention, MessageNote, MessagePurpose } from './channel.ts'
import type { LoadedIncident } from './message-facts-queries.ts'

/** What one message says beyond the incident itself. */
export interface MessageParts {
  readonly purpose: MessagePurpose
  readonly thread: IncidentMessage['thread']
  readonly deliveryId: string
  readonly now: number
  readonly environment: string
  readonly notes?: readonly MessageNote[]
  readonly raisedFrom?: IncidentMessage['raisedFrom']
  readonly mentions?: readonly Mention[]
  readonly consoleUrl?: string | null
  readonly previousRoot?: string | null
}

/** Puts a message together from the incident as loaded and what this message adds to it. */
export function messageOfIncident(loaded: LoadedIncident, parts: MessageParts): IncidentMessage {
  return {
    notes: [],
    raisedFrom: null,
    mentions: [],
    consoleUrl: null,
    previousRoot: null,
    ...loaded,
    ...parts,
  }
}
