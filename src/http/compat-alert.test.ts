import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  DEFAULT_CHANNEL,
  DEFAULT_TOKEN,
  type FakeSlack,
  startFakeSlack,
} from '../../test/support/fake-slack/fake-slack.ts'
import { makeAlert, makeWebhookBody, resolve } from '../../test/support/generate-alerts.ts'
import { type IntakeRig, type RigOptions, startIntakeRig } from '../../test/support/intake-rig.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import { LogUnavailableError } from '../intake/delivery-log/delivery-log.ts'

let slack: FakeSlack
let rigs: IntakeRig[] = []
beforeEach(async () => {
  slack = await startFakeSlack({ limits: 'off' })
})
afterEach(async () => {
  for (const rig of rigs) await rig.stop()
  rigs = []
  await slack.close()
})

async function start(options: RigOptions = {}): Promise<IntakeRig> {
  const rig = await startIntakeRig({
    slack: { apiUrl: slack.apiUrl, token: DEFAULT_TOKEN, channel: DEFAULT_CHANNEL, postsPerSecond: 100, burst: 100 },
    ...options,
  })
  rigs.push(rig)
  return rig
}

const LABELS = { alertname: 'TestAlert', severity: 'critical', service: 'database', cluster: 'production' }
const KEY = 'TestAlert|critical|database|production|production'

function alertOf(labels: Record<string, string> = {}) {
  return makeAlert({ labels: { ...LABELS, ...labels } })
}

test('the answer is the one of system 2, with the real thread', async () => {
  const rig = await start()
  const { status, body } = await rig.post('/alert', { status: 'firing', groupKey: 'test-group-1', alerts: [alertOf()] })
  expect(status).toBe(200)
  expect(body).toEqual({
    ok: true,
    count: 1,
    status: 'firing',
    group_key: 'test-group-1',
    thread_store: 'database',
    results: [
      {
        key: KEY,
        thread_ts: slack.roots(DEFAULT_CHANNEL)[0]?.ts,
        status: 'firing',
        alertname: 'TestAlert',
        severity: 'critical',
      },
    ],
  })
})

test('a repetition, the resolution, and another alert of the key answer the same thread', async () => {
  const rig = await start()
  const alert = alertOf()
  const first = await rig.post('/alert', makeWebhookBody([alert]))
  const ts = first.body.results[0].thread_ts
  expect(ts).toMatch(/^\d+\.\d+$/)
  const again = await rig.post('/alert', makeWebhookBody([alert, alertOf({ instance: 'b' })]))
  expect(again.body).toMatchObject({ count: 2, results: [{ thread_ts: ts }, { thread_ts: ts }] })
  const resolved = await rig.post('/alert', makeWebhookBody([resolve(alert, new Date())]))
  expect(resolved.body).toMatchObject({ status: 'resolved', results: [{ thread_ts: ts, status: 'resolved' }] })
  const neverSeen = await rig.post(
    '/alert',
    makeWebhookBody([resolve(alertOf({ instance: 'never-seen' }), new Date())]),
  )
  expect(neverSeen.body).toMatchObject({ results: [{ key: KEY, thread_ts: ts, status: 'resolved' }] })
  expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(1)
})

test('each alert of a mixed body has the thread of its own key', async () => {
  const rig = await start()
  const { body } = await rig.post(
    '/alert',
    makeWebhookBody([alertOf(), alertOf({ service: 'web' }), alertOf({ severity: 'warning' })]),
  )
  expect(body.results.map(({ key }: { key: string }) => key)).toEqual([
    KEY,
    KEY.replace('database', 'web'),
    KEY.replace('critical', 'warning'),
  ])
  expect(new Set(body.results.map(({ thread_ts }: { thread_ts: string }) => thread_ts)).size).toBe(3)
})

test('severity and names are answered as they were sent', async () => {
  const rig = await start()
  const bare = { status: 'firing', labels: { alertname: 'Bare' }, startsAt: new Date().toISOString() }
  const shouting = {
    status: 'firing',
    labels: { alertname: 'Loud', severity: 'CRITICAL' },
    startsAt: new Date().toISOString(),
  }
  const { body } = await rig.post('/alert', { alerts: [bare, shouting] })
  expect(body).toMatchObject({
    status: 'firing',
    group_key: null,
    results: [{ severity: '', key: 'Bare||||production' }, { severity: 'CRITICAL' }],
  })
  const numeric = await rig.post('/alert', '{"groupKey":12345678901234567890,"status":"resolved","alerts":[]}')
  expect(numeric.body).toMatchObject({
    ok: true,
    count: 0,
    status: 'resolved',
    group_key: '12345678901234567890',
    results: [],
  })
})

test('while Slack is down the alert is kept, the thread is null after the wait, and it is posted later', async () => {
  const rig = await start({ deps: { alertWaitMs: 400 } })
  await slack.goDown()
  const before = performance.now()
  const { status, body } = await rig.post('/alert', makeWebhookBody([alertOf()]))
  expect(performance.now() - before).toBeLessThan(2_000)
  expect(status).toBe(200)
  expect(body).toMatchObject({ ok: true, count: 1, results: [{ key: KEY, thread_ts: null }] })
  await slack.listen()
  await waitUntil(() => slack.roots(DEFAULT_CHANNEL).length === 1, { why: 'it is posted', timeoutMs: 15_000 })
  const again = await rig.post('/alert', makeWebhookBody([alertOf()]))
  expect(again.body.results[0].thread_ts).toBe(slack.roots(DEFAULT_CHANNEL)[0]?.ts)
})

test('a channel that a person must repair is not waited for', async () => {
  const rig = await start({
    slack: { apiUrl: slack.apiUrl, token: DEFAULT_TOKEN, channel: 'C0NOWHERE00', postsPerSecond: 100, burst: 100 },
  })
  const before = performance.now()
  const { body } = await rig.post('/alert', makeWebhookBody([alertOf()]))
  expect(body).toMatchObject({ ok: true, results: [{ thread_ts: null }] })
  expect(performance.now() - before).toBeLessThan(4_000)
})

test('without a channel that has threads nobody waits', async () => {
  const rig = await startIntakeRig({ isRunning: false })
  rigs.push(rig)
  const before = performance.now()
  const { body } = await rig.post('/alert', makeWebhookBody([alertOf()]))
  expect(body).toMatchObject({ ok: true, count: 1, results: [{ key: KEY, thread_ts: null }] })
  expect(performance.now() - before).toBeLessThan(1_000)
})

test('what cannot be read is kept in quarantine, and the answer says so', async () => {
  const rig = await start()
  for (const body of ['not JSON', '{"alerts":"none"}', { alerts: [{ status: 'firing', labels: 'not a map' }] }]) {
    const { status, body: answer } = await rig.post('/alert', body)
    expect(status).toBe(200)
    expect(answer).toEqual({ ok: false, error: expect.stringMatching(/\w+.*stored in quarantine as delivery \d+/) })
  }
  await waitUntil(async () => (await rig.get('/api/v1/quarantine')).body.items.length === 3, {
    why: 'all are in quarantine',
  })
})

test('one alert that cannot be read is counted apart and costs the others nothing', async () => {
  const rig = await start()
  const { body } = await rig.post('/alert', {
    status: 'firing',
    alerts: [alertOf(), { status: 'firing', labels: 'not a map' }],
  })
  expect(body).toMatchObject({
    ok: true,
    count: 1,
    quarantined: 1,
    results: [{ key: KEY, thread_ts: expect.any(String) }],
  })
})

test('a body over a megabyte is kept without being read here', async () => {
  const rig = await start()
  const alerts = Array.from({ length: 4_000 }, (_, i) => alertOf({ instance: `node-${i}` }))
  const text = JSON.stringify({ status: 'firing', groupKey: 'g', alerts })
  expect(text.length).toBeGreaterThan(1024 * 1024)
  const { status, body } = await rig.post('/alert', text)
  expect(status).toBe(200)
  expect(body).toEqual({ ok: true, count: null, status: null, group_key: null, thread_store: 'database', results: [] })
  await waitUntil(async () => (await rig.get('/api/v1/incidents')).body.items[0]?.total === 4_000, {
    why: 'it is folded',
    timeoutMs: 15_000,
  })
})

test('when it cannot be stored it is refused with 503, and nobody is told that all is well', async () => {
  const rig = await start()
  Object.assign(rig.deps.log, { append: () => Promise.reject(new LogUnavailableError('the disk is full')) })
  const { status, body } = await rig.post('/alert', makeWebhookBody([alertOf()]))
  expect(status).toBe(503)
  expect(body).not.toHaveProperty('ok')
})

test('many who wait at once are all answered', async () => {
  const rig = await start({ deps: { alertWaitMs: 4_000 } })
  const replies = await Promise.all(
    Array.from({ length: 150 }, (_, i) => rig.post('/alert', makeWebhookBody([alertOf({ service: `s${i % 5}` })]))),
  )
  expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200))
  const threads = replies.flatMap(({ body }) =>
    body.results.map((result: { thread_ts: string | null }) => result.thread_ts),
  )
  expect(threads.filter((ts) => ts !== null).length).toBeGreaterThanOrEqual(64)
  expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(5)
})
