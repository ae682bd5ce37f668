import type { WebClient } from '@slack/web-api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientOf, rejectedAnswer } from './client-of.ts'
import { DEFAULT_CHANNEL as channel, DEFAULT_APP_TOKEN, type FakeSlack, startFakeSlack } from './fake-slack.ts'

let slack: FakeSlack
let client: WebClient

beforeEach(async () => {
  slack = await startFakeSlack({
    limits: 'off',
    users: [
      { id: 'UADA', name: 'ada.l', realName: 'Ada L', email: 'ada@example.com' },
      { id: 'UGUEST', kind: 'guest', email: 'guest@example.com', channels: [channel] },
      { id: 'UONE', kind: 'single-channel-guest', channels: [channel] },
      { id: 'UOTHER', kind: 'stranger', email: 'other@example.org', channels: [channel] },
      { id: 'ULEFT', kind: 'deleted', email: 'left@example.com' },
      { id: 'UBOT', kind: 'bot' },
    ],
  })
  client = clientOf(slack)
})
afterEach(() => slack.close())

const look = async (id: string) => (await client.users.info({ user: id })).user

test('everybody is shown as what they are', async () => {
  const ada = { name: 'ada.l', real_name: 'Ada L', team_id: 'T0FAKE0001', deleted: false, is_bot: false }
  expect(await look('UADA')).toMatchObject({ ...ada, is_restricted: false, profile: { email: 'ada@example.com' } })
  expect(await look('UGUEST')).toMatchObject({ is_restricted: true, is_ultra_restricted: false })
  expect(await look('UONE')).toMatchObject({ is_restricted: true, is_ultra_restricted: true })
  expect(await look('UOTHER')).toMatchObject({ is_stranger: true, team_id: 'T0STRANGER' })
  expect(await look('ULEFT')).toMatchObject({ deleted: true })
  expect(await look('UBOT')).toMatchObject({ is_bot: true })
  expect(await rejectedAnswer(client.users.info({ user: 'UNOBODY' }))).toMatchObject({ error: 'user_not_found' })
})

test("an e-mail address needs a scope of its own, and a stranger's is never shown", async () => {
  expect((await look('UOTHER'))?.profile).not.toHaveProperty('email')
  slack.token().scopes = ['users:read']
  expect((await look('UADA'))?.profile).not.toHaveProperty('email')
  const lookup = client.users.lookupByEmail({ email: 'ada@example.com' })
  expect(await rejectedAnswer(lookup)).toMatchObject({ error: 'missing_scope', needed: 'users:read.email' })
})

test('by e-mail Slack finds only those who belong to the workspace and are still there', async () => {
  expect(await client.users.lookupByEmail({ email: 'Ada@Example.com' })).toMatchObject({ user: { id: 'UADA' } })
  for (const email of ['other@example.org', 'left@example.com', 'nobody@example.com']) {
    expect(await rejectedAnswer(client.users.lookupByEmail({ email }))).toMatchObject({ error: 'users_not_found' })
  }
})

test('a single-channel guest has exactly one channel', () => {
  expect(() => slack.addUser({ id: 'UX', kind: 'single-channel-guest' })).toThrow(/exactly one channel/)
})

test('the members of a channel come in pages, the bot among them', async () => {
  const first = await client.conversations.members({ channel, limit: 4 })
  expect(first.members).toEqual(['U0FAKEBOT1', 'U0FAKEUSER', 'UADA', 'UGUEST'])
  const cursor = first.response_metadata?.next_cursor ?? ''
  expect((await client.conversations.members({ channel, cursor })).members).toEqual(['UONE', 'UOTHER'])
  expect(await client.conversations.info({ channel, include_num_members: true })).toMatchObject({
    channel: { num_members: 6, is_ext_shared: true },
  })
})

test('joining needs its scope and an open public channel', async () => {
  slack.kick(channel)
  const join = () => client.conversations.join({ channel })
  expect(await rejectedAnswer(join())).toMatchObject({ needed: 'channels:join' })
  slack.token().scopes = [...slack.token().scopes, 'channels:join']
  expect(await join()).toMatchObject({ channel: { is_member: true } })
  expect(await join()).toMatchObject({ warning: 'already_in_channel' })
  slack.archive(channel)
  expect(await rejectedAnswer(join())).toMatchObject({ error: 'is_archived' })
})

test('every answer names the scopes of the token', async () => {
  slack.token().scopes = ['chat:write', 'users:read']
  const headers = { authorization: 'Bearer xoxb-fake-token' }
  const response = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST', headers })
  expect(response.headers.get('x-oauth-scopes')).toBe('chat:write,users:read')
  expect((await client.auth.test()).response_metadata?.scopes).toEqual(['chat:write', 'users:read'])
})

test('an app-level token opens connections and nothing else; other tokens open none', async () => {
  const app = clientOf(slack, DEFAULT_APP_TOKEN)
  expect(await rejectedAnswer(app.auth.test())).toMatchObject({ error: 'not_allowed_token_type' })
  expect(await rejectedAnswer(client.apps.connections.open({}))).toMatchObject({ error: 'not_allowed_token_type' })
  slack.token(DEFAULT_APP_TOKEN).scopes = []
  expect(await rejectedAnswer(app.apps.connections.open({}))).toMatchObject({ needed: 'connections:write' })
})
