import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { DEFAULT_CHANNEL, type FakeSlack, startFakeSlack } from '../../../../test/support/fake-slack/fake-slack.ts'
import type { Fault } from '../../../../test/support/fake-slack/faults.ts'
import { freePort } from '../../../../test/support/free-port.ts'
import type { Channel, SendOutcome } from '../../channel.ts'
import { sampleMessage, sampleResolution } from '../sample-incident-message.ts'
import { RUNGS } from './message-rungs.ts'
import { slackWebhookSettingsSchema } from './slack-settings.ts'
import { createSlackWebhookChannel } from './slack-webhook-channel.ts'
import { templateOf } from './templates/template-of.ts'

let slack: FakeSlack
const signal = new AbortController().signal

beforeAll(async () => {
  slack = await startFakeSlack({
    limits: 'off',
    channels: [{ id: DEFAULT_CHANNEL }, { id: 'CARCHIVED', isArchived: true }],
  })
})
afterAll(() => slack.close())
beforeEach(() => {
  slack.clearFaults()
  slack.forgetCalls()
})

function webhook(url = slack.webhookUrl()): Channel {
  return createSlackWebhookChannel(slackWebhookSettingsSchema.parse({ url, timeoutMs: 500 }))
}

async function sendDuring(fault: Fault): Promise<SendOutcome> {
  slack.addFault({ method: 'webhook', fault, times: 1 })
  return await webhook().send(sampleMessage(), signal)
}

test('the same message as from a bot, each on its own', async () => {
  const channel = webhook()
  expect(channel).toMatchObject({ hasThreads: false, kind: 'slack-webhook' })
  expect(channel.find).toBeUndefined()
  expect(await channel.send(sampleMessage(), signal)).toEqual({
    kind: 'delivered',
    id: 'webhook-01DELIVERY',
    threadId: null,
    place: null,
  })
  expect(await channel.send(sampleResolution({ message: { thread: null } }), signal)).toMatchObject({
    kind: 'delivered',
    threadId: null,
  })
  const template = templateOf()
  expect(slack.roots().map(({ content }) => content.attachments)).toEqual([
    RUNGS.full(template(sampleMessage(), { standsAlone: true })).attachments,
    RUNGS.full(template(sampleResolution({ message: { thread: null } }), { standsAlone: true })).attachments,
  ])
})

const answers: readonly [fault: Fault, expected: Readonly<Record<string, unknown>>][] = [
  [
    { kind: 'rate-limited', retryAfter: 30 },
    { kind: 'retry', reason: 'rate-limited', afterMs: 30_000, pause: 'channel' },
  ],
  [{ kind: 'rate-limited' }, { kind: 'retry', reason: 'rate-limited', afterMs: 10_000 }],
  [{ kind: 'status', status: 400, body: 'invalid_payload' }, { kind: 'delivered' }],
  [
    { kind: 'status', status: 403, body: 'action_prohibited' },
    { kind: 'rejected', reason: 'missing-permission' },
  ],
  [
    { kind: 'status', status: 403, body: 'invalid_token' },
    { kind: 'rejected', reason: 'bad-credentials' },
  ],
  [
    { kind: 'status', status: 404, body: 'no_service' },
    { kind: 'rejected', reason: 'bad-credentials' },
  ],
  [
    { kind: 'status', status: 404, body: 'channel_not_found' },
    { kind: 'rejected', reason: 'no-such-channel' },
  ],
  [
    { kind: 'status', status: 404, body: '<html>' },
    { kind: 'rejected', reason: 'bad-credentials' },
  ],
  [
    { kind: 'status', status: 410, body: 'channel_is_archived' },
    { kind: 'rejected', reason: 'channel-archived' },
  ],
  [
    { kind: 'status', status: 403, body: 'Proxy' },
    { kind: 'retry', reason: 'bad-answer' },
  ],
  [{ kind: 'status', status: 500, body: 'rollup_error' }, { kind: 'ambiguous' }],
  [{ kind: 'status', status: 503 }, { kind: 'ambiguous' }],
  [{ kind: 'html' }, { kind: 'ambiguous' }],
  [{ kind: 'accept-then-drop' }, { kind: 'ambiguous' }],
  [{ kind: 'hang', ms: 1_000 }, { kind: 'ambiguous' }],
]
for (const [fault, expected] of answers) {
  test(`${JSON.stringify(fault)} → ${JSON.stringify(expected)}`, async () => {
    expect(await sendDuring(fault)).toMatchObject(expected)
  })
}

test('an archived channel and a webhook that was taken away are told in words that name the remedy', async () => {
  expect(await webhook(slack.webhookUrl('CARCHIVED')).send(sampleMessage(), signal)).toMatchObject({
    kind: 'rejected',
    detail: expect.stringContaining('Unarchive it'),
  })
  const gone = `http://127.0.0.1:${slack.port}/services/T0FAKE0001/BGONE/secret-part`
  expect(await webhook(gone).send(sampleMessage(), signal)).toMatchObject({
    kind: 'rejected',
    detail: expect.stringContaining('Make a new incoming webhook'),
  })
})

test('what Slack refuses in every form is rejected after three calls', async () => {
  slack.addFault({ fault: { kind: 'status', status: 400, body: 'invalid_blocks' } })
  expect(await webhook().send(sampleMessage(), signal)).toMatchObject({ kind: 'rejected', reason: 'message-refused' })
  expect(slack.calls('webhook')).toHaveLength(3)
})

test('no outcome shows the URL, because who knows it can post', async () => {
  const secret = 'services/T0FAKE0001/BGONE/secret-part'
  const urls = [`http://127.0.0.1:${slack.port}/${secret}`, `http://127.0.0.1:${await freePort()}/${secret}`]
  for (const url of urls) {
    const outcome = await webhook(url).send(sampleMessage(), signal)
    expect(JSON.stringify(outcome)).not.toContain('secret-part')
    expect(outcome.kind).not.toBe('delivered')
  }
})
