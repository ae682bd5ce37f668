import type { IncidentStatus } from '../../../../domain/incident.ts'
import type { Severity } from '../../../../domain/severity.ts'
import type { SilenceChoice } from '../incident-actions.ts'

/** Why a person may do nothing here. */
export type PersonRefusal = 'guest' | 'stranger' | 'bot' | 'deleted' | 'not-allowed' | 'read-only' | 'unknown'

/** Everything that Nunchi says in answer to a person in Slack. Plain text: whoever shows it escapes it. */
export interface InteractionTexts {
  readonly severity: Readonly<Record<Severity, string>>
  readonly status: Readonly<Record<IncidentStatus, string>>
  readonly silence: Readonly<Record<SilenceChoice, string>>
  readonly refused: Readonly<Record<PersonRefusal, string>>
  /** A time that has passed, without "ago": `3 s`, `2 h 4 min`. */
  readonly lasted: (ms: number) => string

  readonly already: (what: 'acknowledged' | 'resolved', by: string, lasted: string) => string
  readonly alreadyYou: (what: 'acknowledged' | 'resolved', lasted: string) => string
  readonly alreadySo: (name: string) => string
  readonly notFromHere: (name: string, status: string) => string
  readonly anotherIsOpen: (name: string) => string
  readonly notFound: (name: string) => string
  readonly tooLate: string
  readonly couldNotCheck: string
  readonly couldNotOpen: (detail: string) => string

  readonly acknowledged: (name: string) => string
  readonly unacknowledged: (name: string) => string
  readonly resolved: (name: string) => string
  readonly reopened: (name: string) => string
  readonly assigned: (name: string) => string
  readonly silenced: (name: string, choice: SilenceChoice) => string
  readonly severitySet: (name: string, severity: string) => string
  readonly moved: (name: string, channel: string) => string
  readonly noted: (name: string) => string
  readonly declared: (name: string) => string
  readonly nothingChanged: string

  readonly button: Readonly<Record<'acknowledge' | 'resolve' | 'assignMe' | 'silence' | 'reopen' | 'more', string>>
  readonly modal: {
    readonly more: string
    readonly declare: string
    readonly addToTimeline: string
    readonly save: string
    readonly open: string
    readonly cancel: string
    readonly severity: string
    readonly note: string
    readonly noteHint: string
    readonly channel: string
    readonly byRules: string
    readonly undo: string
    readonly unacknowledge: string
    readonly title: string
    readonly titleHint: string
    readonly service: string
    readonly incident: string
    readonly incidentHint: string
  }
  readonly titleMissing: string
  readonly titleTooLong: (most: number) => string
  readonly incidentMissing: string

  readonly nobody: string
  readonly owner: (name: string) => string
  readonly acknowledgedBy: (name: string, lasted: string) => string
  readonly lastActed: (name: string, lasted: string) => string
  readonly firing: (firing: number, total: number) => string
  readonly openSince: (lasted: string) => string
  readonly silencedFor: (lasted: string | null) => string
  readonly timeline: string
  readonly noOpenIncidents: string
  readonly noMorePages: string
  readonly nextPage: (page: number) => string
  readonly home: {
    readonly title: string
    readonly mine: string
    readonly nothingMine: string
    readonly critical: string
    readonly noCritical: string
    readonly more: (count: number) => string
    readonly hint: string
  }
  readonly whichIncident: (verb: string) => string
  readonly noteWithoutText: string
  readonly silenceChoices: string
  readonly help: readonly string[]
}
