import type { ChatPostMessageArguments, WebClient } from '@slack/web-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf, rejectedAnswer } from './client-of.ts'
import { DEFAULT_CHANNEL, type FakeSlack, startFakeSlack } from './fake-slack.ts'

const channels = [
  { id: DEFAULT_CHANNEL, name: 'alerts' },
  { id: 'CARCHIVED', isArchived: true },
  { id: 'CELSEWHERE', name: 'elsewhere', isMember: false },
  { id: 'GSECRET', isPrivate: true, isMember: false },
  { id: 'GPRIVATE', isPrivate: true },
]
const tokens = [
  { token: 'xoxb-fake-token' },
  { token: 'xoxb-reader', scopes: ['channels:read'] },
  { token: 'xoxb-public', scopes: ['chat:write', 'chat:write.public'] },
  { token: 'xoxb-revoked', state: 'token_revoked' },
  { token: 'xoxp-person', kind: 'user' },
] as const

let slack: FakeSlack
let client: WebClient

beforeAll(async () => {
  slack = await startFakeSlack({ limits: 'off', channels, tokens })
  client = clientOf(slack)
})
afterAll(() => slack.close())

// Malformed on purpose, hence not what the client's types allow.
const post = (args: object) =>
  rejectedAnswer(client.chat.postMessage({ channel: DEFAULT_CHANNEL, ...args } as unknown as ChatPostMessageArguments))
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } })
const long = (length: number) => 'x'.repeat(length)

test('no token, an unknown token and a revoked token are told apart', async () => {
  const errors = await Promise.all([
    rejectedAnswer(clientOf(slack, '').auth.test()),
    rejectedAnswer(clientOf(slack, 'xoxb-somebody').auth.test()),
    rejectedAnswer(clientOf(slack, 'xoxb-revoked').auth.test()),
  ])
  expect(errors.map(({ error }) => error)).toEqual(['not_authed', 'invalid_auth', 'token_revoked'])
  expect(await client.auth.test()).toMatchObject({ ok: true, bot_id: 'B0FAKE0001' })
})

test('a missing scope names what is needed and what was provided', async () => {
  const answer = await rejectedAnswer(
    clientOf(slack, 'xoxb-reader').chat.postMessage({ channel: DEFAULT_CHANNEL, text: 'x' }),
  )
  expect(answer).toMatchObject({ error: 'missing_scope', needed: 'chat:write', provided: 'channels:read' })
  const persona = await post({ text: 'x', username: 'Somebody' })
  expect(persona).toMatchObject({ error: 'missing_scope', needed: 'chat:write.customize' })
})

const places: readonly [channel: string, error: string, why: string][] = [
  ['CNOWHERE', 'channel_not_found', 'there is no such channel'],
  ['CARCHIVED', 'is_archived', 'nothing can be said in an archive'],
  ['CELSEWHERE', 'not_in_channel', 'the bot was not invited'],
  ['GSECRET', 'channel_not_found', 'a private channel does not exist for those outside'],
]
for (const [channel, error, why] of places) {
  test(`posting to ${channel} → ${error} (${why})`, async () => {
    expect(await post({ channel, text: 'x' })).toMatchObject({ error })
  })
}

test('with chat:write.public a bot may post to a public channel that it is not in, by name too', async () => {
  const answer = await clientOf(slack, 'xoxb-public').chat.postMessage({ channel: '#elsewhere', text: 'x' })
  expect(answer).toMatchObject({ ok: true, channel: 'CELSEWHERE' })
})

const contents: readonly [name: string, args: object, error: string][] = [
  ['nothing to say', {}, 'no_text'],
  ['only blanks', { text: '  \n' }, 'no_text'],
  ['an empty list of blocks', { blocks: [] }, 'no_text'],
  ['an attachment with nothing but a colour', { attachments: [{ color: '#E01E5A' }] }, 'no_text'],
  ['blocks that are not JSON', { blocks: '[{' }, 'invalid_blocks_format'],
  ['blocks that are no list', { blocks: { type: 'divider' } }, 'invalid_blocks_format'],
  ['attachments that are not JSON', { attachments: '{' }, 'invalid_attachments'],
  ['text over 40,000 characters', { text: long(40_001) }, 'msg_too_long'],
  ['101 attachments', { attachments: Array(101).fill({ text: 'x' }) }, 'too_many_attachments'],
  ['an unknown attachment key', { attachments: [{ text: 'x', colour: 'red' }] }, 'invalid_attachments'],
  ['bad blocks inside an attachment', { attachments: [{ blocks: [section(long(3001))] }] }, 'invalid_attachments'],
  [
    'blocks that are too much together',
    { text: 'x', blocks: Array(5).fill(section(long(2_700))) },
    'msg_blocks_too_long',
  ],
  [
    'many small blocks, whose containers count too',
    { text: 'x', blocks: Array(40).fill(section(long(250))) },
    'msg_blocks_too_long',
  ],
  ['markdown beside text', { text: 'x', markdown_text: '**x**' }, 'markdown_text_conflict'],
  ['metadata that is not JSON', { text: 'x', metadata: '{' }, 'invalid_metadata_format'],
  ['metadata without a payload', { text: 'x', metadata: { event_type: 'a' } }, 'invalid_metadata_format'],
  [
    'metadata with null inside',
    { text: 'x', metadata: { event_type: 'a', event_payload: { b: null } } },
    'invalid_metadata_schema',
  ],
  [
    'metadata that is huge',
    { text: 'x', metadata: { event_type: 'a', event_payload: { b: long(9_000) } } },
    'metadata_too_large',
  ],
  ['a thread_ts that is none', { text: 'x', thread_ts: 'yesterday' }, 'invalid_arguments'],
]
for (const [name, args, error] of contents) {
  test(`${name} → ${error}`, async () => {
    const before = slack.messages().length
    expect(await post(args)).toMatchObject({ ok: false, error })
    expect(slack.messages()).toHaveLength(before)
  })
}

test('invalid blocks are explained with pointers, as Slack does', async () => {
  const answer = await post({ text: 'x', blocks: [section('fine'), section(long(3001))] })
  expect(answer).toMatchObject({
    error: 'invalid_blocks',
    errors: ['must be less than 3001 characters [json-pointer:/blocks/1/text/text]'],
    response_metadata: { messages: ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]'] },
  })
})

test('required arguments are named when they are missing', async () => {
  expect(await post({ channel: '', text: 'x' })).toMatchObject({
    error: 'invalid_arguments',
    response_metadata: { messages: ['[ERROR] missing required field: channel'] },
  })
})

test('metadata comes from apps only, not from people', async () => {
  const metadata = { event_type: 'incident', event_payload: { incident_id: '1' } }
  const call = clientOf(slack, 'xoxp-person').chat.postMessage({ channel: DEFAULT_CHANNEL, text: 'x', metadata })
  expect(await rejectedAnswer(call)).toMatchObject({ error: 'metadata_must_be_sent_from_app' })
})

test('a method that Slack does not have, and arguments that a method does not know', async () => {
  expect(await rejectedAnswer(client.apiCall('chat.shout'))).toMatchObject({
    error: 'unknown_method',
    req_method: 'chat.shout',
  })
  await client.apiCall('chat.postMessage', { channel: DEFAULT_CHANNEL, text: 'x', unfurl_link: false })
  expect(slack.calls().at(-1)?.unknownArguments).toEqual(['unfurl_link'])
})

const bodies: readonly [type: string, body: string, error: string][] = [
  ['application/json', '{"text":', 'invalid_json'],
  ['application/json', '[]', 'json_not_object'],
  ['application/xml', '<a/>', 'invalid_post_type'],
]
for (const [type, body, error] of bodies) {
  test(`a body ${body} of type ${type} → ${error}`, async () => {
    const headers = { 'content-type': type, authorization: 'Bearer xoxb-fake-token' }
    const response = await fetch(`${slack.apiUrl}chat.postMessage`, { method: 'POST', headers, body })
    expect(await response.json()).toEqual({ ok: false, error })
  })
}

test('a JSON body works as well as a form, but not with the token inside', async () => {
  const body = JSON.stringify({ channel: DEFAULT_CHANNEL, text: 'x', token: 'xoxb-fake-token', blocks: null })
  const send = async (headers: Record<string, string>) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }
    return await (await fetch(`${slack.apiUrl}chat.postMessage`, init)).json()
  }
  expect(await send({})).toEqual({ ok: false, error: 'not_authed' })
  expect(await send({ authorization: 'Bearer xoxb-fake-token' })).toMatchObject({ ok: true })
})
