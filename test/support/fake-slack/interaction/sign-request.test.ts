import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEFAULT_CHANNEL as channel, type FakeSlack, startFakeSlack, DEFAULT_USER as user } from '../fake-slack.ts'
import { ReceivingApp } from './receiving-app.ts'
import { signRequest, type Tampering } from './sign-request.ts'

let slack: FakeSlack
let app: ReceivingApp

beforeEach(async () => {
  app = new ReceivingApp()
  await app.listen()
  slack = await startFakeSlack({ limits: 'off' })
  slack.useRequestUrls(app.url)
})
afterEach(async () => {
  await slack.close()
  await app.close()
})

test("the signature is the one of Slack's own documentation", () => {
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
  const { headers } = signRequest(body, { secret: '8f742231b10e8888abcd99yyyzzz85a5', nowMs: 1_531_420_618_000 })
  expect(headers).toEqual({
    'x-slack-request-timestamp': '1531420618',
    'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  })
})

const wrong: readonly [name: string, tampering: Tampering][] = [
  ['six minutes late', { shiftMs: -6 * 60_000 }],
  ['six minutes early', { shiftMs: 6 * 60_000 }],
  ['signed with another secret', { secret: 'guessed' }],
  ['with an invented signature', { signature: `v0=${'0'.repeat(64)}` }],
  ['of another version', { version: 'v1' }],
  ['without a signature', { isUnsigned: true }],
  ['written in another way after signing', { isReEncoded: true }],
]
for (const [name, tampering] of wrong) {
  test(`a delivery ${name} arrives and is not genuine`, async () => {
    await slack.person(user).sending(tampering).command('/nunchi', 'ack the one', channel)
    await slack.person(user).sending(tampering).openHome()
    expect(app.requests.map(({ isGenuine }) => isGenuine)).toEqual([false, false])
    expect(app.requests[0]?.payload).toMatchObject({ text: 'ack the one' })
  })
}

test('a genuine signature can cover another workspace or another app', async () => {
  await slack.person(user).sending({ teamId: 'T0EVIL', appId: 'A0EVIL' }).command('/nunchi', 'x', channel)
  expect(app.last).toMatchObject({ isGenuine: true, payload: { team_id: 'T0EVIL', api_app_id: 'A0EVIL' } })
  await slack.person(user).sending({ teamId: 'T0EVIL' }).globalShortcut('x')
  expect(app.last.payload).toMatchObject({ team: { id: 'T0EVIL' } })
})

test('the same bytes come twice, and as often as wanted', async () => {
  const { delivery } = await slack.person(user).globalShortcut('declare')
  await Promise.all([slack.resend(delivery), slack.resend(delivery)])
  expect(new Set(app.requests.map(({ body }) => body)).size).toBe(1)
  expect(new Set(app.requests.map(({ headers }) => headers['x-slack-signature'])).size).toBe(1)
  expect(app.requests).toHaveLength(3)
})

test('the certificate check is a form of its own', async () => {
  await slack.sslCheck()
  expect(app.last).toMatchObject({ payload: { ssl_check: '1' }, isGenuine: true })
})
