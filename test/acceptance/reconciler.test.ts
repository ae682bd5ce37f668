import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { alertmanagerConfig } from '../support/alertmanager-config.ts'
import { freePort } from '../support/free-port.ts'
import { GrafanaApi, grafanaWebhook } from '../support/grafana-api.ts'
import { LosingRelay } from '../support/losing-relay.ts'
import { assertEverythingHolds } from '../support/nunchi-and-slack.ts'
import { type PushedAlert, startAlertmanager } from '../support/run-alertmanager.ts'
import { type RunningNunchi, startNunchi } from '../support/run-nunchi.ts'
import { waitUntil } from '../support/wait-until.ts'

interface Incident {
  readonly id: string
  readonly number: number
  readonly title: string
  readonly status: string
}

interface TimelineEntry {
  readonly kind: string
  readonly reason: string
}

const QUICK = { every: '1s', missingFor: '2s', settle: '3s' }

async function incidentsOf(nunchi: RunningNunchi): Promise<readonly Incident[]> {
  return (await nunchi.api<{ items: readonly Incident[] }>('/api/v1/incidents?limit=100')).body.items
}

async function waitForStatus(nunchi: RunningNunchi, title: string, status: string): Promise<Incident> {
  return await waitUntil(
    async () => (await incidentsOf(nunchi)).find((incident) => incident.title === title && incident.status === status),
    { timeoutMs: 30_000, intervalMs: 100, why: `${title} is ${status}`, describe: () => nunchi.logTail(20) },
  )
}

async function timelineOf(nunchi: RunningNunchi, { id }: Incident): Promise<readonly TimelineEntry[]> {
  return (await nunchi.api<{ items: readonly TimelineEntry[] }>(`/api/v1/incidents/${id}/timeline`)).body.items
}

async function metric(nunchi: RunningNunchi, name: string): Promise<number | null> {
  const { body } = await nunchi.api<string>('/metrics')
  const line = body.split('\n').find((each) => each.startsWith(`${name}{`))
  return line === undefined ? null : Number(line.split(' ').at(-1))
}

/** The next answers of the sender have been compared. */
async function waitForPolls(nunchi: RunningNunchi, count: number): Promise<void> {
  const name = 'nunchi_reconcile_polls_total'
  const before = (await metric(nunchi, name)) ?? 0
  await waitUntil(async () => ((await metric(nunchi, name)) ?? 0) >= before + count, {
    timeoutMs: 30_000,
    intervalMs: 100,
    why: `the sender was asked ${count} more times`,
    describe: () => nunchi.logTail(20),
  })
}

function alertNamed(alertname: string, more: Readonly<Record<string, string>> = {}): PushedAlert {
  return {
    labels: { alertname, severity: 'critical', service: 'checkout', ...more },
    startsAt: new Date(Date.now() - 60_000).toISOString(),
  }
}

function over(alert: PushedAlert): PushedAlert {
  return { ...alert, endsAt: new Date().toISOString() }
}

async function startReconciling(port: number, amPort: number, reconcile: object = QUICK): Promise<RunningNunchi> {
  const source = {
    name: 'alertmanager',
    kind: 'alertmanager',
    reconcile: { url: `http://127.0.0.1:${amPort}`, ...reconcile },
  }
  return await startNunchi({ port, config: { sources: [source] } })
}

describe('what Alertmanager lists heals what its messages did not bring', () => {
  test('an end whose message was lost is told, and the timeline says so', async () => {
    const [port, amPort] = [await freePort(), await freePort()]
    await using nunchi = await startReconciling(port, amPort)
    await using relay = await LosingRelay.start(port)
    const config = alertmanagerConfig({ webhooks: [`${relay.url}/webhook/alertmanager`], repeatInterval: '1h' })
    await using alertmanager = await startAlertmanager({ config, port: amPort })
    const [lost, kept] = [alertNamed('Lost'), alertNamed('Kept')]
    await alertmanager.pushAlerts([lost, kept])
    await waitForStatus(nunchi, 'Lost', 'active')
    await waitForStatus(nunchi, 'Kept', 'active')
    relay.loses = (body) => body.includes('"status":"resolved"')
    await alertmanager.pushAlerts([over(lost)])
    const resolved = await waitForStatus(nunchi, 'Lost', 'resolved')
    expect(relay.lost.length).toBeGreaterThan(0)
    const timeline = await timelineOf(nunchi, resolved)
    expect(timeline.map(({ kind }) => kind).filter((kind) => kind !== 'notified')).toEqual([
      'resolved',
      'healed',
      'opened',
    ])
    expect(timeline.find(({ kind }) => kind === 'healed')?.reason).toMatch(
      /^alertmanager does not list the alert any more \(asked \d+ times within \d+ s\), and its message that it is over never came\.$/,
    )
    await waitForPolls(nunchi, 4)
    expect((await incidentsOf(nunchi)).map(({ title, status }) => `${title} ${status}`).sort()).toEqual([
      'Kept active',
      'Lost resolved',
    ])
    expect(await metric(nunchi, 'nunchi_reconcile_healed_total')).toBe(1)
    await assertEverythingHolds({ nunchi })
  }, 120_000)

  test('nothing is resolved because an Alertmanager was killed and came back without a memory', async () => {
    const [port, amPort] = [await freePort(), await freePort()]
    await using nunchi = await startReconciling(port, amPort, { every: '1s', missingFor: '1s', settle: '8s' })
    const config = alertmanagerConfig({ webhooks: [`${nunchi.url}/webhook/alertmanager`], repeatInterval: '1h' })
    const alert = alertNamed('Still on')
    await using first = await startAlertmanager({ config, port: amPort })
    await first.pushAlerts([alert])
    await waitForStatus(nunchi, 'Still on', 'active')
    await waitUntil(async () => (await metric(nunchi, 'nunchi_reconcile_trusted')) === 1, {
      timeoutMs: 30_000,
      why: 'it is trusted',
    })
    await first.kill9()
    await using second = await startAlertmanager({ config, port: amPort })
    await waitForPolls(nunchi, 4)
    expect(await second.get('/api/v2/alerts')).toEqual([])
    expect(await metric(nunchi, 'nunchi_reconcile_trusted')).toBe(0)
    // As Prometheus does within a minute or so.
    await second.pushAlerts([alert])
    await waitUntil(async () => (await metric(nunchi, 'nunchi_reconcile_trusted')) === 1, {
      timeoutMs: 30_000,
      why: 'it is trusted again',
    })
    await waitForPolls(nunchi, 4)
    expect((await incidentsOf(nunchi)).map(({ status }) => status)).toEqual(['active'])
    expect(await metric(nunchi, 'nunchi_reconcile_healed_total')).toBe(0)
    await second.pushAlerts([over(alert)])
    await waitForStatus(nunchi, 'Still on', 'resolved')
    await assertEverythingHolds({ nunchi })
  }, 120_000)

  test('alerts that max_alerts cut from a message are told', async () => {
    const [port, amPort] = [await freePort(), await freePort()]
    await using nunchi = await startReconciling(port, amPort)
    const plain = alertmanagerConfig({
      webhooks: [`${nunchi.url}/webhook/alertmanager`],
      groupBy: ['cluster'],
      repeatInterval: '1h',
    })
    const config = plain.replace('send_resolved: true', 'send_resolved: true\n        max_alerts: 1')
    await using alertmanager = await startAlertmanager({ config, port: amPort })
    await alertmanager.pushAlerts(['One', 'Two', 'Three'].map((name) => alertNamed(name)))
    for (const name of ['One', 'Two', 'Three']) await waitForStatus(nunchi, name, 'active')
    expect(await metric(nunchi, 'nunchi_reconcile_healed_total')).toBe(0)
    const { body } = await nunchi.api<string>('/metrics')
    expect(body).toContain('nunchi_reconcile_healed_total{source="alertmanager",lost="firing"} 2')
    await assertEverythingHolds({ nunchi })
  }, 120_000)

  test('a silenced alert goes on firing, and neither silenced nor foreign alerts are told', async () => {
    const [port, amPort] = [await freePort(), await freePort()]
    await using nunchi = await startReconciling(port, amPort)
    const plain = alertmanagerConfig({ webhooks: [`${nunchi.url}/webhook/alertmanager`], repeatInterval: '1h' })
    const config = plain
      .replace('receivers:', 'receivers:\n  - name: others')
      .replace('  group_by:', '  routes:\n    - receiver: others\n      matchers: [team="others"]\n  group_by:')
    await using alertmanager = await startAlertmanager({ config, port: amPort })
    const seen = alertNamed('Seen', { silence: 'later' })
    await alertmanager.pushAlerts([seen])
    await waitForStatus(nunchi, 'Seen', 'active')
    await silence(alertmanager.url)
    await alertmanager.pushAlerts([
      alertNamed('Silenced', { silence: 'later' }),
      alertNamed('Foreign', { team: 'others' }),
    ])
    await waitUntil(async () => (await metric(nunchi, 'nunchi_reconcile_listed_alerts')) === 3, {
      timeoutMs: 30_000,
      why: 'all are listed',
    })
    await waitForPolls(nunchi, 8)
    expect((await incidentsOf(nunchi)).map(({ title, status }) => `${title} ${status}`)).toEqual(['Seen active'])
    // Over while it is silenced: Alertmanager never tells that.
    await alertmanager.pushAlerts([over(seen)])
    await waitForStatus(nunchi, 'Seen', 'resolved')
    await assertEverythingHolds({ nunchi })
  }, 120_000)

  test('a sender that does not answer is a problem with a remedy, and harms no delivery', async () => {
    const [port, amPort] = [await freePort(), await freePort()]
    await using nunchi = await startReconciling(port, amPort)
    const { problems } = await waitUntil(
      async () => {
        const { body } = await nunchi.api<{ problems?: readonly { part: string; problem: string; remedy: string }[] }>(
          '/health',
        )
        return body.problems === undefined ? null : { problems: body.problems }
      },
      { timeoutMs: 20_000, why: '/health tells' },
    )
    expect(problems).toEqual([
      {
        part: 'source',
        problem: `Source alertmanager is not reconciled: 127.0.0.1:${amPort} cannot be reached (ECONNREFUSED)`,
        remedy: 'Check the address, and that the server runs and can be reached from here.',
      },
    ])
    expect((await nunchi.api('/readyz')).status).toBe(200)
    expect((await nunchi.post('/webhook/alertmanager', { alerts: [] })).status).toBe(200)
    await sleep(50)
    nunchi.assertNoErrorLogs()
  }, 60_000)
})

describe('what Grafana lists heals what its messages did not bring', () => {
  test('a message that was not tried again, and an end that was lost', async () => {
    await using grafana = await GrafanaApi.start()
    const reconcile = { url: grafana.url, token: GrafanaApi.token, ...QUICK }
    await using nunchi = await startNunchi({ config: { sources: [{ name: 'grafana', kind: 'grafana', reconcile }] } })
    const startsAt = new Date(Date.now() - 300_000)
    const [told, lost] = [
      { name: 'told', startsAt },
      { name: 'lost', startsAt },
    ]
    const ignored = [
      { name: 'silenced', startsAt, isSilenced: true },
      { name: 'foreign', startsAt, receiver: 'pager' },
    ]
    grafana.alerts = [told, lost, ...ignored]
    await nunchi.post('/webhook/grafana', grafanaWebhook([told]))
    const healed = await waitForStatus(nunchi, 'lost is high', 'active')
    expect((await timelineOf(nunchi, healed)).find(({ kind }) => kind === 'healed')?.reason).toMatch(
      /^grafana lists the alert as firing/,
    )
    // The message comes after all: it is the same alert of the same incident.
    await nunchi.post('/webhook/grafana', grafanaWebhook([lost]))
    grafana.alerts = [lost, ...ignored]
    await waitForStatus(nunchi, 'told is high', 'resolved')
    expect((await incidentsOf(nunchi)).map(({ title, status }) => `${title} ${status}`).sort()).toEqual([
      'lost is high active',
      'told is high resolved',
    ])
    await assertEverythingHolds({ nunchi })
  }, 120_000)

  test('a service account without leave is told as such', async () => {
    await using grafana = await GrafanaApi.start()
    grafana.mayRead = false
    const reconcile = { url: grafana.url, token: GrafanaApi.token, ...QUICK }
    await using nunchi = await startNunchi({ config: { sources: [{ name: 'grafana', kind: 'grafana', reconcile }] } })
    const health = await waitUntil(
      async () => {
        const { body } = await nunchi.api('/health')
        return JSON.stringify(body).includes('answered 403') ? JSON.stringify(body) : null
      },
      { timeoutMs: 20_000, why: '/health tells of the refusal' },
    )
    expect(health).toContain('Check `token`')
    expect(health).not.toContain('canary')
    expect(JSON.stringify(nunchi.log)).not.toContain('canary')
  }, 60_000)
})

async function silence(url: string): Promise<void> {
  const body = {
    matchers: [{ name: 'silence', value: 'later', isRegex: false, isEqual: true }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    createdBy: 'test',
    comment: 'work on it',
  }
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/api/v2/silences`, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(answer.status).toBe(200)
}
