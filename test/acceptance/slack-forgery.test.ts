import { afterAll, beforeAll, expect, test } from 'vitest'
import { signatureOf } from '../../src/notify/channels/slack/interaction/verify-signature.ts'
import { DEFAULT_USER as ada, DEFAULT_CHANNEL as channel } from '../support/fake-slack/fake-slack.ts'
import { DEFAULT_SIGNING_SECRET } from '../support/fake-slack/interaction/deliveries.ts'
import type { Tampering } from '../support/fake-slack/interaction/sign-request.ts'
import { doorsOf, InteractiveProduct } from '../support/interactive-product.ts'
import { runNunchiCommand } from '../support/run-nunchi.ts'

let product: InteractiveProduct

beforeAll(async () => {
  product = await InteractiveProduct.start()
})
afterAll(async () => {
  product.nunchi.assertNoErrorLogs()
  await product.stop()
})

const MINUTE = 60_000
const forged: readonly [why: string, tampering: Tampering][] = [
  ['37: six minutes old', { shiftMs: -6 * MINUTE }],
  ['37: six minutes ahead', { shiftMs: 6 * MINUTE }],
  ['38: signed with another secret', { secret: 'another-signing-secret' }],
  ['38: signed with the empty secret', { secret: '' }],
  ['38: of another version', { version: 'v1' }],
  ['38: without a signature', { isUnsigned: true }],
  ['38: with a signature that is none', { signature: 'v0=' }],
  ['38: encoded anew after it was signed', { isReEncoded: true }],
  ['38: of another workspace', { teamId: 'T0OTHER' }],
  ['38: of another app', { appId: 'A0OTHER' }],
]

// The app is known by its first request, so that one comes first.
beforeAll(async () => {
  await product.person().command('/nunchi', 'help', channel)
  await product.quiet()
})

for (const [why, tampering] of forged) {
  test(`a request ${why} is refused with 401 and nothing else, and has no effect`, async () => {
    const incident = await product.openIncident()
    const ts = product.postButtons(incident)
    const person = product.person().sending(tampering)
    const clicked = await person.click({ channel, ts, actionId: 'nunchi:acknowledge' })
    const typed = await person.command('/nunchi', `ack ${incident.name}`, channel)
    for (const { delivery } of [clicked, typed]) expect(delivery.answer).toMatchObject({ status: 401, text: '' })
    await product.quiet()
    expect(await product.incident(incident.id)).toMatchObject({ status: 'active', version: incident.version })
  })
}

test('a click that is sent again within its time does nothing more', async () => {
  const { id, ...incident } = await product.openIncident()
  const ts = product.postButtons({ id })
  const { delivery } = await product.person().click({ channel, ts, actionId: 'nunchi:acknowledge' })
  await product.incidentThat(id, ({ status }) => status === 'acknowledged', 'it is acknowledged')
  await product.nunchi.post(`/api/v1/incidents/${id}/unacknowledge`, {})
  for (let copy = 0; copy < 3; copy++)
    expect((await product.slack.resend(delivery)).answer).toMatchObject({ status: 200 })
  await product.quiet()
  expect((await product.timeline(id)).filter(({ kind }) => kind === 'acknowledged')).toHaveLength(1)
  expect(await product.incident(id)).toMatchObject({ status: 'active', version: incident.version + 2 })
})

test('the certificate is checked without a signature, and nothing more can be done so', async () => {
  expect((await product.slack.sslCheck({ isUnsigned: true })).answer).toMatchObject({ status: 200, text: '' })
  const before = product.whispers().length
  const body = new URLSearchParams({
    ssl_check: '1',
    command: '/nunchi',
    text: 'list',
    team_id: 'T0FAKE0001',
    user_id: ada,
    api_app_id: 'A0FAKE0001',
  })
  const response = await fetch(doorsOf(product.nunchi).commands, { method: 'POST', body })
  expect(response.status).toBe(200)
  await product.quiet()
  expect(product.whispers()).toHaveLength(before)
})

test('the address is proved by its challenge, and only when that is signed', async () => {
  expect((await product.slack.verifyUrl()).isVerified).toBe(true)
  expect((await product.slack.verifyUrl({ isUnsigned: true })).isVerified).toBe(false)
})

test('bodies that hold anything else are refused or do nothing, signed or not', async () => {
  const doors = doorsOf(product.nunchi)
  const send = async (url: string, body: string): Promise<number> => {
    const timestamp = String(Math.floor(Date.now() / 1000))
    const signature = signatureOf(DEFAULT_SIGNING_SECRET, timestamp, Buffer.from(body))
    const headers = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature }
    return (await fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body }))
      .status
  }
  for (const body of ['', '{', 'null', '[]', '"x"', '{"type":"event_callback"}', 'payload=%7B%7D', 'payload=%5B'])
    for (const url of Object.values(doors)) expect(await send(url, body)).toBe(401)
  const stranger = {
    type: 'event_callback',
    event_id: 'E1',
    team_id: 'T0FAKE0001',
    api_app_id: 'A0FAKE0001',
    event: { type: 'odd' },
  }
  expect(await send(doors.events, JSON.stringify(stranger))).toBe(200)
})

test('an empty signing secret keeps it from starting', async () => {
  const { code, output } = await runNunchiCommand(['check-config'], {
    SLACK_BOT_TOKEN: 'xoxb-1-x',
    SLACK_CHANNEL: channel,
    SLACK_SIGNING_SECRET: 'x',
  })
  expect([code, output]).toEqual([1, expect.stringContaining('SLACK_SIGNING_SECRET is no signing secret')])
})
