import { afterEach, beforeEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { alertmanagerConfig } from '../support/alertmanager-config.ts'
import { countDeliveries } from '../support/delivery-log-state.ts'
import { DEFAULT_CHANNEL, type FakeSlack, startFakeSlack } from '../support/fake-slack/fake-slack.ts'
import type { SlackMessage } from '../support/fake-slack/workspace.ts'
import { MetricTarget } from '../support/metric-target.ts'
import { describeNeeding } from '../support/missing-packages.ts'
import { assertEverythingHolds, startNunchiWithSlack } from '../support/nunchi-and-slack.ts'
import { queryMain } from '../support/query-product.ts'
import { RecordingRelay } from '../support/recording-relay.ts'
import { type Alertmanager, startAlertmanager, startAlertmanagerPair } from '../support/run-alertmanager.ts'
import type { RunningNunchi } from '../support/run-nunchi.ts'
import { type Prometheus, prometheusConfig, startPrometheus } from '../support/run-prometheus.ts'
import { colorOf, readableLines } from '../support/slack-text.ts'
import { waitUntil } from '../support/wait-until.ts'

/** The messages of system 2, to the letter. */
const THREADER = { config: { slack: { template: 'threader' } } }

const KEY = 'DatabaseCriticalFailure|critical|database|production|production'

const RULES = stringify({
  groups: [
    {
      name: 'database',
      rules: [
        {
          alert: 'DatabaseCriticalFailure',
          expr: 'mysql_up == 0',
          labels: { severity: 'critical', service: 'database', cluster: 'production' },
          annotations: {
            summary: 'Database Critical Failure',
            description: 'MySQL connection completely failed. Immediate action required.',
            runbook_url: 'https://wiki.example.com/runbooks/database-failure',
          },
        },
      ],
    },
  ],
})

let slack: FakeSlack
let target: MetricTarget

beforeEach(async () => {
  slack = await startFakeSlack({ limits: 'off' })
  target = await MetricTarget.start()
  setDatabase('up')
})
afterEach(async () => {
  await target.close()
  await slack.close()
})

describeNeeding('prometheus', 'prometheus-alertmanager')('Prometheus and Alertmanager as they are', () => {
  test('an alert that fires, repeats, clears and flaps is one thread with the text of system 2', async () => {
    await using nunchi = await startNunchiWithSlack(slack, THREADER)
    await using alertmanager = await startAlertmanager({ config: configFor(nunchi) })
    await using _prometheus = await startPrometheusFor([alertmanager])

    setDatabase('down')
    await waitForMessages(1, nunchi)
    const repeats = (await countDeliveries(nunchi)) + 2
    await waitUntil(async () => (await countDeliveries(nunchi)) >= repeats, {
      timeoutMs: 60_000,
      why: 'it was repeated',
    })
    expect(slack.posts()).toHaveLength(1)

    setDatabase('up')
    await waitForMessages(2, nunchi)
    setDatabase('down')
    await waitForMessages(3, nunchi)
    setDatabase('up')
    await waitForMessages(4, nunchi)

    await assertEverythingHolds({ nunchi, slack })
    const [root, cleared, again, clearedAgain] = slack.messages(DEFAULT_CHANNEL) as SlackMessage[]
    expect([cleared, again, clearedAgain].map((message) => message?.threadTs)).toEqual([root?.ts, root?.ts, root?.ts])
    expectText(root, { headline: '🚨 Database Critical Failure', times: /^Started: \S+ \S+ UTC$/, color: '#E01E5A' })
    const resolved = { headline: '✅ RESOLVED — Database Critical Failure', color: '#2EB67D' }
    expectText(cleared, { ...resolved, times: /^Started: \S+ \S+ UTC \| Resolved: \S+ \S+ UTC$/ })
    expect(readableLines(again as SlackMessage)[0]).toContain('Database Critical Failure')
    expect(readableLines(clearedAgain as SlackMessage)[0]).toBe('✅ RESOLVED — Database Critical Failure')
    await expectThreadKnown(nunchi, root?.ts ?? '')
  }, 180_000)

  test('the root follows the incident: it is edited in place, and shrinks to two lines when it is over', async () => {
    await using nunchi = await startNunchiWithSlack(slack)
    await using alertmanager = await startAlertmanager({ config: configFor(nunchi) })
    await using _prometheus = await startPrometheusFor([alertmanager])
    setDatabase('down')
    await waitForMessages(1, nunchi)
    const [fired] = slack.messages(DEFAULT_CHANNEL) as [SlackMessage]
    expect(readableLines(fired)).toEqual(
      expect.arrayContaining([
        '🚨 Database Critical Failure',
        'Service: database',
        'env=production | alertname=DatabaseCriticalFailure',
      ]),
    )
    setDatabase('up')
    await waitForMessages(2, nunchi)
    await assertEverythingHolds({ nunchi, slack })
    const [root, reply] = slack.messages(DEFAULT_CHANNEL) as [SlackMessage, SlackMessage]
    expect(root.edits.length).toBeGreaterThanOrEqual(1)
    expect(readableLines(root)).toHaveLength(2)
    expect(readableLines(root)[0]).toMatch(/^✅ RESOLVED — Database Critical Failure/)
    expect(reply.threadTs).toBe(root.ts)
    expect(colorOf(root)).toBe('#2EB67D')
  }, 120_000)

  test('the times in the text are those of the alert', async () => {
    await using nunchi = await startNunchiWithSlack(slack, THREADER)
    await using alertmanager = await startAlertmanager({ config: configFor(nunchi) })
    await using _prometheus = await startPrometheusFor([alertmanager])
    setDatabase('down')
    await waitForMessages(1, nunchi)
    setDatabase('up')
    await waitForMessages(2, nunchi)
    await assertEverythingHolds({ nunchi, slack })
    const [row] = await queryMain(nunchi, 'select starts_at, ends_at from alert')
    const [root, reply] = slack.messages(DEFAULT_CHANNEL) as [SlackMessage, SlackMessage]
    const started = `Started: ${utc(Number(row?.['starts_at']))}`
    expect(readableLines(root)).toContain(started)
    expect(readableLines(reply)).toContain(`${started} | Resolved: ${utc(Number(row?.['ends_at']))}`)
  }, 120_000)

  test('a pair that works together is one thread', async () => {
    await using nunchi = await startNunchiWithSlack(slack)
    const [first, second] = await startAlertmanagerPair({ config: configFor(nunchi) })
    try {
      await using _prometheus = await startPrometheusFor([first, second])
      await fireAndClear(nunchi)
    } finally {
      await first.stop()
      await second.stop()
    }
    await assertOneThread(nunchi)
  }, 180_000)

  test('a pair whose halves do not see each other sends everything twice and is one thread', async () => {
    await using nunchi = await startNunchiWithSlack(slack)
    const config = configFor(nunchi, { repeatInterval: '1h' })
    await using first = await startAlertmanager({ config })
    await using second = await startAlertmanager({ config })
    await using _prometheus = await startPrometheusFor([first, second])
    setDatabase('down')
    await waitUntil(async () => (await countDeliveries(nunchi)) >= 2, {
      timeoutMs: 60_000,
      why: 'both halves have sent',
    })
    setDatabase('up')
    await waitUntil(async () => (await countDeliveries(nunchi)) >= 4, { timeoutMs: 60_000, why: 'both told the end' })
    await assertOneThread(nunchi)
    expect(await queryMain(nunchi, 'select alert_count, reopen_count from incident')).toEqual([
      { alert_count: 1, reopen_count: 0 },
    ])
  }, 180_000)

  test('a sender of the older address gets the thread that the message really has', async () => {
    await using nunchi = await startNunchiWithSlack(slack)
    await using relay = await RecordingRelay.start(nunchi.port)
    const config = alertmanagerConfig({ webhooks: [`${relay.url}/alert`], repeatInterval: '1h' })
    await using alertmanager = await startAlertmanager({ config })
    await using _prometheus = await startPrometheusFor([alertmanager])
    await fireAndClear(nunchi)
    await assertOneThread(nunchi)
    const ts = slack.roots(DEFAULT_CHANNEL)[0]?.ts
    expect(relay.calls.map(({ status }) => status)).toEqual([200, 200])
    const answers = relay.calls.map(({ answer }) => JSON.parse(answer) as { results: unknown })
    const expected = { key: KEY, thread_ts: ts, alertname: 'DatabaseCriticalFailure', severity: 'critical' }
    expect(answers.map(({ results }) => results)).toEqual([
      [{ ...expected, status: 'firing' }],
      [{ ...expected, status: 'resolved' }],
    ])
  }, 180_000)
})

function setDatabase(state: 'up' | 'down'): void {
  target.set('mysql_up', state === 'up' ? 1 : 0, { instance: 'db01.example.com' })
}

function configFor(nunchi: RunningNunchi, times: { readonly repeatInterval?: string } = {}): string {
  return alertmanagerConfig({ webhooks: [`${nunchi.url}/webhook/alertmanager`], ...times })
}

async function startPrometheusFor(alertmanagers: readonly Alertmanager[]): Promise<Prometheus> {
  const peers = alertmanagers.map(({ port }) => `127.0.0.1:${port}`)
  const config = prometheusConfig({ targets: [target.address], alertmanagers: peers, ruleFiles: ['database.yml'] })
  // The label that the target gives itself is kept: it names the machine behind the metric.
  const honoring = config.replace('job_name: test', 'job_name: test\n    honor_labels: true')
  return await startPrometheus({ config: honoring, rules: { 'database.yml': RULES } })
}

async function fireAndClear(nunchi: RunningNunchi): Promise<void> {
  setDatabase('down')
  await waitForMessages(1, nunchi)
  setDatabase('up')
  await waitForMessages(2, nunchi)
}

async function waitForMessages(count: number, nunchi: RunningNunchi): Promise<void> {
  const describe = () => `${slack.describe()}\n${nunchi.logTail(20)}`
  const isThere = () => slack.messages(DEFAULT_CHANNEL).length >= count
  await waitUntil(isThere, { timeoutMs: 60_000, why: `${count} message(s) are told`, describe })
}

async function assertOneThread(nunchi: RunningNunchi): Promise<void> {
  await assertEverythingHolds({ nunchi, slack })
  const roots = slack.roots(DEFAULT_CHANNEL)
  expect(roots).toHaveLength(1)
  expect(slack.replies(DEFAULT_CHANNEL, roots[0]?.ts ?? '')).toHaveLength(1)
  expect(slack.posts()).toHaveLength(2)
}

/** The lines of a message as system 2 lays it out. */
function expectText(message: SlackMessage | undefined, look: { headline: string; times: RegExp; color: string }): void {
  if (message === undefined) throw new Error('There is no such message.')
  expect(readableLines(message)).toEqual([
    look.headline,
    'Severity: CRITICAL',
    'Environment: production',
    'Service: database',
    'Cluster: production',
    'Instance: db01.example.com',
    'Description:',
    'MySQL connection completely failed. Immediate action required.',
    'Runbook: View Runbook → https://wiki.example.com/runbooks/database-failure',
    expect.stringMatching(look.times),
    'env=production | alertname=DatabaseCriticalFailure',
  ])
  expect(colorOf(message)).toBe(look.color)
}

async function expectThreadKnown(nunchi: RunningNunchi, ts: string): Promise<void> {
  const { status, body } = await nunchi.api('/cache')
  expect(status).toBe(200)
  expect(JSON.stringify(body)).toContain(`"${KEY}":"${ts}"`)
  expect(await queryMain(nunchi, 'select thread_key, ts from thread')).toEqual([{ thread_key: KEY, ts }])
  expect(await queryMain(nunchi, 'select root_id from notification')).toEqual([{ root_id: ts }])
}

function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
