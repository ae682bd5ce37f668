import { afterEach, expect, test } from 'vitest'
import { InProcessNunchi } from '../../test/support/in-process-nunchi.ts'
import { type MetricSample, metricValue, readMetrics } from '../../test/support/read-metrics.ts'
import { Metrics } from './metrics.ts'

const opened: InProcessNunchi[] = []
afterEach(async () => {
  for (const nunchi of opened.splice(0)) await nunchi.stop()
})

async function start(): Promise<{
  nunchi: InProcessNunchi
  metrics: Metrics
  scrape: () => Promise<readonly MetricSample[]>
}> {
  const nunchi = await InProcessNunchi.start()
  opened.push(nunchi)
  let scrapedAt = 0
  const metrics = new Metrics({
    db: nunchi.db,
    log: nunchi.log,
    tenantId: 'default',
    version: '1.2.3',
    sources: ['alertmanager', 'grafana'],
    now: () => (scrapedAt += 10_000),
  })
  return { nunchi, metrics, scrape: async () => readMetrics(await metrics.text([await nunchi.engine.metricsText()])) }
}

function alert(alertname: string, labels: object = {}): object {
  const startsAt = '2026-01-05T11:59:00Z'
  return {
    status: 'firing',
    labels: { alertname, severity: 'critical', ...labels },
    annotations: {},
    startsAt,
    endsAt: '0001-01-01T00:00:00Z',
  }
}

test('received is stored and refused, whatever happens', async () => {
  const { metrics, scrape } = await start()
  metrics.deliveries.stored('alertmanager')
  metrics.deliveries.stored('alertmanager')
  metrics.deliveries.refused('alertmanager', 'busy')
  metrics.deliveries.refused('alertmanager', 'log-unavailable')
  metrics.deliveries.refused('grafana', 'not-authenticated')
  const samples = await scrape()
  for (const source of ['alertmanager', 'grafana']) {
    const received = metricValue(samples, 'nunchi_deliveries_received_total', { source })
    const stored = metricValue(samples, 'nunchi_deliveries_stored_total', { source }) ?? 0
    const refused = metricValue(samples, 'nunchi_deliveries_refused_total', { source }) ?? 0
    expect(received).toBe(stored + refused)
  }
  expect(metricValue(samples, 'nunchi_deliveries_received_total', { source: 'alertmanager' })).toBe(4)
  expect(metricValue(samples, 'nunchi_deliveries_refused_total', { source: 'alertmanager', reason: 'busy' })).toBe(1)
})

test('events read are linked, suppressed or quarantined', async () => {
  const { nunchi, scrape } = await start()
  await nunchi.tell({
    status: 'firing',
    alerts: [alert('A'), alert('B'), { status: 'firing', labels: { alertname: { nested: true } } }],
  })
  await nunchi.tell({
    status: 'resolved',
    alerts: [{ ...alert('NeverSeen'), status: 'resolved', endsAt: '2026-01-05T11:59:30Z' }],
  })
  await nunchi.tell('this is no JSON')
  const samples = await scrape()
  const fate = (name: string) => metricValue(samples, 'nunchi_events_total', { source: 'alertmanager', fate: name })
  expect([fate('linked'), fate('suppressed'), fate('quarantined')]).toEqual([2, 1, 2])
  expect(metricValue(samples, 'nunchi_events_read_total', { source: 'alertmanager' })).toBe(5)
  expect(metricValue(samples, 'nunchi_deliveries_folded_total', { source: 'alertmanager' })).toBe(3)
  expect(metricValue(samples, 'nunchi_quarantine_open')).toBe(2)
  expect(metricValue(samples, 'nunchi_open_incidents', { status: 'active', severity: 'critical' })).toBe(2)
  expect(metricValue(samples, 'nunchi_open_incidents', { status: 'acknowledged', severity: 'critical' })).toBe(0)
  expect(metricValue(samples, 'nunchi_source_last_delivery_timestamp_seconds', { source: 'alertmanager' })).toBe(
    nunchi.now / 1000,
  )
})

test('what is stored and not yet folded is the lag', async () => {
  const { nunchi, scrape } = await start()
  await nunchi.receive({ alerts: [alert('A')] })
  await nunchi.receive({ alerts: [alert('B')] })
  expect(metricValue(await scrape(), 'nunchi_delivery_log_lag')).toBe(2)
  await nunchi.drain()
  const samples = await scrape()
  expect(metricValue(samples, 'nunchi_delivery_log_lag')).toBe(0)
  expect(metricValue(samples, 'nunchi_jobs', { state: 'dead' })).toBe(0)
  expect(metricValue(samples, 'nunchi_delivery_log_bytes')).toBeGreaterThan(0)
})

test('a database that does not answer is told, and the rest is there', async () => {
  const { nunchi, metrics } = await start()
  const broken = new Metrics({
    db: nunchi.db,
    log: { partitions: ['x'], stats: () => Promise.reject(new Error('gone')) },
    tenantId: 'default',
    version: '1.2.3',
    sources: [],
    now: Date.now,
  })
  const samples = readMetrics(await broken.text())
  expect(metricValue(samples, 'nunchi_database_up')).toBe(0)
  expect(metricValue(samples, 'nunchi_delivery_log_lag')).toBeUndefined()
  expect(metricValue(samples, 'nunchi_build_info', { version: '1.2.3' })).toBe(1)
  expect(metricValue(samples, 'process_resident_memory_bytes')).toBeGreaterThan(0)
  expect(metricValue(readMetrics(await metrics.text()), 'nunchi_database_up')).toBe(1)
})

test('durations, gauges of others and process metrics are there', async () => {
  const { metrics, scrape } = await start()
  metrics.accepted(0.004)
  metrics.addGauge('nunchi_intake_bytes_in_flight', 'Bytes.', () => 42)
  const samples = await scrape()
  expect(metricValue(samples, 'nunchi_accept_duration_seconds_count')).toBe(1)
  expect(metricValue(samples, 'nunchi_accept_duration_seconds_bucket', { le: '0.005' })).toBe(1)
  expect(metricValue(samples, 'nunchi_intake_bytes_in_flight')).toBe(42)
  expect(metricValue(samples, 'nodejs_eventloop_lag_p99_seconds')).toBeDefined()
  expect(metricValue(samples, 'nunchi_folded_events_total')).toBe(0)
})
