import { ErrorCode, WebAPIHTTPError, WebAPIRateLimitedError, WebAPIRequestError, type WebClient } from '@slack/web-api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientOf, rejectedAnswer } from './client-of.ts'
import { DEFAULT_CHANNEL as channel, type FakeSlack, startFakeSlack } from './fake-slack.ts'
import type { Fault } from './faults.ts'

let slack: FakeSlack
let client: WebClient

beforeEach(async () => {
  slack = await startFakeSlack({ limits: 'off', channels: [{ id: channel }, { id: 'COTHER' }] })
  client = clientOf(slack)
})
afterEach(() => slack.close())

const post = (to: string = channel) => client.chat.postMessage({ channel: to, text: 'x' })
const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )
const once = (fault: Fault) => slack.addFault({ fault, times: 1 })

test('a fault happens as often as planned, where it was planned', async () => {
  slack.addFault({ fault: { kind: 'status', status: 500 }, channel: 'COTHER', times: 2, after: 1 })
  await post()
  await post('COTHER')
  for (let round = 0; round < 2; round += 1) expect(await failureOf(post('COTHER'))).toBeInstanceOf(WebAPIHTTPError)
  await post('COTHER')
  expect(slack.pendingFaults).toEqual([])
})

test('a fault without a count stays until it is taken back or cleared', async () => {
  const takeBack = slack.addFault({ fault: { kind: 'error', error: 'internal_error' }, method: 'chat.postMessage' })
  for (let round = 0; round < 3; round += 1)
    expect(await rejectedAnswer(post())).toMatchObject({ error: 'internal_error' })
  await client.auth.test()
  takeBack()
  await post()
  slack.addFault({ fault: { kind: 'html' } })
  slack.clearFaults()
  await post()
})

test('429 carries a Retry-After that is sensible, huge, garbage or missing', async () => {
  once({ kind: 'rate-limited', retryAfter: 7 })
  expect(await failureOf(post())).toMatchObject({ code: ErrorCode.RateLimitedError, retryAfter: 7 })
  once({ kind: 'rate-limited', retryAfter: 1e9 })
  expect(await failureOf(post())).toBeInstanceOf(WebAPIRateLimitedError)
  for (const fault of [{ kind: 'rate-limited', retryAfter: 'soon' }, { kind: 'rate-limited' }] as const) {
    once(fault)
    const failure = await failureOf(post())
    expect(failure).toBeInstanceOf(Error)
    expect(failure).not.toBeInstanceOf(WebAPIRateLimitedError)
  }
  expect(slack.messages(channel)).toEqual([])
})

test('a web page with status 200 is not an answer', async () => {
  once({ kind: 'html' })
  expect((await rejectedAnswer(post())).error).toContain('<html>')
})

test('an error can hide that the message was stored', async () => {
  once({ kind: 'error', error: 'fatal_error', stores: true })
  expect(await rejectedAnswer(post())).toMatchObject({ error: 'fatal_error' })
  expect(slack.messages(channel)).toHaveLength(1)
  expect(slack.posts()).toMatchObject([{ outcome: { ok: false, error: 'fatal_error', fault: 'error' } }])
})

test('accept-then-drop stores the message and says nothing', async () => {
  once({ kind: 'accept-then-drop' })
  expect(await failureOf(post())).toBeInstanceOf(WebAPIRequestError)
  expect(slack.messages(channel)).toHaveLength(1)
  expect(slack.calls()[0]?.outcome).not.toHaveProperty('status')
})

test('a hang outlasts the client and stores the message all the same', async () => {
  const hasty = clientOf(slack, undefined, 50)
  once({ kind: 'hang', ms: 150 })
  expect(await failureOf(hasty.chat.postMessage({ channel, text: 'late' }))).toBeInstanceOf(WebAPIRequestError)
  expect(slack.messages(channel)).toEqual([])
  await slack.waitFor((it) => it.messages(channel).length === 1, 2_000, 'the late message is stored')
  once({ kind: 'hang', ms: 50, stores: 'never' })
  expect(await failureOf(post())).toBeInstanceOf(WebAPIRequestError)
  expect(slack.messages(channel)).toHaveLength(1)
})

test('a slow body arrives in the end', async () => {
  once({ kind: 'slow-body', ms: 200 })
  const before = performance.now()
  expect(await post()).toMatchObject({ ok: true })
  expect(performance.now() - before).toBeGreaterThan(150)
})

test('down: one request cut, or the whole server gone and back on the same port', async () => {
  once({ kind: 'down' })
  expect(await failureOf(post())).toBeInstanceOf(WebAPIRequestError)
  const { port } = slack
  await slack.goDown()
  expect(await failureOf(post())).toMatchObject({ original: { cause: { code: 'ECONNREFUSED' } } })
  await slack.listen()
  expect(slack.port).toBe(port)
  expect(await post()).toMatchObject({ ok: true })
})

test('waiting in vain shows what there is', async () => {
  await post()
  slack.addFault({ fault: { kind: 'status', status: 503 }, method: 'chat.update' })
  const failure = slack.waitFor((it) => it.messages(channel).length === 2, 30, 'a second message is there')
  await expect(failure).rejects.toThrow(
    /waiting until a second message is there[\s\S]*chat\.postMessage[\s\S]*"status":503/,
  )
})
