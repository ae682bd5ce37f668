import type { WebClient } from '@slack/web-api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientOf, rejectedAnswer } from './client-of.ts'
import { DEFAULT_CHANNEL as channel, DEFAULT_USER, type FakeSlack, startFakeSlack } from './fake-slack.ts'

let slack: FakeSlack
let client: WebClient

beforeEach(async () => {
  slack = await startFakeSlack({ limits: 'off', channels: [{ id: channel }, { id: 'COTHER' }] })
  client = clientOf(slack)
})
afterEach(() => slack.close())

const metadata = (id: string) => ({ event_type: 'incident', event_payload: { incident_id: id } })
const divider = { type: 'divider' as const }
const post = async (more: object = {}) => (await client.chat.postMessage({ channel, text: 'x', ...more })).ts ?? ''
const errorOf = async (call: Promise<unknown>) => (await rejectedAnswer(call)).error

test('an ephemeral message is shown to one member of the channel and is in no history', async () => {
  const answer = await client.chat.postEphemeral({ channel, user: DEFAULT_USER, text: 'only you' })
  expect(answer.message_ts).toMatch(/^\d+\.\d{6}$/)
  expect(slack.ephemerals(DEFAULT_USER)).toMatchObject([{ channel, content: { text: 'only you' } }])
  expect((await client.conversations.history({ channel })).messages).toEqual([])
  expect(await errorOf(client.chat.update({ channel, ts: answer.message_ts ?? '', text: 'y' }))).toBe(
    'message_not_found',
  )
})

test('an ephemeral message needs a person in the channel, the bot in the channel, and something to say', async () => {
  const send = (more: object) => errorOf(client.chat.postEphemeral({ channel, user: DEFAULT_USER, text: 'x', ...more }))
  expect(await send({ user: 'UNOBODY' })).toBe('user_not_in_channel')
  expect(await send({ text: '' })).toBe('no_text')
  slack.kick(channel)
  expect(await send({})).toBe('not_in_channel')
  slack.archive(channel)
  expect(await send({})).toBe('is_archived')
})

test('an edit is refused once its window has closed, for a message or for the whole channel', async () => {
  const [a, b] = [await post(), await post()]
  slack.closeEditWindow(channel, a)
  const edit = (ts: string) => client.chat.update({ channel, ts, text: 'y' })
  expect(await errorOf(edit(a))).toBe('edit_window_closed')
  await edit(b)
  slack.closeEditWindow(channel)
  expect(await errorOf(edit(b))).toBe('edit_window_closed')
  expect(slack.editsOf(b)).toMatchObject([{ content: { text: 'x' } }])
})

test('an update keeps blocks, attachments and metadata; an empty list or object takes them away', async () => {
  const ts = await post({ blocks: [divider], attachments: [{ text: 'a' }], metadata: metadata('1') })
  await client.chat.update({ channel, ts, text: 'y' })
  expect(slack.messages()[0]?.content).toMatchObject({ text: 'y', blocks: [divider], attachments: [{ text: 'a' }] })
  await client.apiCall('chat.update', { channel, ts, text: 'z', blocks: [], attachments: [], metadata: {} })
  expect(slack.messages()[0]?.content).toEqual({ text: 'z' })
})

test('a bot deletes what it wrote itself and nothing else', async () => {
  const ts = await post()
  expect(await client.chat.delete({ channel, ts })).toMatchObject({ ok: true, ts })
  expect(await errorOf(client.chat.delete({ channel, ts }))).toBe('message_not_found')
  expect(await errorOf(client.chat.update({ channel, ts, text: 'y' }))).toBe('message_not_found')
  const { ts: foreign } = slack.say(channel, 'hello')
  expect(await errorOf(client.chat.delete({ channel, ts: foreign }))).toBe('cant_delete_message')
})

test('a permalink leads to a message, and to a reply in its thread', async () => {
  const root = await post()
  const reply = await post({ thread_ts: root })
  const link = async (ts: string) => (await client.chat.getPermalink({ channel, message_ts: ts })).permalink
  expect(await link(root)).toBe(`https://fake.slack.com/archives/${channel}/p${root.replace('.', '')}`)
  expect(await link(reply)).toContain(`?thread_ts=${root}&cid=${channel}`)
  expect(await errorOf(client.chat.getPermalink({ channel, message_ts: '1.000000' }))).toBe('message_not_found')
})

test('the calls of an incident are counted over its whole thread', async () => {
  const root = await post({ metadata: metadata('1') })
  await post({ thread_ts: root, text: 'acknowledged' })
  await client.chat.update({ channel, ts: root, text: 'y' })
  await client.conversations.replies({ channel, ts: root })
  await post({ metadata: metadata('2') })
  const refused = client.chat.postMessage({ channel: 'CNOWHERE', text: 'x', metadata: metadata('1') })
  expect(await errorOf(refused)).toBe('channel_not_found')
  const methods = slack.callsPerIncident('1').map((call) => call.method.split('.')[1])
  expect(methods).toEqual(['postMessage', 'postMessage', 'update', 'replies', 'postMessage'])
})

test('what Slack shows has a block_id on every block and an action_id on every button', async () => {
  const button = { type: 'button', text: { type: 'plain_text', text: 'Ack' } }
  await post({
    blocks: [
      { type: 'actions', elements: [button] },
      { ...divider, block_id: 'mine' },
    ],
  })
  const [message] = (await client.conversations.history({ channel })).messages ?? []
  expect(message?.blocks).toMatchObject([
    { block_id: expect.any(String), elements: [{ action_id: expect.any(String) }] },
    { block_id: 'mine' },
  ])
})
