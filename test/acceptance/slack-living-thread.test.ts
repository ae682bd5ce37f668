import { afterEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { DEFAULT_CHANNEL, DEFAULT_TOKEN, type FakeSlack, startFakeSlack } from '../support/fake-slack/fake-slack.ts'
import { makeAlert, makeWebhookBody, resolve, type WebhookAlert } from '../support/generate-alerts.ts'
import { InProcessNunchi } from '../support/in-process-nunchi.ts'
import { seenMessages } from '../support/seen-messages.ts'
import { readableLines } from '../support/slack-text.ts'

const MINUTE = 60_000
const SPARE = 'C0SPARE001'
const T = Date.parse('2026-01-05T12:00:00Z')

let slack: FakeSlack
let nunchi: InProcessNunchi | null = null

afterEach(async () => {
  await nunchi?.stop()
  nunchi = null
  await slack.close()
})

/** The engine with Slack's own limits and one clock for both. */
async function open(more: Readonly<Record<string, unknown>> = {}, slackMore: object = {}): Promise<InProcessNunchi> {
  slack = await startFakeSlack({
    limits: 'slack',
    now: () => nunchi?.now ?? T,
    channels: [{ id: DEFAULT_CHANNEL }, { id: SPARE }],
  })
  nunchi = await InProcessNunchi.start({
    now: T,
    config: stringify({
      slack: { botToken: DEFAULT_TOKEN, channel: DEFAULT_CHANNEL, apiUrl: slack.apiUrl, ...slackMore },
      ...more,
    }),
  })
  return nunchi
}

const spareChannel = { id: 'spare', kind: 'slack', settings: { channel: SPARE } }

function alertsNamed(prefix: string, count: number, labels: Record<string, string> = {}): WebhookAlert[] {
  return Array.from({ length: count }, (_, i) =>
    makeAlert({
      labels: { alertname: `${prefix}${i}`, severity: 'warning', service: 'shop', cluster: 'prod', ...labels },
      annotations: { summary: `${prefix} ${i} is bad` },
      startsAt: new Date((nunchi?.now ?? T) - 1000),
    }),
  )
}

async function tell(alerts: readonly WebhookAlert[]): Promise<void> {
  for (let from = 0; from < alerts.length; from += 500)
    await nunchi?.tell(makeWebhookBody(alerts.slice(from, from + 500)))
}

async function clear(alerts: readonly WebhookAlert[]): Promise<void> {
  await tell(alerts.map((alert) => resolve(alert, new Date(nunchi?.now ?? T))))
}

async function assertTold(...channels: string[]): Promise<void> {
  const seen = (channels.length > 0 ? channels : [DEFAULT_CHANNEL]).flatMap((id) => seenMessages(slack.messages(id)))
  await nunchi?.assertInvariants({ messages: seen })
}

const digestIn = (channel = DEFAULT_CHANNEL) =>
  slack.roots(channel).filter(({ content }) => content.metadata?.event_payload['purpose'] === 'digest')

describe('one incident', () => {
  test('costs three calls when its alert ends by itself: post, reply, edit', async () => {
    await open()
    const alerts = alertsNamed('Calm', 1)
    await tell(alerts)
    await nunchi?.advance(MINUTE)
    await clear(alerts)
    await nunchi?.advance(MINUTE)
    const spoken = slack.calls().filter(({ method }) => method.startsWith('chat.'))
    expect(spoken.map(({ method }) => method)).toEqual(['chat.postMessage', 'chat.postMessage', 'chat.update'])
    expect(slack.roots(DEFAULT_CHANNEL)[0]?.edits).toHaveLength(1)
    await assertTold()
  })

  test('its root shows counts and what differs as it grows, within the budget of edits', async () => {
    await open({ sources: [{ name: 'alertmanager', kind: 'alertmanager', correlation: { fields: ['service'] } }] })
    for (let i = 0; i < 60; i++) {
      await tell(alertsNamed('Grows', 1, { instance: `db${i}` }))
      await nunchi?.advance(2_000)
    }
    await nunchi?.advance(2 * MINUTE)
    const [root] = slack.roots(DEFAULT_CHANNEL)
    expect(slack.posts()).toHaveLength(1)
    expect(slack.calls('chat.update').length).toBeLessThanOrEqual(110)
    expect(readableLines(root as never).join('\n')).toMatch(/60/)
    expect(slack.calls().filter(({ outcome }) => outcome?.status === 429)).toEqual([])
    await assertTold()
  })

  test('a root that somebody deleted is posted anew once, with a way to where the talk was', async () => {
    await open()
    const alerts = alertsNamed('Deleted', 1)
    await tell(alerts)
    const [root] = slack.roots(DEFAULT_CHANNEL)
    slack.deleteMessage(DEFAULT_CHANNEL, root?.ts ?? '')
    await tell(alerts.map((alert) => ({ ...alert, annotations: { summary: 'worse' }, labels: { ...alert.labels } })))
    await clear(alerts)
    await nunchi?.advance(MINUTE)
    expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(1)
    await assertTold()
  })

  test('an edit window that closed: the end is told in the thread, and the root stays', async () => {
    await open()
    const alerts = alertsNamed('Closed', 1)
    await tell(alerts)
    slack.closeEditWindow(DEFAULT_CHANNEL)
    await clear(alerts)
    await nunchi?.advance(MINUTE)
    const [root, ...others] = slack.roots(DEFAULT_CHANNEL)
    expect(others).toEqual([])
    expect(slack.replies(DEFAULT_CHANNEL, root?.ts ?? '')).toHaveLength(1)
    await assertTold()
  })
})

describe('a channel that refuses', () => {
  test('archived: its incidents are told in the default channel, and it says so for operators', async () => {
    await open({
      channels: [spareChannel],
      defaultChannel: 'spare',
      routes: [{ channels: ['slack'], match: { severity: '>=warning' } }],
    })
    slack.archive(DEFAULT_CHANNEL)
    const alerts = alertsNamed('Archived', 3)
    await tell(alerts)
    await nunchi?.advance(10_000)
    expect(slack.roots(SPARE)).toHaveLength(3)
    expect([...(nunchi?.engine.reporter.problems().values() ?? [])].join(' ')).toMatch(/archived/)
    await clear(alerts.slice(0, 1))
    await nunchi?.advance(20_000)
    slack.archive(DEFAULT_CHANNEL, false)
    await nunchi?.advance(3 * MINUTE)
    expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(3)
    expect([...(nunchi?.engine.reporter.problems() ?? [])]).toEqual([])
    await nunchi?.assertInvariants()
  })

  test('a revoked token stops the calls of its bot; another account is told meanwhile; it resumes by itself', async () => {
    await open()
    const webhook = { id: 'hook', kind: 'slack-webhook', settings: { url: slack.webhookUrl(SPARE) } }
    await nunchi?.stop()
    nunchi = await InProcessNunchi.start({
      now: T,
      config: stringify({
        slack: { botToken: DEFAULT_TOKEN, channel: DEFAULT_CHANNEL, apiUrl: slack.apiUrl },
        channels: [webhook],
        defaultChannel: 'hook',
        routes: [{ channels: ['slack'], match: { severity: '>=warning' } }],
      }),
    })
    slack.token().state = 'token_revoked'
    await tell(alertsNamed('Revoked', 5))
    await nunchi.advance(5 * MINUTE)
    const refused = slack.calls('chat.postMessage').filter(({ outcome }) => outcome?.error === 'token_revoked')
    expect(refused.length).toBeLessThanOrEqual(7)
    expect(slack.calls('webhook').filter(({ outcome }) => outcome?.ok)).toHaveLength(5)
    slack.token().state = 'active'
    await nunchi.advance(3 * MINUTE)
    expect(slack.roots(DEFAULT_CHANNEL).filter(({ content }) => content.metadata !== undefined)).toHaveLength(5)
    await nunchi.assertInvariants()
  })

  test('ten thousand queued messages of a dead channel hold up no critical incident elsewhere', async () => {
    await open(
      {
        channels: [spareChannel],
        routes: [{ channels: ['spare'], match: { labels: ['team="dead"'] } }],
      },
      { storm: { newIncidents: 0 } },
    )
    slack.addFault({ channel: SPARE, fault: { kind: 'status', status: 503 } })
    await tell(alertsNamed('Dead', 10_000, { team: 'dead' }))
    const waits: number[] = []
    for (let i = 0; i < 20; i++) {
      const firedAt = nunchi?.now ?? T
      await tell(alertsNamed(`Critical${i}-`, 1, { severity: 'critical' }))
      while (slack.roots(DEFAULT_CHANNEL).length <= i && (nunchi?.now ?? T) - firedAt < 30_000)
        await nunchi?.advance(250, 250)
      waits.push((nunchi?.now ?? T) - firedAt)
      await nunchi?.advance(1_000)
    }
    expect(Math.max(...waits), `waits in ms: ${waits.join(' ')}`).toBeLessThan(5_000)
  }, 180_000)
})

describe('a storm', () => {
  test('a hundred thousand distinct alerts in one channel are one digest that is true within a minute', async () => {
    await open()
    const alerts = alertsNamed('Storm', 100_000)
    for (let from = 0; from < alerts.length; from += 1000)
      await nunchi?.receive(makeWebhookBody(alerts.slice(from, from + 1000)))
    await nunchi?.drain()
    await nunchi?.advance(MINUTE, 5_000)
    const [digest, ...others] = digestIn()
    expect(others).toEqual([])
    const threads = slack.roots(DEFAULT_CHANNEL).length - 1
    expect(threads).toBeLessThanOrEqual(20)
    expect(readableLines(digest as never).join('\n')).toMatch(/~?9[0-9],?\d{3}|~?100,000/)
    expect(slack.calls().filter(({ outcome }) => outcome?.status === 429).length).toBeLessThanOrEqual(2)
    await assertTold()
  }, 300_000)

  test('what becomes critical in it gets a thread; its end empties the digest, and it ends by itself', async () => {
    await open()
    const alerts = alertsNamed('Storm', 400)
    await tell(alerts)
    await nunchi?.advance(20_000)
    await tell(alertsNamed('Bad', 1, { severity: 'critical' }))
    await nunchi?.advance(5_000)
    expect(slack.roots(DEFAULT_CHANNEL).map((root) => readableLines(root)[0])).toContainEqual(
      expect.stringContaining('Bad 0 is bad'),
    )
    await clear(alerts)
    await nunchi?.advance(5 * MINUTE, 5_000)
    const [digest] = digestIn()
    expect(readableLines(digest as never)[0]).toMatch(/^✅/)
    await assertTold()
  }, 120_000)

  test('two hours without Slack in a storm end with current states only', async () => {
    await open()
    const undo = slack.addFault({ fault: { kind: 'down' } })
    const alerts = alertsNamed('Outage', 300)
    await tell(alerts)
    await nunchi?.advance(60 * MINUTE, 5 * MINUTE)
    await clear(alerts.slice(0, 295))
    await nunchi?.advance(60 * MINUTE, 5 * MINUTE)
    undo()
    slack.forgetCalls()
    await nunchi?.advance(20 * MINUTE, 5_000)
    expect(slack.posts().length).toBeLessThanOrEqual(40)
    await assertTold()
  }, 120_000)

  test('the answer of a digest gets lost: it is found by its metadata, not posted again', async () => {
    await open()
    slack.addFault({ method: 'chat.postMessage', fault: { kind: 'accept-then-drop' }, times: 3 })
    await tell(alertsNamed('Lost', 200))
    await nunchi?.advance(3 * MINUTE)
    expect(digestIn()).toHaveLength(1)
    expect(slack.duplicateRoots()).toEqual([])
    await assertTold()
  })
})

describe('quiet hours', () => {
  test('hold what is not critical until morning, and then tell it once, as it is', async () => {
    await open({
      quietHours: [{ days: 'Mon-Sun', from: '11:00', to: '13:00', timeZone: 'UTC', holdBelow: 'critical' }],
    })
    const alerts = alertsNamed('Quiet', 2)
    await tell(alerts)
    await tell(alertsNamed('Loud', 1, { severity: 'critical' }))
    await nunchi?.advance(5 * MINUTE, 5_000)
    expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(1)
    await clear(alerts.slice(0, 1))
    await nunchi?.advance(65 * MINUTE, 10_000)
    expect(slack.posts()).toHaveLength(3)
    await assertTold()
  })
})
