import { UNTIL_RESOLVED } from '../../../domain/incident.ts'
import type { IncidentMessage, StormDigest } from '../../channel.ts'
import { type SampleChanges, sampleMessage, sampleResolution } from '../sample-incident-message.ts'

const STARTED_AT = Date.UTC(2024, 0, 15, 14, 30, 25)
const MINUTE = 60_000
const MINJI = { id: 'user-minji', name: 'Minji Kim' }
const JISU = { id: 'user-jisu', name: 'Jisu Park' }
const THREAD = { id: '1705329025.000100', place: null }

const ACKNOWLEDGED = {
  status: 'acknowledged',
  acknowledgedAt: STARTED_AT + 2 * MINUTE,
  acknowledgedBy: MINJI,
  owner: MINJI,
} as const

/** Roots in every state that an incident can be shown in, by the names that people use for them. */
export const SAMPLE_ROOTS = {
  firing: () => sampleMessage({ message: { consoleUrl: 'https://nunchi.example.com/i/01INCIDENT' } }),
  'calls-somebody': () =>
    sampleMessage({ message: { mentions: [{ kind: 'here' }, { kind: 'group', id: 'S0DBTEAM' }] } }),
  assigned: () => sampleMessage({ incident: { owner: JISU } }),
  acknowledged: () => sampleMessage({ incident: ACKNOWLEDGED }),
  'acknowledged-for-another': () => sampleMessage({ incident: { ...ACKNOWLEDGED, owner: JISU } }),
  silenced: () => sampleMessage({ incident: { silencedUntil: STARTED_AT + 240 * MINUTE } }),
  'silenced-until-resolved': () => sampleMessage({ incident: { ...ACKNOWLEDGED, silencedUntil: UNTIL_RESOLVED } }),
  flapping: () => sampleMessage({ incident: { isFlapping: true, flapCount: 4, reopenCount: 2 } }),
  clearing: () => sampleMessage({ incident: { firing: {}, clearsAt: STARTED_AT + 15 * MINUTE } }),
  clear: () => sampleMessage({ incident: { firing: {} } }),
  declared: () =>
    sampleMessage({
      incident: { alertCount: 0, firing: {}, title: 'Customers cannot pay', owner: JISU, labels: {} },
      alert: { title: 'Customers cannot pay', labels: {}, annotations: {}, links: {} },
    }),
  'set-by-hand': () =>
    sampleMessage({ incident: { severity: 'error', isSeverityPinned: true, isNoise: true, reopenCount: 1 } }),
  'many-alerts': () => sampleMessage(manyAlerts()),
  replaced: () =>
    sampleMessage({ message: { previousRoot: 'https://example.slack.com/archives/C0123456789/p1705329025000100' } }),
  bare: () =>
    sampleMessage({
      incident: { service: '', cluster: '', title: 'Watchdog', severity: 'info', environment: 'staging' },
      alert: { labels: {}, annotations: {}, links: {} },
    }),
  resolved: () => sampleResolution({ message: { thread: null } }),
  'resolved-by-a-person': () =>
    sampleResolution({
      incident: { resolvedBy: MINJI, alertCount: 3 },
      message: { thread: null, consoleUrl: 'https://nunchi.example.com/i/01INCIDENT' },
    }),
} as const satisfies Readonly<Record<string, () => IncidentMessage>>

/** Replies of every purpose. */
export const SAMPLE_REPLIES = {
  'fired-again': () =>
    reply('fired-again', {
      incident: { reopenCount: 1, alertCount: 3, firing: { critical: 2 } },
      alert: { startsAt: STARTED_AT + 15 * MINUTE },
    }),
  flapping: () => reply('flapping', { incident: { isFlapping: true, flapCount: 4 } }),
  acknowledged: () => reply('acknowledged', { incident: ACKNOWLEDGED }),
  'severity-raised': () => reply('severity-raised', { message: { raisedFrom: 'warning' } }),
  escalated: () => reply('escalated', { message: { mentions: [{ kind: 'person', id: 'U0ONCALL' }] } }),
  note: () =>
    reply('note', {
      message: {
        notes: [
          { by: 'Minji Kim', text: 'The replica is promoted.\nWrites work again.', at: STARTED_AT + 5 * MINUTE },
          { by: 'Jisu Park', text: 'Watching p99 < 200 ms.', at: STARTED_AT + 6 * MINUTE },
        ],
      },
    }),
  resolved: () => sampleResolution(),
  'resolved-by-a-person': () => sampleResolution({ incident: { resolvedBy: MINJI } }),
} as const satisfies Readonly<Record<string, () => IncidentMessage>>

/** A storm, while it lasts. */
export function sampleDigest(changes: Partial<StormDigest> = {}): StormDigest {
  return {
    isOver: false,
    startedAt: STARTED_AT,
    endedAt: null,
    total: 1_234,
    open: 987,
    bySeverity: [
      { severity: 'critical', open: 42, total: 60 },
      { severity: 'warning', open: 945, total: 1_174 },
    ],
    byService: [
      { service: 'checkout', open: 512, total: 600 },
      { service: 'database', open: 40, total: 41 },
      { service: '', open: 3, total: 12 },
    ],
    top: [
      {
        name: 'INC-1042',
        title: 'Database Critical Failure',
        severity: 'critical',
        service: 'database',
        link: 'https://example.slack.com/archives/C0123456789/p1705329025000100',
      },
      { name: 'INC-1043', title: 'Checkout p99 above 2 s', severity: 'critical', service: 'checkout', link: null },
    ],
    consoleUrl: 'https://nunchi.example.com/',
    environment: 'production',
    deliveryId: '01DIGEST',
    now: STARTED_AT + 7 * MINUTE,
    ...changes,
  }
}

/** The same storm when it is over. */
export function sampleDigestOver(): StormDigest {
  const bySeverity = [
    { severity: 'critical', open: 0, total: 60 },
    { severity: 'warning', open: 12, total: 1_174 },
  ] as const
  const top = [
    { name: 'INC-2044', title: 'Disk 85 % on db-3', severity: 'warning', service: 'db', link: null },
  ] as const
  return sampleDigest({ isOver: true, endedAt: STARTED_AT + 25 * MINUTE, open: 12, bySeverity, top })
}

function reply(purpose: IncidentMessage['purpose'], changes: SampleChanges): IncidentMessage {
  return sampleMessage({ ...changes, message: { ...changes.message, purpose, thread: THREAD } })
}

function manyAlerts(): SampleChanges {
  return {
    incident: { alertCount: 3_456, firing: { critical: 1_200, warning: 34 }, cluster: '' },
    alert: {
      links: {
        runbook: 'https://wiki.example.com/runbooks/database-failure',
        dashboard: 'https://grafana.example.com/d/db?var-host=db01',
        panel: 'https://grafana.example.com/d/db?viewPanel=3',
        generator: 'http://prometheus.example.com:9090/graph?g0.expr=up',
        silence: 'https://grafana.example.com/alerting/silence/new',
      },
    },
    message: {
      differing: [
        { name: 'instance', values: ['db01.example.com', 'db02.example.com', 'db03.example.com', 'db04'], more: 1_196 },
        { name: 'cluster', values: ['production', 'staging'], more: 0 },
      ],
      consoleUrl: 'https://nunchi.example.com/i/01INCIDENT',
    },
  }
}
