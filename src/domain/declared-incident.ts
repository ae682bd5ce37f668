import { type Incident, type IncidentChange, type Party, UNTOUCHED } from './incident.ts'
import type { Severity } from './severity.ts'

/** The source of incidents that people opened by hand. */
export const MANUAL_SOURCE = 'manual'

/** What a person says of an incident that no alert told. */
export interface IncidentDeclaration {
  readonly title: string
  readonly severity: Severity
  /** May be empty. */
  readonly service: string
  /** What the person knows so far; may be empty. */
  readonly note: string
  /** The channel to tell it in, instead of where the rules send it. */
  readonly movedTo: string | null
}

/** Who declares, when, and what the store gives a new incident. */
export interface DeclarationContext {
  readonly tenantId: string
  readonly id: string
  readonly number: number
  /** Its own for every declaration: no alert ever joins it. */
  readonly correlationKey: string
  readonly environment: string
  readonly by: Party
  readonly now: number
}

/** An incident without alerts: it stays open until a person resolves it. */
export function declareIncident(declaration: IncidentDeclaration, context: DeclarationContext): IncidentChange {
  const { title, severity, service, note, movedTo } = declaration
  const { tenantId, id, number, correlationKey, environment, by, now } = context
  const incident: Incident = {
    ...UNTOUCHED,
    tenantId,
    id,
    number,
    version: 1,
    source: MANUAL_SOURCE,
    correlationKey,
    correlationText: `${MANUAL_SOURCE}|INC-${number}`,
    ruleKey: null,
    title,
    severity,
    service,
    cluster: '',
    namespace: '',
    environment,
    labels: service === '' ? {} : { service },
    startedAt: now,
    openedAt: now,
    peakSeverity: severity,
    movedTo,
    updatedAt: now,
  }
  const declared = { kind: 'declared' as const, reason: `${by.name} opened it by hand.` }
  const noted = { kind: 'note' as const, reason: note }
  return { incident, timeline: note === '' ? [declared] : [declared, noted], effects: [{ kind: 'notify' }] }
}
