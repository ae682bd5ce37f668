import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  DEFAULT_CHANNEL,
  DEFAULT_TOKEN,
  type FakeSlack,
  startFakeSlack,
} from '../../../../test/support/fake-slack/fake-slack.ts'
import type { Channel, FindOutcome, IncidentMessage } from '../../channel.ts'
import { sampleMessage, sampleResolution } from '../sample-incident-message.ts'
import { createSlackChannel } from './slack-channel.ts'
import { slackSettingsSchema } from './slack-settings.ts'

let slack: FakeSlack
const since = Date.now()
const signal = new AbortController().signal

beforeAll(async () => {
  const tokens = [{ token: DEFAULT_TOKEN }, { token: 'xoxb-writer', scopes: ['chat:write'] }]
  slack = await startFakeSlack({ limits: 'off', tokens, channels: [{ id: DEFAULT_CHANNEL }, { id: 'CBUSY' }] })
})
afterAll(() => slack.close())
beforeEach(() => {
  slack.clearFaults()
  slack.forgetCalls()
})

function channelWith(settings: Readonly<Record<string, unknown>> = {}): Channel {
  const usual = { botToken: DEFAULT_TOKEN, channel: DEFAULT_CHANNEL, apiUrl: slack.apiUrl, timeoutMs: 1_000 }
  return createSlackChannel(slackSettingsSchema.parse({ ...usual, ...settings }))
}

async function find(
  deliveryId: string,
  thread: IncidentMessage['thread'] = null,
  channel = channelWith(),
): Promise<FindOutcome | undefined> {
  return await channel.find?.(deliveryId, since, thread, signal)
}

async function post(message: IncidentMessage): Promise<string> {
  const outcome = await channelWith().send(message, signal)
  if (outcome.kind !== 'delivered') throw new Error(JSON.stringify(outcome))
  return outcome.id
}

test('a root whose answer was lost is found by its delivery id', async () => {
  slack.addFault({ fault: { kind: 'accept-then-drop' }, times: 1 })
  expect(await channelWith().send(sampleMessage({ message: { deliveryId: 'lost-root' } }), signal)).toMatchObject({
    kind: 'ambiguous',
  })
  expect(await find('lost-root')).toEqual({
    kind: 'found',
    id: slack.messages().at(-1)?.ts,
    place: DEFAULT_CHANNEL,
    threadId: null,
  })
})

test('a message that was never shown is absent', async () => {
  expect(await find('never-sent')).toEqual({ kind: 'absent' })
})

test('a reply is found in its thread', async () => {
  const root = await post(sampleMessage({ message: { deliveryId: 'root-of-reply' } }))
  const thread = { id: root, place: DEFAULT_CHANNEL }
  const reply = await post(sampleResolution({ message: { deliveryId: 'lost-reply', thread } }))
  expect(await find('lost-reply', thread)).toEqual({ kind: 'found', id: reply, place: DEFAULT_CHANNEL, threadId: root })
  expect(await find('never-sent', thread)).toEqual({ kind: 'absent' })
})

test('a reply to a root that is gone is found where Slack put it: in the channel', async () => {
  const root = await post(sampleMessage({ message: { deliveryId: 'gone-root' } }))
  slack.deleteMessage(DEFAULT_CHANNEL, root)
  const thread = { id: root, place: DEFAULT_CHANNEL }
  const reply = await post(sampleResolution({ message: { deliveryId: 'homeless-reply', thread } }))
  expect(await find('homeless-reply', thread)).toEqual({
    kind: 'found',
    id: reply,
    place: DEFAULT_CHANNEL,
    threadId: null,
  })
  expect(await find('never-sent', thread)).toEqual({ kind: 'absent' })
})

test('what a person writes is no message of ours, also when it repeats the id', async () => {
  slack.say(DEFAULT_CHANNEL, 'delivery_id: spoken')
  expect(await find('spoken')).toEqual({ kind: 'absent' })
})

test('a busy channel is read page by page, and what lies too deep is unknown instead of absent', async () => {
  const busy = channelWith({ channel: 'CBUSY' })
  await busy.send(sampleMessage({ message: { deliveryId: 'deep' } }), signal)
  for (let count = 0; count < 450; count++) slack.say('CBUSY', 'chatter')
  expect(await find('deep', null, busy)).toMatchObject({ kind: 'found' })
  expect(slack.calls('conversations.history')).toHaveLength(3)
  for (let count = 0; count < 1_600; count++) slack.say('CBUSY', 'chatter')
  expect(await find('deep', null, busy)).toMatchObject({
    kind: 'unknown',
    detail: expect.stringContaining('2000 messages'),
  })
})

test('without the scope to read, it is unknown, and the scope is named', async () => {
  const writer = channelWith({ botToken: 'xoxb-writer' })
  expect(await find('any', null, writer)).toMatchObject({
    kind: 'unknown',
    reason: 'missing-permission',
    detail: expect.stringContaining('channels:history'),
  })
})

test('what cannot be asked now is unknown, with the time to ask again', async () => {
  slack.addFault({ fault: { kind: 'rate-limited', retryAfter: 20 }, times: 1 })
  expect(await find('any')).toMatchObject({ kind: 'unknown', reason: 'rate-limited', afterMs: 20_000 })
  slack.addFault({ fault: { kind: 'status', status: 503 }, times: 1 })
  expect(await find('any')).toMatchObject({ kind: 'unknown', reason: 'server-error', afterMs: null })
  slack.addFault({ fault: { kind: 'hang', ms: 1_500 }, times: 1 })
  expect(await find('any')).toMatchObject({ kind: 'unknown', reason: 'timeout' })
})
