import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientOf } from '../client-of.ts'
import { DEFAULT_CHANNEL as channel, type FakeSlack, startFakeSlack, DEFAULT_USER as user } from '../fake-slack.ts'
import { ReceivingApp } from './receiving-app.ts'

let slack: FakeSlack
let app: ReceivingApp

beforeEach(async () => {
  app = new ReceivingApp()
  await app.listen()
  slack = await startFakeSlack({ limits: 'off', ackTimeoutMs: 800 })
  slack.token().scopes = [...slack.token().scopes, 'app_mentions:read', 'reactions:read']
  slack.useRequestUrls(app.url)
  slack.retryScale = 0.0001
})
afterEach(async () => {
  await slack.close()
  await app.close()
})

const ada = () => slack.person(user)
const told = () => app.requests.map(({ payload }) => payload['event'])

test('an event is JSON with its wrapper, signed like everything', async () => {
  await ada().openHome()
  expect(app.last).toMatchObject({ isGenuine: true, headers: { 'content-type': 'application/json' } })
  expect(app.last.payload).toMatchObject({
    type: 'event_callback',
    team_id: 'T0FAKE0001',
    api_app_id: 'A0FAKE0001',
    event: { type: 'app_home_opened', user, tab: 'home' },
    event_id: expect.stringMatching(/^Ev/),
    event_time: expect.any(Number),
    authorizations: [{ team_id: 'T0FAKE0001', user_id: 'U0FAKEBOT1', is_bot: true }],
  })
})

test('messages are told of only after a subscription, in channels that the bot is in, its own ones too', async () => {
  await ada().say(channel, 'unheard')
  expect(app.requests).toEqual([])
  slack.subscribe('message')
  const root = (await clientOf(slack).chat.postMessage({ channel, text: 'root' })).ts ?? ''
  await slack.waitFor(() => app.requests.length === 1, 2_000, "the bot's own message is told of")
  await ada().say(channel, ':memo: it was the disk', root)
  slack.kick(channel)
  await ada().say(channel, 'unheard')
  expect(told()).toMatchObject([
    { type: 'message', bot_id: 'B0FAKE0001', channel, channel_type: 'channel' },
    { type: 'message', user, text: ':memo: it was the disk', thread_ts: root },
  ])
})

test('edits of the bot come as message_changed', async () => {
  slack.subscribe('message')
  const ts = (await clientOf(slack).chat.postMessage({ channel, text: 'one' })).ts ?? ''
  await clientOf(slack).chat.update({ channel, ts, text: 'two' })
  await slack.waitFor(() => app.requests.length === 2, 2_000, 'the edit is told of')
  expect(told()[1]).toMatchObject({
    subtype: 'message_changed',
    message: { ts, text: 'two' },
    previous_message: { ts, text: 'one' },
  })
})

test('mentions and reactions need their subscriptions, and those their scopes', async () => {
  slack.subscribe('app_mention', 'reaction_added')
  const { ts } = await ada().say(channel, '<@U0FAKEBOT1> who?')
  await ada().react(channel, ts, 'eyes')
  expect(told()).toMatchObject([
    { type: 'app_mention', text: '<@U0FAKEBOT1> who?' },
    { type: 'reaction_added', reaction: 'eyes', item: { channel, ts } },
  ])
  slack.token().scopes = []
  expect(() => slack.subscribe('message')).toThrow(/scope channels:history/)
})

test('an event that was not taken comes again three times, each time saying why', async () => {
  app.answer = () => ({ status: 500 })
  await ada().openHome()
  await slack.waitFor(() => app.requests.length === 4, 2_000, 'three retries came')
  const headers = app.requests.map((request) => request.headers['x-slack-retry-num'])
  expect(headers).toEqual([undefined, '1', '2', '3'])
  expect(app.last.headers['x-slack-retry-reason']).toBe('http_error')
  expect(new Set(app.requests.map(({ payload }) => payload['event_id'])).size).toBe(1)
})

test('retries end as soon as the app takes the event, or says that it wants none', async () => {
  app.answer = () => ({ afterMs: app.requests.length < 2 ? 1_200 : 0 })
  await ada().openHome()
  await slack.waitFor(() => slack.deliveries[1]?.answer, 2_000, 'the retry was taken')
  expect(app.last.headers['x-slack-retry-reason']).toBe('http_timeout')
  app.answer = () => ({ status: 500, headers: { 'x-slack-no-retry': '1' } })
  await ada().openHome()
  await ada().openHome()
  expect(app.requests).toHaveLength(4)
})

test('an address is verified by the challenge that it sends back', async () => {
  app.answer = ({ payload }) => ({ body: { challenge: payload['challenge'] } })
  expect(await slack.verifyUrl()).toMatchObject({ isVerified: true })
  app.answer = ({ payload }) => ({ body: String(payload['challenge']) })
  expect(await slack.verifyUrl()).toMatchObject({ isVerified: true })
  app.answer = () => ({ body: 'ok' })
  expect(await slack.verifyUrl()).toMatchObject({ isVerified: false })
})
