import { WebAPIHTTPError, WebAPIRateLimitedError, WebAPIRequestError, type WebClient } from '@slack/web-api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientOf, rejectedAnswer } from './client-of.ts'
import {
  DEFAULT_CHANNEL as channel,
  DEFAULT_APP_TOKEN,
  type FakeSlack,
  startFakeSlack,
  DEFAULT_USER as user,
} from './fake-slack.ts'
import type { Fault } from './faults.ts'

let slack: FakeSlack
let client: WebClient

beforeEach(async () => {
  slack = await startFakeSlack({ limits: 'off', channels: [{ id: channel }, { id: 'COTHER' }] })
  client = clientOf(slack)
})
afterEach(() => slack.close())

const post = (more: object = {}) => client.chat.postMessage({ channel, text: 'x', ...more })
const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

const refusals: readonly [error: string, cause: () => unknown][] = [
  ['invalid_auth', () => slack.addFault({ fault: { kind: 'error', error: 'invalid_auth' } })],
  ['token_revoked', () => Object.assign(slack.token(), { state: 'token_revoked' })],
  ['account_inactive', () => Object.assign(slack.token(), { state: 'account_inactive' })],
  ['is_archived', () => slack.archive(channel)],
  ['not_in_channel', () => slack.kick(channel)],
  ['restricted_action', () => slack.addFault({ fault: { kind: 'error', error: 'restricted_action' }, channel })],
  ['internal_error', () => slack.addFault({ fault: { kind: 'error', error: 'internal_error' } })],
]
for (const [error, cause] of refusals) {
  test(`a post that worked is refused from one moment to the next: ${error}`, async () => {
    await post()
    cause()
    expect(await rejectedAnswer(post())).toMatchObject({ error })
    expect(slack.messages()).toHaveLength(1)
  })
}

test('a root goes away under an incident: edits miss it, replies become roots, its thread is not found', async () => {
  const { ts = '' } = await post()
  slack.deleteMessage(channel, ts)
  expect(await rejectedAnswer(client.chat.update({ channel, ts, text: 'y' }))).toMatchObject({
    error: 'message_not_found',
  })
  expect((await post({ thread_ts: ts })).message?.thread_ts).toBeUndefined()
  expect(await rejectedAnswer(client.conversations.replies({ channel, ts }))).toMatchObject({
    error: 'thread_not_found',
  })
})

test('the third edit fails and no other, in one channel and in no other', async () => {
  const ts = (await post()).ts ?? ''
  const other = (await post({ channel: 'COTHER' })).ts ?? ''
  const fault: Fault = { kind: 'status', status: 500 }
  slack.addFault({ fault, method: 'chat.update', channel, after: 2, times: 1 })
  const edit = (where: string, which: string) => failureOf(client.chat.update({ channel: where, ts: which, text: 'y' }))
  const outcomes = []
  for (let round = 0; round < 4; round += 1) outcomes.push((await edit(channel, ts)) instanceof WebAPIHTTPError)
  expect(outcomes).toEqual([false, false, true, false])
  expect(await edit('COTHER', other)).toBeUndefined()
})

test('views, people, connections and response_urls break like everything else', async () => {
  const view = { type: 'home' as const, blocks: [] }
  slack.addFault({ fault: { kind: 'rate-limited', retryAfter: 30 }, method: 'views.publish' })
  expect(await failureOf(client.views.publish({ user_id: user, view }))).toBeInstanceOf(WebAPIRateLimitedError)
  slack.addFault({ fault: { kind: 'down' }, method: 'users.info' })
  expect(await failureOf(client.users.info({ user }))).toBeInstanceOf(WebAPIRequestError)
  slack.addFault({ fault: { kind: 'error', error: 'internal_error' }, method: 'apps.connections.open' })
  const open = clientOf(slack, DEFAULT_APP_TOKEN).apps.connections.open({})
  expect(await rejectedAnswer(open)).toMatchObject({ error: 'internal_error' })
  slack.addFault({ fault: { kind: 'status', status: 502 }, method: 'response_url', channel })
  const { delivery } = await slack.person(user).command('/nunchi', 'list', channel)
  const url = String(delivery.payload['response_url'])
  expect((await fetch(url, { method: 'POST', body: '{"text":"x"}' })).status).toBe(502)
  expect(slack.ephemerals()).toEqual([])
})

test('an edit whose answer is lost has happened all the same', async () => {
  const ts = (await post()).ts ?? ''
  slack.addFault({ fault: { kind: 'accept-then-drop' }, method: 'chat.update', times: 1 })
  expect(await failureOf(client.chat.update({ channel, ts, text: 'y' }))).toBeInstanceOf(WebAPIRequestError)
  expect(slack.messages()[0]?.content.text).toBe('y')
})
