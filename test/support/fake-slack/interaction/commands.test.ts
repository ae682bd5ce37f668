import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEFAULT_CHANNEL as channel, type FakeSlack, startFakeSlack, DEFAULT_USER as user } from '../fake-slack.ts'
import { ReceivingApp } from './receiving-app.ts'

let slack: FakeSlack
let app: ReceivingApp
const clock = { ms: Date.now() }

beforeEach(async () => {
  app = new ReceivingApp()
  await app.listen()
  const channels = [
    { id: channel, name: 'alerts' },
    { id: 'GSECRET', isPrivate: true },
  ]
  slack = await startFakeSlack({ limits: 'off', ackTimeoutMs: 800, channels, now: () => clock.ms })
  slack.useRequestUrls(app.url)
})
afterEach(async () => {
  await slack.close()
  await app.close()
})

const type = (text: string, where: string = channel) => slack.person(user).command('/nunchi', text, where)
const respond = async (body: object) => {
  const url = String(app.last.payload['response_url'])
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(url, init)
  return [response.status, await response.json()]
}

test('a slash command arrives as a form with everything about who typed it where', async () => {
  expect(await type('ack INC-1')).not.toHaveProperty('error')
  expect(app.last.isGenuine).toBe(true)
  expect(app.last.payload).toMatchObject({
    command: '/nunchi',
    text: 'ack INC-1',
    team_id: 'T0FAKE0001',
    channel_id: channel,
    channel_name: 'alerts',
    user_id: user,
    user_name: 'ada',
    api_app_id: 'A0FAKE0001',
    is_enterprise_install: 'false',
    response_url: expect.stringContaining('/commands/'),
    trigger_id: expect.stringMatching(/^\d+\.\d+\.\w+$/),
  })
  await type('list', 'GSECRET')
  expect(app.last.payload).toMatchObject({ channel_name: 'privategroup' })
})

test('what the app answers is shown to the person, or with in_channel to all', async () => {
  app.answer = () => ({ body: { response_type: 'ephemeral', text: 'two incidents' } })
  expect((await type('list')).shown).toEqual({ text: 'two incidents' })
  expect(slack.ephemerals(user)).toMatchObject([{ by: 'command', content: { text: 'two incidents' } }])
  app.answer = () => ({ body: { response_type: 'in_channel', text: 'declared' } })
  await type('declare x')
  expect(slack.messages().map((message) => message.content.text)).toEqual(['declared'])
  app.answer = () => ({ body: 'plain words' })
  expect((await type('help')).shown).toEqual({ text: 'plain words' })
})

const mistakes: readonly [name: string, answer: object, error: RegExp][] = [
  ['a status of 201', { status: 201 }, /status 201/],
  ['a status of 500', { status: 500 }, /http_service_error/],
  ['an answer after three seconds', { afterMs: 1_200 }, /operation_timeout/],
  [
    'a body that only claims to be JSON',
    { body: '{', headers: { 'content-type': 'application/json' } },
    /invalid JSON/,
  ],
  ['blocks that Slack does not know', { body: { blocks: [{ type: 'banner' }] } }, /invalid_blocks/],
  ['nothing to show', { body: { response_type: 'ephemeral' } }, /no_text/],
]
for (const [name, answer, error] of mistakes) {
  test(`${name} is shown to the person as an error`, async () => {
    app.answer = () => answer
    expect((await type('list')).error).toMatch(error)
    expect(slack.personErrors).toMatchObject([{ userId: user, kind: 'command', reason: expect.stringMatching(error) }])
    expect(slack.ephemerals()).toEqual([])
  })
}

test('a response_url answers later, five times at most', async () => {
  await type('list')
  for (let time = 0; time < 5; time += 1) expect(await respond({ text: `answer ${time}` })).toEqual([200, { ok: true }])
  expect(await respond({ text: 'once more' })).toEqual([404, { ok: false, error: 'used_url' }])
  expect(slack.ephemerals(user).map((message) => message.content.text)).toHaveLength(5)
  expect(slack.calls('response_url')).toHaveLength(6)
})

test('a response_url lives for thirty minutes', async () => {
  await type('list')
  clock.ms += 30 * 60_000
  expect((await respond({ text: 'x', response_type: 'in_channel' }))[0]).toBe(200)
  expect(slack.messages()).toHaveLength(1)
  clock.ms += 1
  expect(await respond({ text: 'x' })).toEqual([404, { ok: false, error: 'expired_url' }])
})

test('bad content is refused at a response_url as well', async () => {
  await type('list')
  expect(await respond({ blocks: [{ type: 'banner' }] })).toEqual([400, { ok: false, error: 'invalid_blocks' }])
})

test('what was clicked is replaced or deleted through its response_url', async () => {
  const elements = [{ type: 'button', action_id: 'a', text: { type: 'plain_text', text: 'x' } }]
  const content = { text: 'choose', blocks: [{ type: 'actions', elements }] }
  const shown = slack.workspace.ephemerals.show({ channel, userId: user, content, by: 'chat.postEphemeral' })
  await slack.person(user).click({ channel, ts: shown.ts, actionId: 'a' })
  await respond({ replace_original: true, text: 'chosen', blocks: [] })
  expect(shown).toMatchObject({ content: { text: 'chosen' }, edits: [{ content: { text: 'choose' } }] })
  await respond({ delete_original: true })
  expect(shown.deletedAt).toBeDefined()
})
