import type { Incident } from '../../domain/incident.ts'
import type { IncidentMessage, MessageAlert } from '../channel.ts'

/** What differs from the requirement's example. */
export interface SampleChanges {
  readonly incident?: Partial<Incident>
  readonly alert?: Partial<MessageAlert>
  readonly message?: Partial<Omit<IncidentMessage, 'incident' | 'alert'>>
}

const STARTED_AT = Date.UTC(2024, 0, 15, 14, 30, 25)
const LABELS = {
  alertname: 'DatabaseCriticalFailure',
  severity: 'critical',
  service: 'database',
  cluster: 'production',
  instance: 'db01.example.com',
}

/** The example of system 2's requirement, for tests. */
export function sampleMessage({ incident, alert, message }: SampleChanges = {}): IncidentMessage {
  return {
    purpose: 'firing',
    incident: { ...sampleIncident(), ...incident },
    alert: {
      title: 'Database Critical Failure',
      labels: LABELS,
      annotations: {
        summary: 'Database Critical Failure',
        description: 'MySQL connection completely failed. Immediate action required.',
      },
      links: { runbook: 'https://wiki.example.com/runbooks/database-failure' },
      startsAt: STARTED_AT,
      endsAt: null,
      ...alert,
    },
    differing: [],
    notes: [],
    raisedFrom: null,
    mentions: [],
    consoleUrl: null,
    previousRoot: null,
    now: STARTED_AT + 4_000,
    environment: 'production',
    thread: null,
    deliveryId: '01DELIVERY',
    ...message,
  }
}

/** The same, ten minutes later: resolved, as a reply in its thread. */
export function sampleResolution(changes: SampleChanges = {}): IncidentMessage {
  const endsAt = STARTED_AT + 10 * 60_000
  return sampleMessage({
    incident: { status: 'resolved', resolvedAt: endsAt + 5_000, firing: {}, ...changes.incident },
    alert: { endsAt, ...changes.alert },
    message: {
      purpose: 'resolved',
      thread: { id: '1705329025.000100', place: null },
      deliveryId: '01RESOLUTION',
      ...changes.message,
    },
  })
}

function sampleIncident(): Incident {
  return {
    tenantId: 'default',
    id: '01INCIDENT',
    number: 1042,
    version: 1,
    source: 'alertmanager',
    correlationKey: 'hash',
    correlationText: 'DatabaseCriticalFailure|critical|database|production|production',
    ruleKey: null,
    title: 'Database Critical Failure',
    status: 'active',
    severity: 'critical',
    service: 'database',
    cluster: 'production',
    namespace: '',
    environment: '',
    labels: LABELS,
    startedAt: STARTED_AT,
    openedAt: STARTED_AT + 3_000,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    resolvedBy: null,
    owner: null,
    alertCount: 1,
    firing: { critical: 1 },
    clearsAt: null,
    reopenCount: 0,
    reopenedAt: null,
    flapCount: 0,
    flapsSince: null,
    isFlapping: false,
    isNoise: false,
    peakSeverity: 'critical',
    isSeverityPinned: false,
    silencedUntil: null,
    movedTo: null,
    updatedAt: STARTED_AT + 3_000,
  }
}
