import { LogLevel, SocketModeClient } from '@slack/socket-mode'
import type { ChatPostMessageArguments } from '@slack/web-api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { clientOf, QUIET } from '../client-of.ts'
import {
  DEFAULT_CHANNEL as channel,
  DEFAULT_APP_TOKEN,
  type FakeSlack,
  startFakeSlack,
  DEFAULT_USER as user,
} from '../fake-slack.ts'

interface Envelope {
  readonly ack: (answer?: object) => Promise<void>
  readonly type: string
  readonly body: Readonly<Record<string, unknown>>
  readonly retry_num?: number
}

let slack: FakeSlack
let clients: SocketModeClient[]

beforeEach(async () => {
  clients = []
  slack = await startFakeSlack({ limits: 'off', ackTimeoutMs: 500 })
  slack.useSocketMode()
  slack.retryScale = 0.0001
})
afterEach(async () => {
  for (const client of clients) await client.disconnect()
  await slack.close()
})

/** An app on the official client; answers with what `answer` gives, and not at all on undefined. */
async function connect(
  answer: (envelope: Envelope) => object | undefined = () => ({}),
  clientPingTimeout = 5_000,
): Promise<Envelope[]> {
  const told: Envelope[] = []
  const clientOptions = { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } }
  const client = new SocketModeClient({
    appToken: DEFAULT_APP_TOKEN,
    logger: { ...QUIET, getLevel: () => LogLevel.ERROR },
    // Also how long the client waits before it comes back.
    clientPingTimeout,
    clientOptions,
  })
  clients.push(client)
  client.on('slack_event', (envelope: Envelope) => {
    told.push(envelope)
    const payload = answer(envelope)
    if (payload !== undefined) void envelope.ack(payload)
  })
  await client.start()
  return told
}

async function postButton(): Promise<string> {
  const elements = [{ type: 'button', action_id: 'ack', value: '1', text: { type: 'plain_text', text: 'Ack' } }]
  const message = { channel, text: 'x', blocks: [{ type: 'actions', elements }] } as unknown as ChatPostMessageArguments
  return (await clientOf(slack).chat.postMessage(message)).ts ?? ''
}
const ada = () => slack.person(user)

test('clicks, commands and events arrive over the WebSocket as their own kinds of envelope', async () => {
  const told = await connect()
  expect(slack.sockets.count).toBe(1)
  await ada().click({ channel, ts: await postButton(), actionId: 'ack' })
  await ada().command('/nunchi', 'list', channel)
  await ada().openHome()
  expect(told.map(({ type }) => type)).toEqual(['interactive', 'slash_commands', 'events_api'])
  expect(told[0]?.body).toMatchObject({ type: 'block_actions', actions: [{ value: '1' }] })
  expect(told[1]?.body).toMatchObject({ command: '/nunchi', text: 'list' })
  expect(told[2]?.body).toMatchObject({ event: { type: 'app_home_opened' } })
  expect([slack.personErrors, slack.sockets.problems]).toEqual([[], []])
})

test('an acknowledgement can carry the answer to a command', async () => {
  await connect(() => ({ text: 'two incidents' }))
  expect((await ada().command('/nunchi', 'list', channel)).shown).toEqual({ text: 'two incidents' })
  expect(slack.ephemerals(user)).toMatchObject([{ by: 'command' }])
})

test('what is not acknowledged is shown to the person and does not come again; an event does', async () => {
  const told = await connect(() => undefined)
  expect((await ada().command('/nunchi', 'list', channel)).error).toMatch(/operation_timeout/)
  expect((await ada().globalShortcut('declare')).error).toMatch(/three seconds/)
  await ada().openHome()
  await slack.waitFor(() => told.length === 6, 10_000, 'the event came four times')
  expect(told.map(({ retry_num }) => retry_num)).toEqual([undefined, undefined, 0, 1, 2, 3])
  expect(slack.personErrors).toHaveLength(2)
})

test('without a connection people see an error at once', async () => {
  expect((await ada().globalShortcut('declare')).error).toBe('no answer')
})

test('several connections are told in turn', async () => {
  const [one, two] = [await connect(), await connect()]
  for (let round = 0; round < 4; round += 1) await ada().globalShortcut('declare')
  expect([one.length, two.length]).toEqual([2, 2])
})

test('a client that is told to go, or is cut off, comes back', async () => {
  const told = await connect(() => ({}), 300)
  const isBack = (it: FakeSlack) => it.calls('apps.connections.open').length > opened && it.sockets.count === 1
  let opened = 1
  for (const reason of ['warning', 'refresh_requested'] as const) {
    opened = slack.calls('apps.connections.open').length
    slack.sockets.disconnect(reason)
    await slack.waitFor(isBack, 10_000, 'the client is back')
  }
  opened = slack.calls('apps.connections.open').length
  slack.sockets.cut()
  await slack.waitFor(isBack, 10_000, 'the client is back')
  await ada().globalShortcut('declare')
  expect(told).toHaveLength(1)
})

test('an address opens one connection, and an eleventh connection is sent away', async () => {
  const open = async () => String((await clientOf(slack, DEFAULT_APP_TOKEN).apps.connections.open({})).url)
  const first = (url: string) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(url)
      socket.on('message', (data) => resolve(String(data)))
      socket.on('error', (error) => resolve(error.message))
    })
  const url = await open()
  expect(JSON.parse(await first(url))).toMatchObject({ type: 'hello', connection_info: { app_id: 'A0FAKE0001' } })
  expect(await first(url)).toMatch(/401/)
  for (let count = 1; count < 10; count += 1) await first(await open())
  expect(JSON.parse(await first(await open()))).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' })
})

test('acknowledging what nobody sent, or answering what takes no answer, is remembered', async () => {
  await connect(() => ({ text: 'clicked' }))
  await ada().globalShortcut('declare')
  const url = await clientOf(slack, DEFAULT_APP_TOKEN).apps.connections.open({})
  const stray = new WebSocket(String(url.url))
  stray.on('open', () => stray.send('{"envelope_id":"invented"}'))
  await slack.waitFor((it) => it.sockets.problems.length === 2, 2_000, 'both problems are known')
  expect(slack.sockets.problems).toMatchObject(
    [/takes no answer/, /nothing that is waiting/].map((text) => expect.stringMatching(text)),
  )
})
