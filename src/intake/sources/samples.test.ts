import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { alertmanagerSource } from './alertmanager/alertmanager-source.ts'
import { genericSource } from './generic/generic-source.ts'
import { type GenericSettings, genericSettingsSchema } from './generic/settings-schema.ts'
import { grafanaSource } from './grafana/grafana-source.ts'
import type { DeliveryBody, ReadableDelivery, Unreadable } from './source-adapter.ts'

const RECEIVED_AT = Date.UTC(2026, 10, 21, 4)
const REPOSITORY = join(import.meta.dirname, '../../..')
const SAMPLES = join(REPOSITORY, 'test/samples')
/** Bodies of real senders that are kept outside the repository; without them their table is not run. */
const SHARED_PAYLOADS = join(REPOSITORY, '../shared/payloads')

/** What a sample says of itself. Objects name only what matters, except under `$exactly`. */
interface Expectation {
  readonly why: string
  readonly contentType?: string
  readonly settings?: GenericSettings
  readonly unreadable?: string
  readonly events?: readonly object[]
  readonly problems?: readonly { readonly path: string; readonly reason: string }[]
  readonly remarks?: readonly string[]
  /** Pairs of events that are, or are not, the same alert. */
  readonly sameKey?: readonly [number, number][]
  readonly differentKey?: readonly [number, number][]
}

type Kind = 'alertmanager' | 'grafana' | 'generic'

function openAs(kind: Kind, body: DeliveryBody, settings: GenericSettings = {}): ReadableDelivery | Unreadable {
  if (kind === 'generic') return genericSource.open(body, genericSettingsSchema.parse(settings))
  return (kind === 'grafana' ? grafanaSource : alertmanagerSource).open(body, {})
}

function containing(expected: unknown): unknown {
  if (Array.isArray(expected)) return expected.map(containing)
  if (typeof expected !== 'object' || expected === null || 'asymmetricMatch' in expected) return expected
  if ('$exactly' in expected) return expected.$exactly
  return expect.objectContaining(
    Object.fromEntries(Object.entries(expected).map(([name, value]) => [name, containing(value)])),
  )
}

function check(opened: ReadableDelivery | Unreadable, wanted: Expectation): void {
  if (wanted.unreadable !== undefined) {
    expect(opened).toEqual({ ok: false, reason: expect.stringContaining(wanted.unreadable) })
    return
  }
  if (!opened.ok) throw new Error(opened.reason)
  expect(opened.remarks).toEqual((wanted.remarks ?? []).map((remark) => expect.stringContaining(remark)))
  const { events, problems } = opened.slice(0, opened.alertCount)
  // As JSON, because that is how they are stored.
  expect(JSON.parse(JSON.stringify(events))).toEqual(containing(wanted.events ?? []))
  expect(problems).toEqual(
    (wanted.problems ?? []).map(({ path, reason }) => ({
      path,
      reason: expect.stringContaining(reason),
      raw: expect.any(String),
    })),
  )
  for (const [one, other] of wanted.sameKey ?? []) expect(events[one]?.fingerprint).toBe(events[other]?.fingerprint)
  for (const [one, other] of wanted.differentKey ?? [])
    expect(events[one]?.fingerprint).not.toBe(events[other]?.fingerprint)
}

for (const kind of ['alertmanager', 'grafana', 'generic'] as const) {
  describe(`${kind} samples`, () => {
    const files = readdirSync(join(SAMPLES, kind))
    for (const file of files.filter((name) => !name.endsWith('.expected.json'))) {
      const wanted = JSON.parse(
        readFileSync(join(SAMPLES, kind, file.replace(/\.\w+$/, '.expected.json')), 'utf8'),
      ) as Expectation
      test(`${file}: ${wanted.why}`, () => {
        const bytes = readFileSync(join(SAMPLES, kind, file))
        check(
          openAs(
            kind,
            { bytes, contentType: wanted.contentType ?? 'application/json', receivedAt: RECEIVED_AT },
            wanted.settings,
          ),
          wanted,
        )
      })
    }
  })
}

const HIGH_CPU_START = Date.UTC(2026, 10, 21, 3, 14, 20, 819)
const SNS: Expectation = { why: 'SNS messages have a source kind of their own', unreadable: 'kind cloudwatch' }
const legacyZeta = { fingerprint: 'legacy:1:7', title: 'Zeta CPU alert', ruleId: '1:7', startsAt: RECEIVED_AT }

function highCpu(instance: string, fingerprint: string, endsAt: number | null = null): object {
  const status = endsAt === null ? 'firing' : 'resolved'
  const labels = { $exactly: { alertname: 'HighCpu', case: 'main', instance, severity: 'critical' } }
  return {
    fingerprint,
    status,
    title: `CPU high on ${instance}`,
    severity: 'critical',
    labels,
    startsAt: HIGH_CPU_START,
    startsAtText: '2026-11-21T03:14:20.819209792Z',
    endsAt,
  }
}

/** One row per file. */
const shared: Readonly<Record<string, readonly [kind: Kind, expectation: Expectation]>> = {
  'alertmanager-v4-firing.json': [
    'alertmanager',
    {
      why: 'three firing alerts',
      events: [
        highCpu('web-1', 'b05481e0c29fcfc4'),
        highCpu('web-2', 'ae62c57d6a0ab783'),
        highCpu('web-3', 'e38fcd76b86ca9f6'),
      ],
    },
  ],
  'alertmanager-v4-mixed-firing-resolved.json': [
    'alertmanager',
    {
      why: 'a firing group holds a resolved alert',
      events: [
        highCpu('web-1', 'b05481e0c29fcfc4'),
        highCpu('web-2', 'ae62c57d6a0ab783', Date.UTC(2026, 10, 21, 3, 14, 26)),
        highCpu('web-3', 'e38fcd76b86ca9f6'),
      ],
    },
  ],
  'alertmanager-v4-truncated.json': [
    'alertmanager',
    {
      why: 'one alert was cut',
      events: [highCpu('web-1', 'b05481e0c29fcfc4'), highCpu('web-2', 'ae62c57d6a0ab783')],
      remarks: ['1 alerts were left out'],
    },
  ],
  'alertmanager-v4-resolved-for-never-seen-fingerprint.json': [
    'alertmanager',
    {
      why: 'the end of the alert that was cut',
      events: [
        highCpu('web-1', 'b05481e0c29fcfc4', Date.UTC(2026, 10, 21, 3, 14, 34)),
        highCpu('web-3', 'e38fcd76b86ca9f6', Date.UTC(2026, 10, 21, 3, 14, 34)),
      ],
    },
  ],
  'alertmanager-v4-no-fingerprint.json': [
    'alertmanager',
    {
      why: 'the fingerprint is computed',
      events: [
        {
          fingerprint: expect.stringMatching(/^[\da-f]{16}$/),
          title: 'No things for over 10 minutes',
          severity: 'critical',
          startsAt: Date.UTC(2017, 7, 3, 19, 17, 37, 804),
        },
      ],
    },
  ],
  'alertmanager-v3-numeric-groupkey.json': [
    'alertmanager',
    {
      why: 'version 3',
      events: [
        {
          fingerprint: expect.stringMatching(/^[\da-f]{16}$/),
          status: 'firing',
          title: 'Connect fail',
          severity: 'critical',
          startsAt: Date.UTC(2016, 7, 1, 10, 27, 8, 8),
        },
      ],
    },
  ],
  'alertmanager-api-v2-alert-groups.json': [
    'alertmanager',
    {
      why: 'three alerts in two groups',
      events: [
        { fingerprint: 'aae7a1432b5d2f1b', title: 'Free_Disk_Space_Too_Low', status: 'firing', endsAt: null },
        { fingerprint: '54c2f185e49cfccb', title: 'Example summary', status: 'firing' },
        { fingerprint: '5cb0dd95e7f3d9c0', status: 'firing' },
      ],
    },
  ],
  'grafana-unified-v11-values.json': [
    'grafana',
    {
      why: 'all links and values',
      events: [
        {
          fingerprint: 'e6349a25f5ef0e9e',
          status: 'firing',
          title: 'High memory usage',
          severity: 'warning',
          ruleId: 'dd2f0260-3cfc-4c65-a4c4-f3f632c551f4',
          links: {
            image: 'https://grafana.com/assets/img/blog/mixed_styles.png',
            panel: expect.stringContaining('viewPanel=2'),
          },
        },
      ],
    },
  ],
  'grafana-unified-v12-test-alert-relative-generatorurl.json': [
    'grafana',
    {
      why: 'the test button',
      events: [
        {
          fingerprint: 'c4edaaf9f9f839b0',
          title: 'TEST',
          ruleId: null,
          fields: { rule_uid: 'TestAlert' },
          links: { generator: 'https://grafana.example.com/?orgId=1' },
        },
      ],
    },
  ],
  'grafana-legacy-alerting.json': [
    'grafana',
    {
      why: 'legacy, firing',
      events: [
        {
          ...legacyZeta,
          status: 'firing',
          severity: 'warning',
          labels: { alertname: 'Zeta CPU alert', instance: 'zeta.domain', 'info.host_id': 'i-0d0721c7f97545d43' },
          annotations: { description: 'boom!' },
        },
      ],
    },
  ],
  'grafana-legacy-ok-empty-evalmatches.json': [
    'grafana',
    { why: 'legacy, the end of the same rule', events: [{ ...legacyZeta, status: 'resolved', endsAt: null }] },
  ],
  'grafana-legacy-nodata-v7.json': [
    'grafana',
    {
      why: 'the state decides, not the title',
      events: [{ fingerprint: 'legacy:1:3', status: 'firing', condition: null, title: 'No Data alert' }],
    },
  ],
  'datadog-metric-alert-triggered.json': [
    'generic',
    {
      why: 'Datadog',
      events: [
        { status: 'firing', title: expect.stringContaining('Dock is almost out of memory'), startsAt: 1448435530000 },
      ],
    },
  ],
  'datadog-metric-alert-recovered.json': [
    'generic',
    { why: 'Datadog, the same alert', events: [{ status: 'resolved', startsAt: 1448435477000 }] },
  ],
  'newrelic-workflow-default-activated.json': [
    'generic',
    {
      why: 'New Relic issue',
      events: [
        {
          fingerprint: 'c5faa7e6-7b54-402d-af79-f99601e0278c',
          status: 'firing',
          severity: 'critical',
          startsAt: 1713755131352,
          title: expect.stringContaining('Zulip Server Low Storage'),
        },
      ],
    },
  ],
  'newrelic-legacy-incident-open.json': [
    'generic',
    {
      why: 'New Relic incident',
      events: [
        {
          fingerprint: '0',
          status: 'firing',
          severity: 'info',
          title: 'New Relic Alert - Test Condition',
          links: { runbook: 'http://localhost/runbook/url' },
        },
      ],
    },
  ],
  'pagerduty-events-v2-trigger.json': [
    'generic',
    {
      why: 'the event lies in an envelope',
      events: [
        {
          fingerprint: 'samplekeyhere',
          status: 'firing',
          severity: 'info',
          title: 'Example alert on host1.example.com',
          startsAt: Date.UTC(2015, 6, 17, 8, 42, 58, 315),
          labels: { component: 'postgres', group: 'prod-datapipe', class: 'deploy' },
        },
      ],
    },
  ],
  'opsgenie-create-alert-from-alertmanager.json': [
    'generic',
    {
      why: 'the alias is the key',
      events: [
        {
          fingerprint: '6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b',
          status: 'firing',
          severity: 'critical',
          title: 'message',
          annotations: { description: 'description' },
        },
      ],
    },
  ],
  'zabbix-mediatype-problem.json': [
    'generic',
    {
      why: 'Zabbix',
      events: [
        {
          status: 'firing',
          severity: 'warning',
          title: 'Zabbix agent on www.example.com is unreachable for 5 minutes',
          labels: { hostname: 'www.example.com' },
          links: { generator: expect.stringContaining('tr_events.php') },
        },
      ],
    },
  ],
  'sentry-metric-alert-resolved.json': [
    'generic',
    { why: 'Sentry', events: [{ status: 'resolved', title: 'Resolved: Too many errors' }] },
  ],
  'sns-subscription-confirmation.json': ['generic', SNS],
  'sns-unsubscribe-confirmation.json': ['generic', SNS],
  'sns-notification-cloudwatch-alarm.json': ['generic', SNS],
  'sns-notification-cloudwatch-insufficient-data.json': ['generic', SNS],
  'sns-lambda-event-cloudwatch-composite-alarm.json': ['generic', SNS],
}

describe.runIf(existsSync(SHARED_PAYLOADS))('bodies of real senders', () => {
  for (const [file, [kind, wanted]] of Object.entries(shared)) {
    test(`${file} as ${kind}: ${wanted.why}`, () => {
      const bytes = readFileSync(join(SHARED_PAYLOADS, file))
      check(openAs(kind, { bytes, contentType: 'application/json', receivedAt: RECEIVED_AT }), wanted)
    })
  }

  test('the alarm and the recovery of Datadog are one alert, though their event ids differ', () => {
    const fingerprints = ['triggered', 'recovered'].map((end) => {
      const opened = openAs('generic', {
        bytes: readFileSync(join(SHARED_PAYLOADS, `datadog-metric-alert-${end}.json`)),
        contentType: 'application/json',
        receivedAt: RECEIVED_AT,
      })
      return opened.ok && opened.slice(0, 1).events[0]?.fingerprint
    })
    expect(fingerprints[0]).toMatch(/^[\da-f]{32}$/)
    expect(fingerprints[1]).toBe(fingerprints[0])
  })

  test('no adapter fails on the body of another sender', () => {
    for (const file of readdirSync(SHARED_PAYLOADS).filter((name) => name.endsWith('.json'))) {
      for (const kind of ['alertmanager', 'grafana', 'generic'] as const) {
        const opened = openAs(kind, {
          bytes: readFileSync(join(SHARED_PAYLOADS, file)),
          contentType: 'application/json',
          receivedAt: RECEIVED_AT,
        })
        if (opened.ok) opened.slice(0, opened.alertCount)
      }
    }
  })
})
