import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { alertmanagerConfig } from '../support/alertmanager-config.ts'
import { askDatabase } from '../support/ask-database.ts'
import { type SlackProcess, startSlackProcess } from '../support/fake-slack/run-as-process.ts'
import { freePort } from '../support/free-port.ts'
import { makeAlert, makeWebhookBody } from '../support/generate-alerts.ts'
import { LosingRelay } from '../support/losing-relay.ts'
import { ALERTS_EACH, flood, metricsOf, noisyBody, QuietSource } from '../support/noisy-and-quiet.ts'
import { assertEverythingHolds } from '../support/nunchi-and-slack.ts'
import { queryMain } from '../support/query-product.ts'
import { metricValue } from '../support/read-metrics.ts'
import { RetryingSender } from '../support/retrying-sender.ts'
import { startAlertmanager } from '../support/run-alertmanager.ts'
import type { RunningNunchi } from '../support/run-nunchi.ts'
import { SeveralNodes } from '../support/several-nodes.ts'
import { slownessOfMachine } from '../support/slowness-of-machine.ts'
import { waitUntil } from '../support/wait-until.ts'

/** What a node may log while another one dies. */
const TROUBLE = [/paused/, /could not be renewed/, /did not reach the database/, /has lost partitions/]

let slack: SlackProcess

beforeEach(async () => {
  slack = await startSlackProcess({ limits: 'off' })
})

afterEach(async () => {
  await slack.stop()
})

test('one body that reaches two nodes a hundred times at once is one occurrence of one alert, told by one call', async () => {
  await using cluster = await SeveralNodes.start(slack, 2)
  const alert = makeAlert({ labels: { alertname: 'HundredTimes', severity: 'critical' } })
  const text = JSON.stringify(makeWebhookBody([alert]))
  const sends = Array.from({ length: 100 }, (_, i) => cluster.node(i % 2).post('/webhook/alertmanager', text))
  for (const { status } of await Promise.all(sends)) expect(status).toBe(200)
  const acked = [{ source: 'alertmanager', alert }]
  await assertEverythingHolds({ nunchi: cluster.node(0), slack, acked, allow: TROUBLE, timeoutMs: 120_000 })
  expect(await queryMain(cluster.node(0), 'select occurrences from alert')).toEqual([{ occurrences: 1 }])
  expect(await queryMain(cluster.node(0), 'select alert_count from incident')).toEqual([{ alert_count: 1 }])
  const calls = (await slack.calls()).filter(({ args }) => JSON.stringify(args).includes('HundredTimes'))
  expect(calls.map(({ method }) => method)).toEqual(['chat.postMessage'])
}, 240_000)

test.each([
  ['after_claim', 'took a job and did not begin'],
  ['before_post', 'said that it posts and did not'],
  ['after_post_before_ts', 'posted and did not note where'],
] as const)(
  'what a node that dies at %s (it %s) owes is told by another one, once',
  async (point, _) => {
    await using cluster = await SeveralNodes.start(slack, 1)
    const staying = cluster.node(0)
    const dying = await cluster.add({ env: { CRASH_AT: point } })
    await cluster.untilShared()
    const sender = new RetryingSender({ url: () => `${dying.url}/webhook/alertmanager`, source: 'alertmanager' })
    // Meanwhile nobody else can take the job.
    staying.signal('SIGSTOP')
    await sender.deliver(makeWebhookBody([makeAlert({ labels: { alertname: `Dies-${point}`, severity: 'warning' } })]))
    expect(await dying.ended).toMatchObject({ signal: 'SIGKILL' })
    staying.signal('SIGCONT')
    await assertEverythingHolds({
      nunchi: staying,
      slack,
      acked: sender.acked,
      allow: TROUBLE,
      timeoutMs: 120_000,
    })
  },
  240_000,
)

test('an end whose message was lost is healed once by whichever node asks the sender, also when that one dies', async () => {
  const amPort = await freePort()
  const reconcile = { url: `http://127.0.0.1:${amPort}`, every: '1s', missingFor: '2s', settle: '3s' }
  const config = { sources: [{ name: 'alertmanager', kind: 'alertmanager', reconcile }] }
  await using cluster = await SeveralNodes.start(slack, 2, { config })
  const asking = await waitUntil(() => holderOf(cluster, 'work/reconcile/alertmanager'), {
    timeoutMs: 20_000,
    why: 'one of them asks the sender',
  })
  const other = cluster.nodes.find((node) => node !== asking) as RunningNunchi
  await using relay = await LosingRelay.start(other.port)
  const rules = alertmanagerConfig({ webhooks: [`${relay.url}/webhook/alertmanager`], repeatInterval: '1h' })
  await using alertmanager = await startAlertmanager({ config: rules, port: amPort })
  const startsAt = new Date(Date.now() - 60_000).toISOString()
  const lost = { labels: { alertname: 'LostEnd', severity: 'critical' }, startsAt }
  const kept = { labels: { alertname: 'KeptOn', severity: 'critical' }, startsAt }
  await alertmanager.pushAlerts([lost, kept])
  const statuses = async (): Promise<unknown> =>
    await queryMain(other, 'select title, status_rank from incident order by title')
  const are = (rank: number): unknown => [
    { title: 'KeptOn', status_rank: 0 },
    { title: 'LostEnd', status_rank: rank },
  ]
  const waitForEnd = (rank: number): Promise<boolean> =>
    waitUntil(async () => JSON.stringify(await statuses()) === JSON.stringify(are(rank)), {
      timeoutMs: 60_000,
      why: `the lost one has status ${rank}`,
      describe: () => other.logTail(20),
    })
  await waitForEnd(0)
  relay.loses = (body) => body.includes('"status":"resolved"')
  await asking.kill9()
  await alertmanager.pushAlerts([{ ...lost, endsAt: new Date().toISOString() }])
  await waitForEnd(2)
  await asking.restart()
  await sleep(6_000)
  expect(await statuses()).toEqual(are(2))
  expect(relay.lost.length).toBeGreaterThan(0)
  const healed = "select count(*) as n from timeline_entry where kind = 'healed'"
  expect(Number((await queryMain(other, healed))[0]?.['n'])).toBe(1)
  await assertEverythingHolds({ nunchi: other, slack, allow: TROUBLE, timeoutMs: 120_000 })
}, 240_000)

async function holderOf(cluster: SeveralNodes, lease: string): Promise<RunningNunchi | undefined> {
  const { leases, nodes } = await cluster.seenBy(cluster.node(0))
  const owner = leases.find(({ name }) => name === lease)?.owner
  const address = nodes.find(({ id }) => id === owner)?.address
  return cluster.nodes.find(({ url }) => url === address)
}

test('a source that floods two nodes is told 503 by both and loses nothing; its neighbour is always taken', async () => {
  const sources = ['noisy', 'quiet'].map((name) => ({ name, kind: 'alertmanager' }))
  await using cluster = await SeveralNodes.start(slack, 2, { config: { sources } })
  const { nodes } = cluster
  const quiet = new QuietSource(nodes)
  let turn = 0
  const url = (): string => `${cluster.node(turn++ % 2).url}/webhook/alertmanager/noisy`
  const noisy = new RetryingSender({ url, source: 'noisy' })
  const bodies = Array.from({ length: 300 }, (_, index) => noisyBody(index))
  await flood(noisy, bodies, () => quiet.send())
  expect(noisy.dropped).toEqual([])
  expect(noisy.acked).toHaveLength(bodies.length * ALERTS_EACH)
  expect(quiet.statuses).toEqual(quiet.statuses.map(() => 200))
  for (const node of nodes) {
    const refused = async (labels: Readonly<Record<string, string>>): Promise<number> =>
      metricValue(await metricsOf(node), 'nunchi_deliveries_refused_total', labels) ?? 0
    expect(await refused({ source: 'noisy', reason: 'over-share' })).toBeGreaterThan(0)
    expect(await refused({ source: 'quiet' })).toBe(0)
  }
  const waits = await quiet.waitsUntilTold(slack)
  console.info(
    `Beside a flood of two nodes the quiet source was told about after ${waits.map(Math.round).join(', ')} ms.`,
  )
  expect(Math.max(...waits)).toBeLessThan(20_000 * slownessOfMachine())
  const acked = [...noisy.acked, ...quiet.acked]
  await assertEverythingHolds({ nunchi: cluster.node(0), slack, acked, allow: TROUBLE, timeoutMs: 120_000 })
}, 240_000)

test('a newer version does not start beside a node that would misread what it makes of the schema, and that node goes on', async () => {
  await using cluster = await SeveralNodes.start(slack, 1)
  const older = cluster.node(0)
  const url = older.databaseUrl as string
  const [step] = await askDatabase(url, 'select max(name) as name from schema_step where breaking = 1')
  const name = String(step?.['name'])
  // As if the running node were of the release before that step.
  const [self] = await askDatabase(url, 'select steps from node')
  const known = (JSON.parse(String(self?.['steps'])) as string[]).filter((each) => each !== name)
  await askDatabase(url, 'update node set steps = ?', [JSON.stringify(known)])
  await askDatabase(url, 'delete from schema_step where name = ?', [name])
  await expect(cluster.add({ readyTimeoutMs: 20_000 })).rejects.toThrow(
    new RegExp(`An older Nunchi is running on this database.*${name}.*${older.url}`, 's'),
  )
  expect((await older.api('/readyz')).status).toBe(200)
  const alert = makeAlert({ labels: { alertname: 'GoesOn', severity: 'warning' } })
  expect((await older.post('/webhook/alertmanager', makeWebhookBody([alert]))).status).toBe(200)
  const acked = [{ source: 'alertmanager', alert }]
  await assertEverythingHolds({ nunchi: older, slack, acked, allow: TROUBLE, timeoutMs: 120_000 })
}, 240_000)
