import type { WebClient } from '@slack/web-api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientOf, rejectedAnswer } from './client-of.ts'
import { DEFAULT_CHANNEL as channel, type FakeSlack, startFakeSlack } from './fake-slack.ts'

let slack: FakeSlack
let client: WebClient

beforeEach(async () => {
  slack = await startFakeSlack({ limits: 'off' })
  client = clientOf(slack)
})
afterEach(() => slack.close())

const incident = (id: string) => ({
  event_type: 'incident',
  event_payload: { incident_id: id, delivery_id: `d-${id}` },
})
const postText = async (text: string, more: object = {}) => {
  const answer = await client.chat.postMessage({ channel, text, ...more })
  return { ts: answer.ts ?? '', threadTs: answer.message?.thread_ts }
}

test('replies stand below their root and the answer says so', async () => {
  const root = await postText('root')
  const reply = await postText('reply', { thread_ts: root.ts })
  expect(reply.threadTs).toBe(root.ts)
  expect(slack.roots(channel).map((message) => message.ts)).toEqual([root.ts])
  expect(slack.replies(channel, root.ts).map((message) => message.content.text)).toEqual(['reply'])
})

test('timestamps are unique and increase, even when the clock stands still', async () => {
  await using still = await startFakeSlack({ limits: 'off', now: () => 1_700_000_000_000 })
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => clientOf(still).chat.postMessage({ channel, text: 'x' })),
  )
  const all = answers.map((answer) => answer.ts ?? '')
  expect(new Set(all).size).toBe(50)
  expect(all[0]).toMatch(/^1700000000\.\d{6}$/)
})

test('a reply to a root that is gone becomes a root, in silence: the answer lacks thread_ts', async () => {
  const root = await postText('root')
  slack.deleteMessage(channel, root.ts)
  const orphan = await postText('orphan', { thread_ts: root.ts })
  const stray = await postText('stray', { thread_ts: '1111111111.000001' })
  expect([orphan.threadTs, stray.threadTs]).toEqual([undefined, undefined])
  expect(slack.roots(channel)).toHaveLength(2)
})

test('nobody replies to a reply', async () => {
  const root = await postText('root')
  const reply = await postText('reply', { thread_ts: root.ts })
  const call = client.chat.postMessage({ channel, text: 'x', thread_ts: reply.ts })
  expect(await rejectedAnswer(call)).toMatchObject({ error: 'cannot_reply_to_message' })
})

test('an update keeps what it does not mention, and earlier versions are remembered', async () => {
  const { ts } = await postText('first', { metadata: incident('1'), attachments: [{ text: 'kept' }] })
  await client.chat.update({ channel, ts, text: 'second' })
  const [message] = slack.messages(channel)
  expect(message?.content).toMatchObject({ text: 'second', attachments: [{ text: 'kept' }], metadata: incident('1') })
  expect(message?.edits.map((edit) => edit.content.text)).toEqual(['first'])
})

const updates: readonly [name: string, error: string, prepare: (ts: string) => unknown, text: string][] = [
  ['a message that is gone', 'message_not_found', (ts) => slack.deleteMessage(channel, ts), 'x'],
  ['a message in an archive', 'is_inactive', () => slack.archive(channel), 'x'],
  ['a message after the bot was removed', 'cant_update_message', () => slack.kick(channel), 'x'],
  ['more than 4,000 bytes of text', 'msg_too_long', () => undefined, '가'.repeat(1334)],
]
for (const [name, error, prepare, text] of updates) {
  test(`updating ${name} → ${error}`, async () => {
    const { ts } = await postText('x')
    prepare(ts)
    expect(await rejectedAnswer(client.chat.update({ channel, ts, text }))).toMatchObject({ error })
  })
}

test("nobody edits somebody else's message", async () => {
  const { ts } = slack.say(channel, 'hello')
  expect(await rejectedAnswer(client.chat.update({ channel, ts, text: 'x' }))).toMatchObject({
    error: 'cant_update_message',
  })
})

test('roots that tell of the same incident are duplicates, until one of them is deleted', async () => {
  await postText('a', { metadata: incident('1') })
  const again = await postText('a', { metadata: incident('1') })
  await postText('b', { metadata: incident('2') })
  await postText('reply', { metadata: incident('1'), thread_ts: again.ts })
  expect(slack.duplicateRoots()).toMatchObject([{ channel, key: 'incident_id', value: '1', roots: [{}, {}] }])
  slack.deleteMessage(channel, again.ts)
  expect(slack.duplicateRoots()).toEqual([])
})

test('history shows roots, newest first, in pages, with metadata only when asked for', async () => {
  const root = await postText('one', { metadata: incident('1') })
  await postText('reply', { thread_ts: root.ts })
  for (const text of ['two', 'three', 'four']) await postText(text)
  const first = await client.conversations.history({ channel, limit: 2 })
  expect(first.messages?.map((message) => message.text)).toEqual(['four', 'three'])
  expect(first).toMatchObject({ has_more: true })
  const cursor = first.response_metadata?.next_cursor ?? ''
  const second = await client.conversations.history({ channel, limit: 2, cursor, include_all_metadata: true })
  expect(second.messages?.map((message) => message.text)).toEqual(['two', 'one'])
  expect(second).toMatchObject({ has_more: false, messages: [{}, { metadata: incident('1'), reply_count: 1 }] })
  expect((await client.conversations.history({ channel })).messages?.at(-1)?.metadata).toBeUndefined()
})

test('oldest and latest leave out their own bounds unless inclusive', async () => {
  const [a, b, c] = [await postText('a'), await postText('b'), await postText('c')]
  const texts = async (more: object) =>
    (await client.conversations.history({ channel, oldest: a.ts, latest: c.ts, ...more })).messages?.map((m) => m.text)
  expect(await texts({})).toEqual(['b'])
  expect(await texts({ inclusive: true })).toEqual(['c', 'b', 'a'])
  expect(b.ts > a.ts).toBe(true)
})

test('replies lists the root first; a thread that is not there is thread_not_found', async () => {
  const root = await postText('root')
  await postText('one', { thread_ts: root.ts })
  const answer = await client.conversations.replies({ channel, ts: root.ts })
  expect(answer.messages?.map((message) => message.text)).toEqual(['root', 'one'])
  expect(await rejectedAnswer(client.conversations.replies({ channel, ts: '1.000000' }))).toMatchObject({
    error: 'thread_not_found',
  })
})

test('looking into channels needs membership and the right scope', async () => {
  slack.kick(channel)
  expect(await client.conversations.info({ channel })).toMatchObject({
    channel: { is_member: false, is_archived: false },
  })
  expect(await rejectedAnswer(client.conversations.history({ channel }))).toMatchObject({ error: 'not_in_channel' })
  slack.token().scopes = ['chat:write']
  expect(await rejectedAnswer(client.conversations.history({ channel }))).toMatchObject({ needed: 'channels:history' })
})

test('bad paging is refused', async () => {
  const refused = async (args: object) =>
    (await rejectedAnswer(client.conversations.history({ channel, ...args }))).error
  expect(await refused({ limit: 1000 })).toBe('invalid_limit')
  expect(await refused({ cursor: 'nonsense' })).toBe('invalid_cursor')
  expect(await refused({ oldest: 'monday' })).toBe('invalid_ts_oldest')
})
