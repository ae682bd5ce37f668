import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FakeSlack, startFakeSlack } from '../support/fake-slack/fake-slack.ts'
import { makeAlert, makeWebhookBody, resolve } from '../support/generate-alerts.ts'
import { assertEverythingHolds, startNunchiWithSlack } from '../support/nunchi-and-slack.ts'
import { type MetricSample, metricValue, readMetrics } from '../support/read-metrics.ts'
import type { RunningNunchi } from '../support/run-nunchi.ts'

const KEY = 'k'.repeat(40)
const TOKEN = 'a-token-that-nobody-guesses'
const SOURCES = [
  { name: 'alertmanager', kind: 'alertmanager', token: TOKEN },
  { name: 'grafana', kind: 'grafana', token: TOKEN },
  { name: 'generic', kind: 'generic', token: TOKEN },
]

const GRAFANA_BODY = readFileSync(new URL('../samples/grafana/unified-firing.json', import.meta.url), 'utf8')

let slack: FakeSlack

beforeEach(async () => {
  slack = await startFakeSlack({ limits: 'off' })
})
afterEach(async () => {
  await slack.close()
})

test('after a mixed run every request and every event is accounted for, in this life of the process and over a restart', async () => {
  await using nunchi = await startNunchiWithSlack(slack, { config: { sources: SOURCES, adminKey: KEY } })
  const sent = await sendMixed(nunchi)
  await assertEverythingHolds({ nunchi, slack })
  const samples = await metricsOf(nunchi)
  for (const [source, { stored, refused }] of Object.entries(sent)) {
    expect(countOf(samples, 'nunchi_deliveries_stored_total', source)).toBe(stored)
    expect(countOf(samples, 'nunchi_deliveries_refused_total', source)).toBe(refused)
    expect(countOf(samples, 'nunchi_deliveries_received_total', source)).toBe(stored + refused)
    expectEventsToAddUp(samples, source)
    expect(countOf(samples, 'nunchi_deliveries_folded_total', source)).toBe(stored)
  }
  expect(eventsOf(samples, 'alertmanager')).toEqual({ linked: 4, suppressed: 1, quarantined: 2 })

  await nunchi.restart()
  const afterwards = await metricsOf(nunchi)
  for (const source of Object.keys(sent)) expect(eventsOf(afterwards, source)).toEqual(eventsOf(samples, source))
}, 90_000)

interface Sent {
  readonly stored: number
  readonly refused: number
}

/** Good, repeated, odd, broken and forbidden requests; answers how many of each must be counted. */
async function sendMixed(nunchi: RunningNunchi): Promise<Readonly<Record<string, Sent>>> {
  const counts: Record<string, { stored: number; refused: number }> = {}
  const send = async (source: string, body: unknown, token = TOKEN) => {
    const { status } = await nunchi.post(`/webhook/${source}`, body, { authorization: `Bearer ${token}` })
    const count = counts[source] ?? { stored: 0, refused: 0 }
    counts[source] = count
    if (status < 300) count.stored += 1
    else count.refused += 1
  }
  const labels = { alertname: 'Counted', severity: 'warning', service: 'shop', cluster: 'prod' }
  const alert = makeAlert({ labels, startsAt: new Date('2026-01-05T12:00:00Z') })
  const neverSeen = makeAlert({ labels: { ...labels, instance: 'gone' } })
  await send('alertmanager', makeWebhookBody([alert]))
  await send('alertmanager', makeWebhookBody([alert]))
  await send('alertmanager', {
    alerts: [{ labels: 7 }, { ...alert, labels: { ...labels, instance: 'b' }, fingerprint: '' }],
  })
  await send('alertmanager', makeWebhookBody([resolve(alert, new Date('2026-01-05T12:05:00Z'))]))
  await send('alertmanager', makeWebhookBody([resolve(neverSeen, new Date('2026-01-05T12:05:00Z'))]))
  await send('alertmanager', '{"alerts":[')
  await send('alertmanager', makeWebhookBody([alert]), 'a wrong token')
  await send('grafana', GRAFANA_BODY)
  await send('grafana', 'not a word of JSON')
  await send('generic', { title: 'The backup failed', status: 'firing' })
  await send('generic', {}, 'a wrong token')
  return counts
}

async function metricsOf(nunchi: RunningNunchi): Promise<readonly MetricSample[]> {
  const { status, body } = await nunchi.api<string>('/metrics', { authorization: `Bearer ${KEY}` })
  expect(status).toBe(200)
  return readMetrics(body)
}

function countOf(samples: readonly MetricSample[], name: string, source: string): number {
  return metricValue(samples, name, { source }) ?? 0
}

function eventsOf(samples: readonly MetricSample[], source: string): Readonly<Record<string, number>> {
  const fates = ['linked', 'suppressed', 'quarantined']
  return Object.fromEntries(
    fates.map((fate) => [fate, metricValue(samples, 'nunchi_events_total', { source, fate }) ?? 0]),
  )
}

function expectEventsToAddUp(samples: readonly MetricSample[], source: string): void {
  const { linked = 0, suppressed = 0, quarantined = 0 } = eventsOf(samples, source)
  expect(linked + suppressed + quarantined).toBe(countOf(samples, 'nunchi_events_read_total', source))
}
