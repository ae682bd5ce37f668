import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { alertmanagerConfig } from '../support/alertmanager-config.ts'
import { countDeliveries, deliveryLogState } from '../support/delivery-log-state.ts'
import { DEFAULT_CHANNEL, type FakeSlack, startFakeSlack } from '../support/fake-slack/fake-slack.ts'
import type { SlackMessage } from '../support/fake-slack/workspace.ts'
import { makeAlert, makeWebhookBody, resolve, type WebhookAlert } from '../support/generate-alerts.ts'
import { describeNeeding } from '../support/missing-packages.ts'
import { assertEverythingHolds, startNunchiWithSlack } from '../support/nunchi-and-slack.ts'
import { queryMain } from '../support/query-product.ts'
import { RecordingRelay } from '../support/recording-relay.ts'
import { type Alertmanager, type PushedAlert, startAlertmanager } from '../support/run-alertmanager.ts'
import type { RunningNunchi } from '../support/run-nunchi.ts'
import { pendingWork } from '../support/settle.ts'
import { readableLines } from '../support/slack-text.ts'
import { waitUntil } from '../support/wait-until.ts'
import { watchLatency } from '../support/watch-latency.ts'

const STORM = 100_000
const GROUPS = 10_000
const PUSHED_AT_ONCE = 5_000

let slack: FakeSlack

beforeEach(async () => {
  slack = await startFakeSlack({ limits: 'off' })
})
afterEach(async () => {
  await slack.close()
})

describeNeeding('prometheus-alertmanager')('a storm through a real Alertmanager', () => {
  test('a group of a hundred thousand alerts is one body, one incident and one message, and holds up nobody', async () => {
    await using nunchi = await startNunchiWithSlack(slack)
    await using relay = await RecordingRelay.start(nunchi.port)
    const webhooks = [`${relay.url}/webhook/alertmanager`]
    // Everything is there before the first notification goes out.
    const config = alertmanagerConfig({ webhooks, groupWait: '45s', groupInterval: '10m', repeatInterval: '1h' })
    await using alertmanager = await startAlertmanager({ config })
    const stopWatching = watchLatency(`${nunchi.url}/healthz`)
    await pushStorm(alertmanager, STORM, stormAlert)

    await waitUntil(() => stormIsBeingFolded(nunchi), { timeoutMs: 180_000, intervalMs: 5, why: 'the storm is folded' })
    await nunchi.post('/webhook/alertmanager', makeWebhookBody([criticalAlert()]))
    const isTold = () => slack.messages(DEFAULT_CHANNEL).some(tells('Payments are down'))
    await waitUntil(isTold, { timeoutMs: 60_000, intervalMs: 5, why: 'the critical alert is told' })
    expect(await stormIsBeingFolded(nunchi)).toBe(true)

    await assertEverythingHolds({ nunchi, slack, timeoutMs: 180_000 })
    const latency = await stopWatching()
    console.info(`healthz during the storm: ${latency.answers} answers, at most ${Math.round(latency.longestMs)} ms`)
    expect(latency.failures).toEqual([])
    // Loose on purpose: this machine is shared. What must not happen is a process that stops answering.
    expect(latency.longestMs).toBeLessThan(2_000)
    expect(relay.calls).toHaveLength(1)
    expect(relay.calls[0]?.status).toBeGreaterThanOrEqual(200)
    expect(relay.calls[0]?.status).toBeLessThan(300)
    expect(relay.calls[0]?.requestBytes).toBeGreaterThan(50_000_000)
    expect(await countsOf(nunchi)).toEqual([
      { title: 'Payments are down', alert_count: 1, firing_count: 1 },
      { title: expect.any(String), alert_count: STORM, firing_count: STORM },
    ])
    expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(2)
  }, 600_000)

  test('ten thousand groups at once are ten thousand bodies, none refused, each an incident; Slack is told in its pace', async () => {
    const pace = { postsPerSecond: 5, burst: 5 }
    await using nunchi = await startNunchiWithSlack(slack, { pace })
    await using relay = await RecordingRelay.start(nunchi.port)
    const webhooks = [`${relay.url}/webhook/alertmanager`]
    const config = alertmanagerConfig({
      webhooks,
      groupBy: ['alertname', 'instance'],
      groupWait: '5s',
      groupInterval: '2m',
      repeatInterval: '1h',
    })
    await using alertmanager = await startAlertmanager({ config })
    const stopWatching = watchLatency(`${nunchi.url}/healthz`)
    const startedAt = Date.now()
    await pushStorm(alertmanager, GROUPS, groupAlert)
    const incidents = async () => Number((await queryMain(nunchi, 'select count(*) as n from incident'))[0]?.['n'])
    const state = () => JSON.stringify({ answers: relay.statuses })
    const isDone = async () => (await incidents()) >= GROUPS && (await pendingWork(nunchi)).toFold === 0
    await waitUntil(isDone, { timeoutMs: 300_000, intervalMs: 250, why: 'all are folded', describe: state })
    const latency = await stopWatching()
    const posted = slack.posts().length
    const seconds = (Date.now() - startedAt) / 1_000

    expect(latency.failures).toEqual([])
    expect(Object.keys(relay.statuses).filter((status) => status.startsWith('4'))).toEqual([])
    expect(await incidents()).toBe(GROUPS)
    expect(posted).toBeGreaterThan(0)
    expect(posted).toBeLessThanOrEqual(pace.burst + pace.postsPerSecond * seconds)
    await assertEverythingHolds({ nunchi, slack, isQuiet: false, expectsShown: false })
  }, 600_000)
})

describe('the same body many times', () => {
  test('a hundred at once are a hundred deliveries, one incident, one occurrence and one message', async () => {
    await using nunchi = await startNunchiWithSlack(slack)
    const body = makeWebhookBody([criticalAlert()])
    const answers = await Promise.all(Array.from({ length: 100 }, () => nunchi.post('/webhook/alertmanager', body)))
    expect(answers.every(({ status }) => status >= 200 && status < 300)).toBe(true)
    await assertEverythingHolds({ nunchi, slack })
    expect(await countDeliveries(nunchi)).toBe(100)
    expect(await queryMain(nunchi, 'select occurrences from alert')).toEqual([{ occurrences: 1 }])
    expect(await queryMain(nunchi, 'select alert_count, reopen_count from incident')).toEqual([
      { alert_count: 1, reopen_count: 0 },
    ])
    expect(slack.calls('chat.postMessage')).toHaveLength(1)
  }, 60_000)
})

describe('deliveries that overtake each other', () => {
  test('the end before its beginning, and an old beginning after the end, leave no open incident behind', async () => {
    await using nunchi = await startNunchiWithSlack(slack)
    const send = async (alert: WebhookAlert) => await nunchi.post('/webhook/alertmanager', makeWebhookBody([alert]))
    const alert = { ...criticalAlert(), startsAt: '2026-01-05T12:00:00.000Z' }
    const earlier = { ...alert, startsAt: '2026-01-05T11:00:00.000Z' }
    await send(resolve(alert, new Date('2026-01-05T12:10:00Z')))
    await send(alert)
    await send(earlier)
    await assertEverythingHolds({ nunchi, slack })
    expect(await queryMain(nunchi, 'select * from incident where status_rank < 2')).toEqual([])
    await send({ ...alert, startsAt: '2026-01-05T13:00:00.000Z' })
    await assertEverythingHolds({ nunchi, slack })
    expect(await queryMain(nunchi, 'select firing_count from incident where status_rank < 2')).toEqual([
      { firing_count: 1 },
    ])
  }, 60_000)
})

async function stormIsBeingFolded(nunchi: RunningNunchi): Promise<boolean> {
  const isStored = ((await deliveryLogState(nunchi))?.largestBytes ?? 0) > 50_000_000
  return isStored && (await queryMain(nunchi, 'select next_index from deferred_delivery')).length > 0
}

async function pushStorm(alertmanager: Alertmanager, count: number, alertAt: (index: number) => PushedAlert) {
  for (let from = 0; from < count; from += PUSHED_AT_ONCE) {
    const length = Math.min(PUSHED_AT_ONCE, count - from)
    await alertmanager.pushAlerts(Array.from({ length }, (_, index) => alertAt(from + index)))
  }
}

function stormAlert(index: number): PushedAlert {
  const instance = `node-${String(index).padStart(6, '0')}.zone-${index % 7}.example.com:9100`
  return {
    labels: {
      alertname: 'ProbeFailed',
      severity: 'warning',
      service: 'probes',
      cluster: 'prod',
      instance,
      job: 'blackbox',
    },
    annotations: {
      summary: `The probe of ${instance} fails`,
      description: `Three probes of ${instance} in a row had no answer; its users may see errors.`,
      runbook_url: 'https://runbooks.example.com/probe-failed',
    },
    endsAt: anHourFromNow(),
  }
}

function groupAlert(index: number): PushedAlert {
  const instance = `node-${index}`
  const labels = { alertname: `DiskFull${index}`, severity: 'warning', service: 'storage', cluster: 'prod', instance }
  return { labels, annotations: { summary: `The disk of ${instance} is full` }, endsAt: anHourFromNow() }
}

function anHourFromNow(): string {
  return new Date(Date.now() + 3_600_000).toISOString()
}

function criticalAlert() {
  const labels = { alertname: 'PaymentsDown', severity: 'critical', service: 'payments', cluster: 'prod' }
  return makeAlert({ labels, annotations: { summary: 'Payments are down' }, startsAt: new Date() })
}

function tells(text: string): (message: SlackMessage) => boolean {
  return (message) => readableLines(message).some((line) => line.includes(text))
}

async function countsOf(nunchi: RunningNunchi) {
  return await queryMain(nunchi, 'select title, alert_count, firing_count from incident order by alert_count')
}
