import type { ChatPostMessageArguments, WebClient } from '@slack/web-api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientOf } from '../client-of.ts'
import { DEFAULT_CHANNEL as channel, type FakeSlack, startFakeSlack, DEFAULT_USER as user } from '../fake-slack.ts'
import { ReceivingApp } from './receiving-app.ts'

let slack: FakeSlack
let client: WebClient
let app: ReceivingApp

beforeEach(async () => {
  app = new ReceivingApp()
  await app.listen()
  slack = await startFakeSlack({ limits: 'off', ackTimeoutMs: 800, channels: [{ id: channel, name: 'alerts' }] })
  slack.useRequestUrls({ interactions: `${app.url}/i`, commands: `${app.url}/c`, events: `${app.url}/e` })
  client = clientOf(slack)
})
afterEach(async () => {
  await slack.close()
  await app.close()
})

const plain = (text: string) => ({ type: 'plain_text' as const, text })
const button = (value: string, more: object = {}) => ({
  type: 'button',
  action_id: 'ack',
  text: plain('Ack'),
  value,
  ...more,
})
const actions = (...elements: object[]) => ({ type: 'actions', block_id: 'row', elements })
const post = async (...blocks: object[]) => {
  const message = { channel, text: 'x', blocks } as unknown as ChatPostMessageArguments
  return (await client.chat.postMessage(message)).ts ?? ''
}
const ada = () => slack.person(user)

test('a click arrives as Slack sends it: a signed form with the whole story inside', async () => {
  const ts = await post(actions(button('incident-1', { style: 'primary' })))
  const { error, roundTripMs } = await ada().click({ channel, ts, actionId: 'ack' })
  expect([error, roundTripMs > 0]).toEqual([undefined, true])
  expect(app.last).toMatchObject({
    path: '/slack/i',
    isGenuine: true,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect(app.last.payload).toMatchObject({
    type: 'block_actions',
    user: { id: user, username: 'ada', team_id: 'T0FAKE0001' },
    team: { id: 'T0FAKE0001' },
    api_app_id: 'A0FAKE0001',
    enterprise: null,
    is_enterprise_install: false,
    container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
    channel: { id: channel, name: 'alerts' },
    message: { ts, text: 'x', bot_id: 'B0FAKE0001' },
    actions: [{ type: 'button', action_id: 'ack', block_id: 'row', value: 'incident-1', style: 'primary' }],
  })
  expect(app.last.payload['response_url']).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/actions\/T0FAKE0001\//)
})

test('only what is really shown can be clicked, and only by those in the channel', async () => {
  const ts = await post(actions(button('1')), { ...actions(button('2')), block_id: 'other' })
  await expect(ada().click({ channel, ts, actionId: 'resolve' })).rejects.toThrow(/Nothing shown fits.*row\/ack=1/)
  await expect(ada().click({ channel, ts, actionId: 'ack' })).rejects.toThrow(/More than one/)
  await ada().click({ channel, ts, actionId: 'ack', value: '2' })
  expect(app.last.payload['actions']).toMatchObject([{ block_id: 'other' }])
  await client.chat.update({ channel, ts, text: 'done', blocks: [{ type: 'divider' }] })
  await expect(ada().click({ channel, ts, actionId: 'ack', blockId: 'row' })).rejects.toThrow(/nothing to click/)
  slack.kick(channel, user)
  await expect(ada().click({ channel, ts, actionId: 'ack' })).rejects.toThrow(/is not in/)
  expect(app.requests).toHaveLength(1)
})

test('a menu offers its options and nothing else', async () => {
  const options = ['1h', '4h'].map((value) => ({ text: plain(value), value }))
  const ts = await post(
    actions({ type: 'static_select', action_id: 'silence', options }, { type: 'users_select', action_id: 'assign' }),
  )
  await ada().click({ channel, ts, actionId: 'silence', selectedOption: '4h' })
  expect(app.last.payload['actions']).toMatchObject([{ selected_option: { value: '4h' } }])
  await ada().click({ channel, ts, actionId: 'assign', selectedOption: 'U1' })
  expect(app.last.payload['actions']).toMatchObject([{ type: 'users_select', selected_user: 'U1' }])
  await expect(ada().click({ channel, ts, actionId: 'silence', selectedOption: '8h' })).rejects.toThrow(/only 1h, 4h/)
})

test('a button inside an attachment says so', async () => {
  const message = { channel, attachments: [{ fallback: 'x', blocks: [actions(button('1'))] }] }
  const { ts = '' } = await client.chat.postMessage(message as unknown as ChatPostMessageArguments)
  await ada().click({ channel, ts, actionId: 'ack' })
  expect(app.last.payload['container']).toMatchObject({ type: 'message_attachment', attachment_id: 1 })
})

test('a button that only one person sees can be clicked by that person', async () => {
  const message = { channel, user, text: 'x', blocks: [actions(button('link'))] }
  const { message_ts: ts = '' } = await client.chat.postEphemeral(message as never)
  await ada().click({ channel, ts, actionId: 'ack' })
  expect(app.last.payload['container']).toMatchObject({ is_ephemeral: true })
  expect(app.last.payload).not.toHaveProperty('message')
  slack.addUser({ id: 'UBOB' })
  await expect(slack.person('UBOB').click({ channel, ts, actionId: 'ack' })).rejects.toThrow(/sees no message/)
})

test('people see an error when the app is late, fails or is not there', async () => {
  const ts = await post(actions(button('1')))
  const click = async () => (await ada().click({ channel, ts, actionId: 'ack' })).error
  app.answer = () => ({ status: 500 })
  expect(await click()).toBe('status 500')
  app.answer = () => ({ afterMs: 1_200 })
  expect(await click()).toBe('no answer within three seconds')
  await app.close()
  expect(await click()).toBe('no answer')
  expect(slack.personErrors.map(({ userId, kind, delivery }) => [userId, kind, delivery])).toEqual([
    [user, 'block_actions', 1],
    [user, 'block_actions', 2],
    [user, 'block_actions', 3],
  ])
})

test('shortcuts carry their callback_id and do not name the app', async () => {
  const ts = await post({ type: 'divider' })
  await ada().messageShortcut('declare', channel, ts)
  expect(app.last.payload).toMatchObject({
    type: 'message_action',
    callback_id: 'declare',
    message_ts: ts,
    message: { ts },
  })
  await ada().globalShortcut('declare')
  expect(app.last.payload).toMatchObject({ type: 'shortcut', callback_id: 'declare', user: { id: user } })
  expect(app.last.payload).not.toHaveProperty('api_app_id')
})

test('somebody of another workspace brings their own team id, and who has left does nothing', async () => {
  slack.addUser({ id: 'UOTHER', kind: 'stranger', channels: [channel] })
  slack.addUser({ id: 'ULEFT', kind: 'deleted' })
  const ts = await post(actions(button('1')))
  await slack.person('UOTHER').click({ channel, ts, actionId: 'ack' })
  expect(app.last.payload).toMatchObject({ user: { team_id: 'T0STRANGER' }, team: { id: 'T0FAKE0001' } })
  await expect(slack.person('ULEFT').globalShortcut('x')).rejects.toThrow(/has left/)
})
