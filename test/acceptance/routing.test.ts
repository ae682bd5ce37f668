import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FakeSlack, startFakeSlack } from '../support/fake-slack/fake-slack.ts'
import { makeAlert, makeWebhookBody, resolve, type WebhookAlert } from '../support/generate-alerts.ts'
import { InProcessNunchi } from '../support/in-process-nunchi.ts'

const MINUTE = 60_000
const MAIN = { token: 'xoxb-main', channel: 'C0MAIN' }
const ONCALL = 'C0ONCALL'
const EMEA = { token: 'xoxb-emea', channel: 'C0EMEA' }
const PARTNERS = 'C0PARTNERS'

let main: FakeSlack
let emea: FakeSlack
let nunchi: InProcessNunchi

beforeEach(async () => {
  main = await startFakeSlack({
    limits: 'off',
    tokens: [{ token: MAIN.token }],
    channels: [{ id: MAIN.channel }, { id: ONCALL }],
  })
  emea = await startFakeSlack({
    limits: 'off',
    tokens: [{ token: EMEA.token }],
    channels: [{ id: EMEA.channel }, { id: PARTNERS }],
  })
  nunchi = await InProcessNunchi.start({ config: configOf() })
})

afterEach(async () => {
  await nunchi.stop()
  await Promise.all([main.close(), emea.close()])
})

function configOf(): string {
  const pace = 'postsPerSecond: 100, burst: 100'
  return `
slack: { botToken: ${MAIN.token}, channel: ${MAIN.channel}, apiUrl: '${main.apiUrl}', ${pace} }
workspaces:
  - { name: emea, botToken: ${EMEA.token}, apiUrl: '${emea.apiUrl}' }
channels:
  - { id: oncall, kind: slack, settings: { channel: ${ONCALL}, ${pace} } }
  - { id: emea, kind: slack, settings: { workspace: emea, channel: ${EMEA.channel}, ${pace} } }
  - { id: partners, kind: slack-webhook, settings: { url: '${emea.webhookUrl(PARTNERS)}', ${pace} } }
routes:
  - { match: { severity: critical }, channels: [oncall] }
  - { match: { cluster: [eu-1, eu-2] }, channels: [emea] }
  - { match: { labels: ['partner=~".+"'] }, channels: [emea, partners, slack] }
`
}

async function fire(name: string, labels: Record<string, string> = {}): Promise<WebhookAlert> {
  const alert = makeAlert({
    labels: { alertname: name, severity: 'warning', ...labels },
    annotations: { summary: `${name} is bad` },
    startsAt: new Date(nunchi.now - 1000),
  })
  await nunchi.tell(makeWebhookBody([alert]))
  return alert
}

/** How many messages each place shows: main, on-call, EMEA, partners. */
function shown(): readonly number[] {
  return [
    main.messages(MAIN.channel).length,
    main.messages(ONCALL).length,
    emea.messages(EMEA.channel).length,
    emea.messages(PARTNERS).length,
  ]
}

const cases: readonly [labels: Record<string, string>, shown: readonly number[], why: string][] = [
  [{}, [1, 0, 0, 0], 'what no route takes is told in the default channel'],
  [{ severity: 'critical' }, [0, 1, 0, 0], 'another channel of the same workspace'],
  [{ cluster: 'eu-2' }, [0, 0, 1, 0], 'a channel of another workspace, by its own bot'],
  [{ partner: 'acme' }, [1, 0, 1, 1], 'two workspaces and a webhook side by side'],
]
for (const [labels, expected, why] of cases) {
  test(`${JSON.stringify(labels)} is told in [${expected.join(' ')}] of main, on-call, EMEA and partners (${why})`, async () => {
    await fire('Any', labels)
    expect(shown()).toEqual(expected)
  })
}

test('every channel has threads of its own, though the thread key is the same', async () => {
  const alert = await fire('Shared', { partner: 'acme' })
  await nunchi.tell(makeWebhookBody([resolve(alert, new Date(nunchi.now))]))
  for (const [slack, channel] of [
    [main, MAIN.channel],
    [emea, EMEA.channel],
  ] as const) {
    const [root, ...others] = slack.roots(channel)
    expect(others).toEqual([])
    expect(slack.replies(channel, root?.ts ?? '')).toHaveLength(1)
    const [first, second] = slack.calls('chat.postMessage').filter(({ args }) => args['channel'] === channel)
    expect([first?.args['thread_ts'], second?.args['thread_ts']]).toEqual([undefined, root?.ts])
  }
})

test('a channel that refuses everything does not hold up another', async () => {
  emea.archive(EMEA.channel)
  const alert = await fire('Shared', { partner: 'acme' })
  expect(shown()).toEqual([1, 0, 0, 1])
  await nunchi.tell(makeWebhookBody([resolve(alert, new Date(nunchi.now))]))
  expect(shown()).toEqual([2, 0, 0, 2])
  emea.archive(EMEA.channel, false)
  await nunchi.advance(5 * MINUTE, 10_000)
  expect(emea.roots(EMEA.channel)).toHaveLength(1)
})

test('a workspace that is down does not hold up another, and hears of everything when it is back', async () => {
  await emea.goDown()
  await fire('Shared', { partner: 'acme' })
  expect(shown()).toEqual([1, 0, 0, 0])
  await emea.listen()
  await nunchi.advance(20 * MINUTE, 10_000)
  expect(emea.roots(EMEA.channel)).toHaveLength(1)
})

test('a channel that was told hears the end, though the incident became worse and goes elsewhere now', async () => {
  const labels = { alertname: 'Grows', cluster: 'us-1' }
  const policy = { startsAt: new Date(nunchi.now - 1000), annotations: { summary: 'x' } }
  const mild = makeAlert({ ...policy, labels: { ...labels, severity: 'warning' } })
  const fatal = makeAlert({ ...policy, labels: { ...labels, severity: 'critical' } })
  // Alertmanager's correlation reads the severity; here it must not, so that one incident has both.
  await nunchi.stop()
  nunchi = await InProcessNunchi.start({
    config: `${configOf()}\nsources: [{ name: alertmanager, kind: alertmanager, correlation: { fields: [alertname] } }]\n`,
  })
  await nunchi.tell(makeWebhookBody([mild]))
  expect(shown()).toEqual([1, 0, 0, 0])
  await nunchi.tell(makeWebhookBody([fatal]))
  expect(shown()).toEqual([2, 1, 0, 0])
  const end = new Date(nunchi.now)
  await nunchi.tell(makeWebhookBody([resolve(mild, end), resolve(fatal, end)]))
  expect(shown()).toEqual([3, 2, 0, 0])
})

test('a channel that was never told does not hear of what began elsewhere', async () => {
  const alert = await fire('Fatal', { severity: 'critical' })
  await nunchi.tell(makeWebhookBody([resolve(alert, new Date(nunchi.now))]))
  expect(shown()).toEqual([0, 2, 0, 0])
})
