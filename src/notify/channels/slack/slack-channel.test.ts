import { createServer } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  DEFAULT_CHANNEL,
  DEFAULT_TOKEN,
  type FakeSlack,
  startFakeSlack,
} from '../../../../test/support/fake-slack/fake-slack.ts'
import type { Fault } from '../../../../test/support/fake-slack/faults.ts'
import { freePort } from '../../../../test/support/free-port.ts'
import type { Channel, IncidentMessage, SendOutcome } from '../../channel.ts'
import { sampleMessage, sampleResolution } from '../sample-incident-message.ts'
import type { RenderedMessage } from './rendered-message.ts'
import { createSlackChannel, type DegradeNotice, type SlackDeps } from './slack-channel.ts'
import { slackSettingsSchema } from './slack-settings.ts'
import { threaderTemplate } from './templates/threader-template.ts'

const channels = [
  { id: DEFAULT_CHANNEL, name: 'alerts' },
  { id: 'CARCHIVED', isArchived: true },
  { id: 'CELSEWHERE', isMember: false },
]
const tokens = [
  { token: DEFAULT_TOKEN },
  { token: 'xoxb-reader', scopes: ['channels:read'] },
  { token: 'xoxb-revoked', state: 'token_revoked' },
  { token: 'xoxb-inactive', state: 'account_inactive' },
  { token: 'xoxb-expired', state: 'token_expired' },
] as const

let slack: FakeSlack

beforeAll(async () => {
  slack = await startFakeSlack({ limits: 'off', channels, tokens })
})
afterAll(() => slack.close())
beforeEach(() => {
  slack.clearFaults()
  slack.forgetCalls()
})

function channelWith(settings: Readonly<Record<string, unknown>> = {}, deps: SlackDeps = {}): Channel {
  const usual = { botToken: DEFAULT_TOKEN, channel: DEFAULT_CHANNEL, apiUrl: slack.apiUrl, timeoutMs: 2_000 }
  return createSlackChannel(slackSettingsSchema.parse({ ...usual, ...settings }), deps)
}

const signal = new AbortController().signal
const send = (message: IncidentMessage, channel: Channel = channelWith()): Promise<SendOutcome> =>
  channel.send(message, signal)

async function sendDuring(fault: Fault, channel?: Channel): Promise<SendOutcome> {
  slack.addFault({ method: 'chat.postMessage', fault, times: 1 })
  return await send(sampleMessage(), channel)
}

test('a firing and its resolution are one thread, with metadata that programs can find them by', async () => {
  const root = await send(sampleMessage())
  if (root.kind !== 'delivered') throw new Error(JSON.stringify(root))
  expect(root).toEqual({ kind: 'delivered', id: root.id, threadId: null, place: DEFAULT_CHANNEL })
  const reply = await send(sampleResolution({ message: { thread: { id: root.id, place: root.place } } }))
  expect(reply).toMatchObject({ kind: 'delivered', threadId: root.id, place: DEFAULT_CHANNEL })
  expect(slack.replies(DEFAULT_CHANNEL, root.id)).toHaveLength(1)
  const [call] = slack.calls('chat.postMessage')
  expect(call?.unknownArguments).toEqual([])
  expect(call?.args).not.toHaveProperty('link_names')
  expect(call?.args).toMatchObject({
    unfurl_links: 'false',
    unfurl_media: 'false',
    metadata: { event_type: 'nunchi_incident', event_payload: { delivery_id: '01DELIVERY', purpose: 'firing' } },
  })
})

test('a reply whose root is gone is delivered outside of any thread, and says so', async () => {
  const root = await send(sampleMessage())
  if (root.kind !== 'delivered') throw new Error(JSON.stringify(root))
  slack.deleteMessage(DEFAULT_CHANNEL, root.id)
  expect(await send(sampleResolution({ message: { thread: { id: root.id, place: root.place } } }))).toMatchObject({
    kind: 'delivered',
    threadId: null,
  })
})

test('a reply goes to where its root is, also after the channel was changed in the configuration', async () => {
  slack.workspace.addChannel({ id: 'COLD' })
  const root = await send(sampleMessage(), channelWith({ channel: 'COLD' }))
  if (root.kind !== 'delivered') throw new Error(JSON.stringify(root))
  await send(sampleResolution({ message: { thread: { id: root.id, place: root.place } } }))
  expect(slack.replies('COLD', root.id)).toHaveLength(1)
})

test('the pace is one message a second and four at once unless the settings say otherwise', () => {
  expect(channelWith().pace).toEqual({ perSecond: 1, burst: 4 })
  expect(channelWith({ postsPerSecond: 20, burst: 10 }).pace).toEqual({ perSecond: 20, burst: 10 })
})

const waits: readonly [retryAfter: number | string | undefined, afterMs: number, why: string][] = [
  [1, 1_000, 'as asked'],
  [30, 30_000, 'as asked'],
  [0, 1_000, 'at least a second'],
  [-5, 1_000, 'time does not run backwards'],
  [86_400, 300_000, 'at most five minutes, so that nothing is forgotten'],
  [undefined, 10_000, 'a proxy left it out'],
  ['soon', 10_000, 'a word is no number'],
  ['Wed, 21 Oct 2026 07:28:00 GMT', 10_000, 'Slack never sends a date'],
]
for (const [retryAfter, afterMs, why] of waits) {
  test(`429 with Retry-After ${retryAfter} waits ${afterMs} ms (${why})`, async () => {
    const outcome = await sendDuring({ kind: 'rate-limited', ...(retryAfter === undefined ? {} : { retryAfter }) })
    expect(outcome).toMatchObject({ kind: 'retry', reason: 'rate-limited', afterMs, pause: 'channel' })
  })
}

const refusals: readonly [error: string, expected: Readonly<Record<string, unknown>>, why: string][] = [
  ['ratelimited', { kind: 'retry', reason: 'rate-limited', pause: 'channel' }, 'a limit told in the body'],
  ['rate_limited', { kind: 'retry', reason: 'rate-limited', pause: 'channel' }, 'the other spelling'],
  [
    'message_limit_exceeded',
    { kind: 'retry', reason: 'rate-limited', pause: 'account', afterMs: 60_000 },
    'a limit of the whole workspace',
  ],
  ['internal_error', { kind: 'ambiguous' }, 'some of it may have been done'],
  ['fatal_error', { kind: 'ambiguous' }, 'some of it may have been done'],
  ['service_unavailable', { kind: 'ambiguous' }, 'as HTTP 503'],
  [
    'request_timeout',
    { kind: 'retry', reason: 'timeout', pause: 'message' },
    'the request was cut off before Slack had it whole',
  ],
  ['team_added_to_org', { kind: 'retry', reason: 'server-error', pause: 'account' }, 'a migration passes'],
  ['ekm_access_denied', { kind: 'rejected', reason: 'missing-permission' }, 'administrators suspended posting'],
  ['restricted_action', { kind: 'rejected', reason: 'missing-permission' }, 'a setting of the workspace'],
  [
    'restricted_action_read_only_channel',
    { kind: 'rejected', reason: 'missing-permission' },
    'a setting of the channel',
  ],
  ['not_allowed_token_type', { kind: 'rejected', reason: 'bad-credentials' }, 'another token is needed'],
  ['something_new', { kind: 'rejected', reason: 'unknown-refusal' }, 'Slack answered, so repeating it does not help'],
  ['toString', { kind: 'rejected', reason: 'unknown-refusal' }, 'the table has no inherited rows'],
]
for (const [error, expected, why] of refusals) {
  test(`${error} → ${JSON.stringify(expected)} (${why})`, async () => {
    expect(await sendDuring({ kind: 'error', error })).toMatchObject(expected)
  })
}

const repairs: readonly [settings: Readonly<Record<string, string>>, reason: string, words: RegExp][] = [
  [{ channel: 'CNOWHERE' }, 'no-such-channel', /CNOWHERE.*\/invite @Nunchi/],
  [{ channel: 'CARCHIVED' }, 'channel-archived', /CARCHIVED is archived\. Unarchive it/],
  [{ channel: 'CELSEWHERE' }, 'not-a-member', /not in channel CELSEWHERE\. Invite it there: \/invite @Nunchi/],
  [
    { botToken: 'xoxb-reader' },
    'missing-permission',
    /lacks the scope chat:write\. Add it under "OAuth & Permissions"/,
  ],
  [{ botToken: 'xoxb-unknown' }, 'bad-credentials', /does not accept the bot token/],
  [{ botToken: 'xoxb-revoked' }, 'bad-credentials', /was revoked\. Install the app again/],
  [{ botToken: 'xoxb-inactive' }, 'bad-credentials', /was deleted/],
  [{ botToken: 'xoxb-expired' }, 'bad-credentials', /has expired/],
]
for (const [settings, reason, words] of repairs) {
  test(`${JSON.stringify(settings)} needs a person, who is told what to do (${reason})`, async () => {
    const outcome = await send(sampleMessage(), channelWith(settings))
    expect(outcome).toMatchObject({ kind: 'rejected', reason, detail: expect.stringMatching(words) })
    expect(JSON.stringify(outcome)).not.toContain('xoxb-r')
  })
}

const threadErrors = [
  'message_not_found',
  'thread_not_found',
  'cant_update_message',
  'edit_window_closed',
  'cannot_reply_to_message',
  'is_inactive',
  'invalid_thread_ts',
]
for (const error of threadErrors) {
  test(`${error} for a reply means that the thread is gone`, async () => {
    slack.addFault({ fault: { kind: 'error', error }, times: 1 })
    expect(await send(sampleResolution())).toMatchObject({ kind: 'thread-gone' })
    expect(await sendDuring({ kind: 'error', error })).toMatchObject({ kind: 'rejected', reason: 'unknown-refusal' })
  })
}

test('a thread id that is none of Slack is gone without a call, since Slack would pass over it', async () => {
  expect(await send(sampleResolution({ message: { thread: { id: 'preview-1', place: null } } }))).toMatchObject({
    kind: 'thread-gone',
  })
  expect(slack.calls()).toEqual([])
})

test('a thread id that Slack cannot read is gone, not a reason to make the message poorer', async () => {
  expect(await send(sampleResolution({ message: { thread: { id: '1705329025.1', place: null } } }))).toMatchObject({
    kind: 'thread-gone',
  })
  expect(slack.calls('chat.postMessage')).toHaveLength(1)
})

const doubts: readonly [fault: Fault, words: RegExp, why: string][] = [
  [{ kind: 'status', status: 500 }, /HTTP 500/, 'the server failed at an unknown point'],
  [{ kind: 'status', status: 502 }, /HTTP 502/, 'a proxy lost the answer'],
  [{ kind: 'status', status: 503 }, /HTTP 503/, 'it may have been overloaded after the work'],
  [{ kind: 'status', status: 504 }, /HTTP 504/, 'a proxy did not wait for the answer'],
  [{ kind: 'html' }, /something other than its JSON/, 'a page says nothing about the message'],
  [{ kind: 'accept-then-drop' }, /broke before its answer/, 'the message is there, its answer is lost'],
  [{ kind: 'down' }, /broke before its answer/, 'the request was sent, so it may have been read'],
  [{ kind: 'hang', ms: 1_500, stores: 'first' }, /did not answer in time/, 'it was shown and never confirmed'],
  [{ kind: 'slow-body', ms: 5_000 }, /did not answer in time/, 'half an answer is none'],
]
for (const [fault, words, why] of doubts) {
  test(`${JSON.stringify(fault)} leaves it open whether the message is shown (${why})`, async () => {
    const outcome = await sendDuring(fault, channelWith({ timeoutMs: 500 }))
    expect(outcome).toMatchObject({ kind: 'ambiguous', detail: expect.stringMatching(words) })
  })
}

test('an answer that is no object or names no message leaves it open as well', async () => {
  for (const body of ['null', '"ok"', '[]', '{"ok":true}', '{"ok":false}']) {
    expect(await sendDuring({ kind: 'status', status: 200, body })).toMatchObject({ kind: 'ambiguous' })
  }
})

test('nobody listening, and no such host, are certain not to have shown it', async () => {
  const refused = await send(sampleMessage(), channelWith({ apiUrl: `http://127.0.0.1:${await freePort()}/api/` }))
  expect(refused).toMatchObject({
    kind: 'retry',
    reason: 'unreachable',
    detail: expect.stringContaining('ECONNREFUSED'),
  })
  const unknown = await send(sampleMessage(), channelWith({ apiUrl: 'https://slack.invalid/api/' }))
  expect(unknown).toMatchObject({ kind: 'retry', reason: 'unreachable' })
})

test('a wrong address is told as such: other statuses and redirects are not from Slack', async () => {
  expect(await sendDuring({ kind: 'status', status: 404 })).toMatchObject({
    kind: 'retry',
    reason: 'bad-answer',
    detail: expect.stringContaining('check the address'),
  })
  const elsewhere = createServer((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end())
  const port = await freePort()
  await new Promise<void>((resolve) => elsewhere.listen(port, '127.0.0.1', resolve))
  const outcome = await send(sampleMessage(), channelWith({ apiUrl: `http://127.0.0.1:${port}/` }))
  elsewhere.close()
  expect(outcome).toMatchObject({ kind: 'retry', reason: 'bad-answer', detail: expect.stringContaining('redirects') })
})

test('a signal stops the call: before it began certainly nothing was shown, later it is open', async () => {
  const stopped = await channelWith().send(sampleMessage(), AbortSignal.abort())
  expect(stopped).toMatchObject({ kind: 'retry', reason: 'timeout' })
  expect(slack.calls()).toEqual([])
  slack.addFault({ fault: { kind: 'hang', ms: 1_000 }, times: 1 })
  const startedAt = Date.now()
  const given = await channelWith().send(sampleMessage(), AbortSignal.timeout(100))
  expect(given.kind).toBe('ambiguous')
  expect(Date.now() - startedAt).toBeLessThan(900)
})

const broken: readonly [error: string, change: (rendered: RenderedMessage) => RenderedMessage][] = [
  // The colour is the one part of an attachment that is not clamped.
  ['invalid_attachments', (rendered) => ({ ...rendered, color: 'no colour' })],
]
for (const [error, change] of broken) {
  test(`a message that Slack really refuses as ${error} arrives in a poorer form within the same send`, async () => {
    const notices: DegradeNotice[] = []
    const template = threaderTemplate()
    const channel = channelWith(
      {},
      { template: (message) => change(template(message)), onDegrade: (notice) => notices.push(notice) },
    )
    expect(await send(sampleMessage(), channel)).toMatchObject({ kind: 'delivered' })
    expect(notices.map(({ rung }) => rung)).toEqual(['full', 'short'])
    const { text, metadata } = slack.messages().at(-1)?.content ?? {}
    expect(text).toMatch(/^🚨 Database Critical Failure\nSeverity: CRITICAL\n/)
    expect(metadata).toBeDefined()
  })
}

const degrading = [
  'invalid_blocks',
  'invalid_blocks_format',
  'invalid_attachments',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
  'invalid_arguments',
  'too_many_attachments',
]
for (const error of degrading) {
  test(`${error} is answered with a poorer form`, async () => {
    expect(await sendDuring({ kind: 'error', error })).toMatchObject({ kind: 'delivered' })
    const [full, short] = slack.calls('chat.postMessage')
    expect(JSON.stringify(short?.args).length).toBeLessThan(JSON.stringify(full?.args).length)
    expect(short?.args).toMatchObject({
      attachments: [{ color: '#E01E5A', blocks: [{ type: 'header' }, { type: 'section' }] }],
      metadata: {},
    })
  })
}

for (const error of ['invalid_metadata_format', 'invalid_metadata_schema', 'metadata_too_large']) {
  test(`${error} costs the metadata and nothing else`, async () => {
    expect(await sendDuring({ kind: 'error', error })).toMatchObject({ kind: 'delivered' })
    const [first, second] = slack.calls('chat.postMessage')
    const { metadata, ...rest } = first?.args ?? {}
    expect(metadata).toBeDefined()
    expect(second?.args).toEqual(rest)
  })
}

test('what is refused in every form is rejected after a handful of calls, never tried for ever', async () => {
  slack.addFault({ fault: { kind: 'error', error: 'invalid_blocks' } })
  expect(await send(sampleMessage())).toMatchObject({
    kind: 'rejected',
    reason: 'message-refused',
    detail: expect.stringContaining('invalid_blocks'),
  })
  expect(slack.calls('chat.postMessage')).toHaveLength(4)
})

test('a limit in the middle of the ladder is a limit', async () => {
  slack.addFault({ fault: { kind: 'error', error: 'invalid_blocks' }, times: 1 })
  slack.addFault({ fault: { kind: 'rate-limited', retryAfter: 7 }, times: 1 })
  expect(await send(sampleMessage())).toMatchObject({ kind: 'retry', afterMs: 7_000 })
})

test('labels of 5,000 characters and a hundred kilobytes of description are delivered in full form', async () => {
  const long = 'x&<'.repeat(2_000)
  const message = sampleMessage({
    incident: { title: long, service: long, cluster: long },
    alert: { labels: { alertname: long, instance: long }, annotations: { description: long.repeat(20) } },
  })
  expect(await send(message)).toMatchObject({ kind: 'delivered' })
  expect(slack.calls('chat.postMessage')).toHaveLength(1)
})
