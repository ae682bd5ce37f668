import { fingerprintOfLabels } from '../domain/alert-fingerprint.ts'

export interface TestAlert {
  readonly name: string
  readonly severity: string
  readonly isResolved: boolean
  readonly startsAt: Date
  readonly endsAt: Date
}

/** The line that the incident of a test alert is known by. */
export function testAlertTitle({ name, severity }: Pick<TestAlert, 'name' | 'severity'>): string {
  return `${name}: a ${severity} test of Nunchi`
}

/** The body that Alertmanager would send for one alert (webhook version 4). */
export function testAlertBody(alert: TestAlert): object {
  const { name, severity, isResolved, startsAt, endsAt } = alert
  const status = isResolved ? 'resolved' : 'firing'
  const labels = {
    alertname: name,
    severity,
    service: 'nunchi-test',
    cluster: 'test',
    instance: 'test.example.com:9100',
    job: 'nunchi-test',
  }
  const annotations = {
    summary: testAlertTitle(alert),
    description: 'Somebody ran `nunchi send-test-alert`. Nothing is wrong.',
    runbook_url: 'https://example.com/runbooks/nunchi-test',
  }
  return {
    version: '4',
    groupKey: `{}:{alertname="${name}"}`,
    truncatedAlerts: 0,
    status,
    receiver: 'nunchi',
    groupLabels: { alertname: name },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: 'http://alertmanager.example.com:9093',
    alerts: [
      {
        status,
        labels,
        annotations,
        startsAt: startsAt.toISOString(),
        // What Alertmanager writes while an alert fires.
        endsAt: isResolved ? endsAt.toISOString() : '0001-01-01T00:00:00Z',
        generatorURL: 'http://prometheus.example.com:9090/graph?g0.expr=vector%281%29+%3D%3D+1&g0.tab=1',
        fingerprint: fingerprintOfLabels(labels),
      },
    ],
  }
}
