import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { fingerprintOf } from './generate-alerts.ts'
import { MetricTarget } from './metric-target.ts'
import { describeNeeding } from './missing-packages.ts'
import { startAlertmanager, startAlertmanagerPair } from './run-alertmanager.ts'
import { prometheusConfig, startPrometheus } from './run-prometheus.ts'
import { waitUntil } from './wait-until.ts'

interface ReceivedBody {
  readonly version: string
  readonly status: string
  readonly alerts: readonly { readonly fingerprint: string; readonly labels: Readonly<Record<string, string>> }[]
}

const received: ReceivedBody[] = []
let receiver: Server

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    received.push(JSON.parse(Buffer.concat(chunks).toString()) as ReceivedBody)
    response.end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
})
beforeEach(() => {
  received.length = 0
})
afterAll(() => {
  receiver.closeAllConnections()
  receiver.close()
})

function configText(): string {
  const url = `http://127.0.0.1:${(receiver.address() as { port: number }).port}/webhook`
  return stringify({
    route: {
      receiver: 'test',
      group_by: ['alertname'],
      group_wait: '100ms',
      group_interval: '1s',
      repeat_interval: '1h',
    },
    receivers: [{ name: 'test', webhook_configs: [{ url, send_resolved: true }] }],
  })
}

const bodiesWith = (status: string) => received.filter((body) => body.status === status)

describeNeeding('prometheus-alertmanager')('a real Alertmanager', () => {
  test('sends what was pushed, with the fingerprint that the generator computes', async () => {
    await using alertmanager = await startAlertmanager({ config: configText() })
    const labels = { alertname: 'Grüße', instance: 'web-1', zone: 'a/b' }
    await alertmanager.pushAlerts([{ labels }])
    await waitUntil(() => bodiesWith('firing').length > 0, {
      why: 'the webhook arrives',
      describe: () => alertmanager.logTail(),
    })
    expect(received[0]).toMatchObject({ version: '4', alerts: [{ labels, fingerprint: fingerprintOf(labels) }] })
    expect(await alertmanager.get('/api/v2/alerts')).toHaveLength(1)
  }, 30_000)

  test('a configuration with a mistake fails with its log', async () => {
    await expect(startAlertmanager({ config: 'route: {}' })).rejects.toThrow(/ended before it was ready[\s\S]*receiver/)
  }, 30_000)

  test('a pair knows each other and survives the death of one', async () => {
    const [first, second] = await startAlertmanagerPair({ config: configText() })
    await using _ = second
    const status = async () => (await second.get('/api/v2/status')) as { cluster: { peers?: unknown[] } }
    await waitUntil(async () => (await status()).cluster.peers?.length === 2, {
      why: 'the two have met',
      timeoutMs: 10_000,
    })
    expect(await first.kill9()).toMatchObject({ signal: 'SIGKILL' })
    await second.pushAlerts([{ labels: { alertname: 'Survivor' } }])
    await waitUntil(() => bodiesWith('firing').length > 0, { why: 'the survivor sends', timeoutMs: 30_000 })
  }, 60_000)
})

describeNeeding('prometheus', 'prometheus-alertmanager')('a real Prometheus', () => {
  test('turns a gauge that the test sets into a webhook, and back', async () => {
    await using target = await MetricTarget.start()
    await using alertmanager = await startAlertmanager({ config: configText() })
    const rule = { alert: 'TooHot', expr: 'temperature > 90', labels: { severity: 'critical' } }
    await using prometheus = await startPrometheus({
      config: prometheusConfig({
        targets: [target.address],
        alertmanagers: [`127.0.0.1:${alertmanager.port}`],
        ruleFiles: ['rules.yml'],
      }),
      rules: { 'rules.yml': stringify({ groups: [{ name: 'test', rules: [rule] }] }) },
    })
    const describe = () => `${prometheus.logTail()}\n${alertmanager.logTail()}`
    target.set('temperature', 95, { room: 'server "A"' })
    await waitUntil(() => bodiesWith('firing').length > 0, { why: 'the alert fires', timeoutMs: 15_000, describe })
    expect(received[0]?.alerts[0]?.labels).toMatchObject({
      alertname: 'TooHot',
      room: 'server "A"',
      severity: 'critical',
    })
    target.set('temperature', 20, { room: 'server "A"' })
    await waitUntil(() => bodiesWith('resolved').length > 0, { why: 'the alert resolves', timeoutMs: 15_000, describe })
    expect(target.scrapes).toBeGreaterThan(1)
  }, 40_000)
})
