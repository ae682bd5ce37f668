import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DEFAULT_CHANNEL, DEFAULT_TOKEN, type FakeSlack, startFakeSlack } from '../support/fake-slack/fake-slack.ts'
import type { Fault } from '../support/fake-slack/faults.ts'
import { makeAlert, makeWebhookBody, resolve, type WebhookAlert } from '../support/generate-alerts.ts'
import { InProcessNunchi } from '../support/in-process-nunchi.ts'
import { seenMessages } from '../support/seen-messages.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let slack: FakeSlack
let nunchi: InProcessNunchi

beforeEach(async () => {
  slack = await startFakeSlack({ limits: 'off' })
  nunchi = await InProcessNunchi.start({
    slack: { apiUrl: slack.apiUrl, token: DEFAULT_TOKEN, channel: DEFAULT_CHANNEL, postsPerSecond: 100, burst: 100 },
  })
})

afterEach(async () => {
  await nunchi.stop()
  await slack.close()
})

function alertNamed(name: string, labels: Record<string, string> = {}): WebhookAlert {
  return makeAlert({
    labels: { alertname: name, severity: 'warning', service: 'shop', cluster: 'prod', ...labels },
    annotations: { summary: `${name} is bad` },
    startsAt: new Date(nunchi.now - 1000),
  })
}

async function fire(name: string, labels?: Record<string, string>): Promise<WebhookAlert> {
  const alert = alertNamed(name, labels)
  await nunchi.tell(makeWebhookBody([alert]))
  return alert
}

async function clear(alert: WebhookAlert): Promise<void> {
  await nunchi.tell(makeWebhookBody([resolve(alert, new Date(nunchi.now))]))
}

async function assertTold(): Promise<void> {
  await nunchi.assertInvariants({ messages: seenMessages(slack.messages(DEFAULT_CHANNEL)) })
  expect(slack.duplicateRoots()).toEqual([])
}

test('an alert becomes a root, its end a reply under it', async () => {
  const alert = await fire('HighCpu')
  await nunchi.advance(MINUTE, 10_000)
  await clear(alert)
  const [root, ...others] = slack.roots(DEFAULT_CHANNEL)
  expect(others).toEqual([])
  expect(slack.replies(DEFAULT_CHANNEL, root?.ts ?? '')).toHaveLength(1)
  await assertTold()
})

test('200 flaps in ten minutes stay one thread with few messages, and end when it is quiet', async () => {
  let alert = await fire('Flapper')
  for (let i = 0; i < 200; i++) {
    await nunchi.advance(1500, 1500)
    await clear(alert)
    await nunchi.advance(1500, 1500)
    alert = await fire('Flapper')
  }
  expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(1)
  expect(slack.posts().length).toBeLessThanOrEqual(8)
  await clear(alert)
  await nunchi.advance(6 * MINUTE, 15_000)
  await assertTold()
  expect(slack.posts().length).toBeLessThanOrEqual(9)
})

describe('a limited Slack', () => {
  const cases: readonly [retryAfter: number | string | undefined, waitedMs: number, why: string][] = [
    [1, 1_000, 'an ordinary pause'],
    [30, 30_000, 'a long pause is kept to'],
    [86_400, 5 * MINUTE, 'a day is capped: the limit may be gone by then'],
    [undefined, 1_000, 'a missing header still means wait'],
    ['soon', 1_000, 'garbage still means wait'],
  ]
  for (const [retryAfter, waitedMs, why] of cases) {
    test(`429 with Retry-After ${retryAfter ?? 'missing'}: nothing goes out before ${waitedMs} ms, nothing is dropped (${why})`, async () => {
      const fault = {
        kind: 'rate-limited',
        ...(retryAfter === undefined ? { retryAfter: 'missing' } : { retryAfter }),
      } as Fault
      slack.addFault({ fault, method: 'chat.postMessage', times: 1 })
      await fire('Limited')
      await fire('Another')
      expect(slack.calls('chat.postMessage')).toHaveLength(1)
      await nunchi.advance(waitedMs - 500, Math.max(500, waitedMs / 10))
      expect(slack.calls('chat.postMessage')).toHaveLength(1)
      await nunchi.advance(31_000, 1_000)
      expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(2)
      await assertTold()
    })
  }
})

describe('a Slack that fails', () => {
  const faults: readonly [what: string, fault: Fault][] = [
    ['HTTP 500', { kind: 'status', status: 500 }],
    ['an HTML page with 200', { kind: 'html' }],
    ['internal_error', { kind: 'error', error: 'internal_error' }],
    ['fatal_error', { kind: 'error', error: 'fatal_error' }],
    ['service_unavailable', { kind: 'error', error: 'service_unavailable' }],
  ]
  for (const [what, fault] of faults) {
    test(`${what} for an hour: the message is kept and shown once`, async () => {
      const undo = slack.addFault({ fault, method: 'chat.postMessage' })
      await fire('Kept')
      await nunchi.advance(HOUR, MINUTE)
      expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(0)
      undo()
      await nunchi.advance(20 * MINUTE, MINUTE)
      expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(1)
      await assertTold()
    })
  }

  test('a message that Slack took while the answer was lost is adopted, not posted again', async () => {
    slack.addFault({ fault: { kind: 'accept-then-drop' }, method: 'chat.postMessage', times: 1 })
    const alert = await fire('Lost')
    expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(1)
    await nunchi.advance(10_000, 1_000)
    await clear(alert)
    await nunchi.advance(10_000, 1_000)
    const [root, ...others] = slack.roots(DEFAULT_CHANNEL)
    expect(others).toEqual([])
    expect(slack.replies(DEFAULT_CHANNEL, root?.ts ?? '')).toHaveLength(1)
    await assertTold()
  })

  test('a reply whose answer was lost is adopted as well', async () => {
    const alert = await fire('LostReply')
    slack.addFault({ fault: { kind: 'accept-then-drop' }, method: 'chat.postMessage', times: 1 })
    await clear(alert)
    await nunchi.advance(30_000, 1_000)
    const [root] = slack.roots(DEFAULT_CHANNEL)
    expect(slack.replies(DEFAULT_CHANNEL, root?.ts ?? '')).toHaveLength(1)
    await assertTold()
  })

  test('a lost reply whose root was deleted before it came is the root from now on', async () => {
    const alert = await fire('HighCpu')
    slack.deleteMessage(DEFAULT_CHANNEL, slack.roots(DEFAULT_CHANNEL)[0]?.ts ?? '')
    slack.addFault({ method: 'chat.postMessage', fault: { kind: 'accept-then-drop' }, times: 1 })
    await clear(alert)
    await nunchi.advance(MINUTE, 5_000)
    const [root] = slack.roots(DEFAULT_CHANNEL)
    await fire('HighCpu')
    await nunchi.advance(MINUTE, 5_000)
    expect(slack.roots(DEFAULT_CHANNEL).map(({ ts }) => ts)).toEqual([root?.ts])
    expect(slack.replies(DEFAULT_CHANNEL, root?.ts ?? '')).not.toEqual([])
    await assertTold()
  })

  test('a lost reply that is owed no more, because the incident fired again, leaves nothing under way', async () => {
    const alert = await fire('Overtaken')
    slack.addFault({ fault: { kind: 'down' }, method: 'chat.postMessage', times: 1 })
    slack.addFault({ fault: { kind: 'status', status: 500 }, method: 'chat.postMessage', times: 1 })
    await clear(alert)
    await nunchi.tell(makeWebhookBody([{ ...alert, startsAt: new Date(nunchi.now + 1000).toISOString() }]))
    await nunchi.advance(30_000, 1_000)
    expect(slack.posts()).toHaveLength(1)
    await assertTold()
  })

  test('two hours away during a storm: only current states are told afterwards', async () => {
    const undo = slack.addFault({ fault: { kind: 'down' } })
    const alerts: WebhookAlert[] = []
    for (let i = 0; i < 40; i++) alerts.push(alertNamed(`Storm${i}`))
    await nunchi.tell(makeWebhookBody(alerts))
    for (let round = 0; round < 6; round++) {
      await nunchi.advance(15 * MINUTE, 5 * MINUTE)
      await nunchi.tell(makeWebhookBody(alerts.slice(0, 20).map((alert) => resolve(alert, new Date(nunchi.now)))))
      await nunchi.advance(5 * MINUTE, 5 * MINUTE)
      if (round < 5)
        await nunchi.tell(
          makeWebhookBody(
            alerts.slice(0, 20).map((alert) => ({ ...alert, startsAt: new Date(nunchi.now).toISOString() })),
          ),
        )
    }
    undo()
    await nunchi.advance(20 * MINUTE, MINUTE)
    expect(slack.posts()).toHaveLength(40)
    await assertTold()
  }, 60_000)
})

describe('a Slack that refuses', () => {
  for (const error of [
    'invalid_auth',
    'token_revoked',
    'account_inactive',
    'missing_scope',
    'channel_not_found',
    'not_in_channel',
    'is_archived',
    'restricted_action',
  ]) {
    test(`${error}: said once in clear words, no hammering, all is told after the repair`, async () => {
      const undo = slack.addFault({ fault: { kind: 'error', error }, method: 'chat.postMessage' })
      await fire('Refused')
      await fire('AlsoRefused')
      await nunchi.advance(10 * MINUTE, 10_000)
      expect(slack.calls('chat.postMessage').length).toBeLessThanOrEqual(12)
      const problems = [...nunchi.engine.reporter.problems().values()]
      expect(problems).toHaveLength(1)
      expect(problems[0]).toMatch(/\w{4,} \w+ \w+/)
      undo()
      await nunchi.advance(10 * MINUTE, 10_000)
      expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(2)
      expect([...nunchi.engine.reporter.problems()]).toEqual([])
      await assertTold()
    })
  }
})

describe('a root that is gone', () => {
  test('deleted by hand: the end is told in a new root, and later messages go there', async () => {
    const alert = await fire('Deleted')
    const [root] = slack.roots(DEFAULT_CHANNEL)
    slack.deleteMessage(DEFAULT_CHANNEL, root?.ts ?? '')
    await clear(alert)
    await nunchi.advance(MINUTE, 10_000)
    expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(1)
    await nunchi.assertInvariants({ messages: seenMessages(slack.messages(DEFAULT_CHANNEL)) })
  })

  for (const error of ['message_not_found', 'thread_not_found', 'cant_update_message', 'edit_window_closed']) {
    test(`${error}: the incident is told anew once`, async () => {
      const alert = await fire('Gone')
      const [root] = slack.roots(DEFAULT_CHANNEL)
      slack.deleteMessage(DEFAULT_CHANNEL, root?.ts ?? '')
      slack.addFault({ fault: { kind: 'error', error }, method: 'chat.postMessage', times: 1 })
      await clear(alert)
      await nunchi.advance(MINUTE, 10_000)
      expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(1)
      await nunchi.assertInvariants({ messages: seenMessages(slack.messages(DEFAULT_CHANNEL)) })
    })
  }
})

describe('a message that Slack finds too much', () => {
  test('labels of 5,000 characters and 200 of them are told within the limits', async () => {
    const labels = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`label_${i}`, 'x'.repeat(5_000)]))
    await fire('Huge', labels)
    expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(1)
    await assertTold()
  })

  for (const error of ['msg_blocks_too_long', 'invalid_blocks', 'msg_too_long', 'invalid_attachments']) {
    test(`${error}: it is told in a poorer form instead of being tried for ever`, async () => {
      slack.addFault({ fault: { kind: 'error', error }, method: 'chat.postMessage', times: 2 })
      await fire('Poorer')
      await nunchi.advance(MINUTE, 10_000)
      expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(1)
      await assertTold()
    })
  }
})

test('nothing that a label or annotation holds becomes a mention or a link of its own', async () => {
  const attacks = [
    '<!channel>',
    '<!here|x>',
    '<@U12345678>',
    '<!subteam^S1234|ops>',
    '<https://evil.example|grafana.example.com>',
    '@here @channel',
    '*bold* _it_ ~x~ `code`',
    '\u202Egnp.exe',
    'a\u200Bb',
    'x\n> quote',
  ]
  for (const [i, attack] of attacks.entries()) {
    const alert = makeAlert({
      labels: {
        alertname: attack,
        severity: 'critical',
        service: attack,
        cluster: attack,
        instance: attack,
        n: String(i),
      },
      annotations: { summary: attack, description: attack, runbook_url: 'javascript:alert(1)' },
      startsAt: new Date(nunchi.now),
    })
    await nunchi.tell(makeWebhookBody([alert]))
    await clear(alert)
  }
  expect(slack.posts().length).toBe(attacks.length * 2)
  expect(slack.pings()).toEqual([])
  // The link to the sender's own page is Nunchi's, under Nunchi's words; the texts hold none.
  const foreign = slack
    .links()
    .filter(({ text, url }) => text !== 'Source' || !url.startsWith('http://prometheus.example.com:9090/'))
  expect(foreign).toEqual([])
})
