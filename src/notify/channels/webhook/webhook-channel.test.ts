import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../../../../test/support/free-port.ts'
import { TEST_CERTIFICATE } from '../../../../test/support/test-certificate.ts'
import { waitUntil } from '../../../../test/support/wait-until.ts'
import {
  startWebhookReceiver,
  type WebhookFault,
  type WebhookReceiver,
} from '../../../../test/support/webhook-receiver.ts'
import type { Channel, SendOutcome } from '../../channel.ts'
import { sampleMessage, sampleResolution } from '../sample-incident-message.ts'
import type { LookupAll } from './resolve-receiver.ts'
import { webhookSettingsSchema } from './settings-schema.ts'
import { createWebhookChannel } from './webhook-channel.ts'

const SECRET = 'correct-horse-battery-staple'
const NOW = Date.UTC(2026, 0, 5, 12)
const signal = new AbortController().signal
let receiver: WebhookReceiver

beforeAll(async () => {
  receiver = await startWebhookReceiver({ secret: SECRET, now: () => NOW })
})
afterAll(() => receiver.close())
beforeEach(() => receiver.forget())

function webhook(changes: object = {}, lookup?: LookupAll): Channel {
  const settings = webhookSettingsSchema.parse({
    url: receiver.url,
    secret: SECRET,
    timeoutMs: 500,
    allowPrivateAddresses: true,
    ...changes,
  })
  return createWebhookChannel(settings, { now: () => NOW, ca: TEST_CERTIFICATE.cert, ...(lookup && { lookup }) })
}

async function sendDuring(fault: WebhookFault): Promise<SendOutcome> {
  receiver.plan(fault)
  return await webhook().send(sampleMessage(), signal)
}

test('a message arrives signed, with its key, in the thread of its incident', async () => {
  const channel = webhook({ headers: { authorization: 'Bearer abc' } })
  expect(channel).toMatchObject({ id: 'webhook', kind: 'webhook', hasThreads: true })
  expect(await channel.send(sampleMessage(), signal)).toEqual({
    kind: 'delivered',
    id: '01DELIVERY',
    threadId: null,
    place: null,
  })
  const reply = sampleResolution({ message: { thread: { id: '01DELIVERY', place: null } } })
  expect(await channel.send(reply, signal)).toMatchObject({ kind: 'delivered', threadId: '01DELIVERY' })
  expect(receiver.problems).toEqual([])
  expect(receiver.messages.map(({ body }) => [body.event, body.thread, body.incident.status])).toEqual([
    ['firing', { id: '01INCIDENT', isRoot: true }, 'active'],
    ['resolved', { id: '01INCIDENT', isRoot: false }, 'resolved'],
  ])
  expect(receiver.messages[0]?.headers).toMatchObject({ authorization: 'Bearer abc', 'x-nunchi-event': 'firing' })
})

test('without a secret nothing is signed', async () => {
  const unsigned = await startWebhookReceiver({ now: () => NOW })
  const channel = webhook({ url: unsigned.url, secret: undefined })
  expect(await channel.send(sampleMessage(), signal)).toMatchObject({ kind: 'delivered' })
  expect(unsigned.problems).toEqual([])
  await unsigned.close()
})

test('a message whose answer was lost is sent again under the same key, and taken once', async () => {
  expect(await sendDuring({ kind: 'reset-after-reading' })).toMatchObject({ kind: 'retry', reason: 'unreachable' })
  expect(await webhook().send(sampleMessage(), signal)).toMatchObject({ kind: 'delivered' })
  expect([receiver.messages.length, receiver.repetitions]).toEqual([1, 1])
})

const answer = (status: number, headers: Readonly<Record<string, string>> = {}): WebhookFault => ({
  kind: 'answer',
  status,
  headers,
  body: 'said by the receiver',
})
const answers: readonly [fault: WebhookFault, expected: Readonly<Record<string, unknown>>, why: string][] = [
  [answer(200), { kind: 'delivered' }, 'taken'],
  [answer(202), { kind: 'delivered' }, 'taken for later'],
  [answer(301, { location: '/other' }), { kind: 'rejected', reason: 'no-such-channel' }, 'a redirect is not followed'],
  [answer(307, { location: 'http://127.0.0.1/' }), { kind: 'rejected', reason: 'no-such-channel' }, 'nor this one'],
  [answer(400), { kind: 'rejected', reason: 'message-refused' }, 'the receiver cannot read it'],
  [answer(401), { kind: 'rejected', reason: 'bad-credentials' }, 'a person must repair it'],
  [answer(403), { kind: 'rejected', reason: 'bad-credentials' }, 'a person must repair it'],
  [answer(404), { kind: 'rejected', reason: 'no-such-channel' }, 'nobody is there'],
  [answer(410), { kind: 'rejected', reason: 'no-such-channel' }, 'nobody is there any more'],
  [answer(413), { kind: 'rejected', reason: 'message-refused' }, 'it will be as large the next time'],
  [answer(408), { kind: 'retry', reason: 'timeout', afterMs: null }, 'passing'],
  [answer(425), { kind: 'retry', reason: 'server-error', afterMs: null }, 'passing'],
  [answer(429), { kind: 'retry', reason: 'rate-limited', afterMs: 10_000, pause: 'channel' }, 'a usual wait'],
  [answer(429, { 'retry-after': '30' }), { kind: 'retry', afterMs: 30_000 }, 'as long as it asks'],
  [answer(429, { 'retry-after': '0' }), { kind: 'retry', afterMs: 1_000 }, 'at least a second'],
  [answer(429, { 'retry-after': '86400' }), { kind: 'retry', afterMs: 300_000 }, 'at most five minutes'],
  [answer(503, { 'retry-after': 'Mon, 05 Jan 2026 12:01:00 GMT' }), { kind: 'retry', afterMs: 60_000 }, 'until then'],
  [answer(503, { 'retry-after': 'Mon, 05 Jan 2026 11:00:00 GMT' }), { kind: 'retry', afterMs: 1_000 }, 'that is over'],
  [answer(503, { 'retry-after': 'soon' }), { kind: 'retry', reason: 'server-error', afterMs: null }, 'says nothing'],
  [answer(500), { kind: 'retry', reason: 'server-error', afterMs: null }, 'the key makes a repetition harmless'],
  [answer(600), { kind: 'retry', reason: 'bad-answer' }, 'no such status'],
  [{ kind: 'hang' }, { kind: 'retry', reason: 'timeout' }, 'no answer'],
  [{ kind: 'hang-after-headers' }, { kind: 'delivered' }, 'the status has been said'],
  [{ kind: 'endless-body' }, { kind: 'delivered' }, 'its body is not waited for'],
  [{ kind: 'reset' }, { kind: 'retry', reason: 'unreachable' }, 'the connection broke'],
  [{ kind: 'no-http' }, { kind: 'retry', reason: 'unreachable' }, 'another protocol'],
]
for (const [fault, expected, why] of answers) {
  test(`${JSON.stringify(fault)} → ${JSON.stringify(expected)} (${why})`, async () => {
    const outcome = await sendDuring(fault)
    expect(outcome).toMatchObject(expected)
    expect(JSON.stringify(outcome)).not.toContain('said by the receiver')
    expect(receiver.requests).toBe(1)
  })
}

test('an endless answer is cut off', async () => {
  receiver.plan({ kind: 'endless-body' })
  await webhook({ timeoutMs: 60_000 }).send(sampleMessage(), signal)
  await waitUntil(async () => (await receiver.openConnections()) === 0, { why: 'the answer is no longer read' })
})

test('https is checked against certificates, and a stranger’s is a passing failure', async () => {
  const secure = await startWebhookReceiver({ secret: SECRET, isTls: true, now: () => NOW })
  expect(await webhook({ url: secure.url }).send(sampleMessage(), signal)).toMatchObject({ kind: 'delivered' })
  const settings = webhookSettingsSchema.parse({ url: secure.url, secret: SECRET, allowPrivateAddresses: true })
  expect(await createWebhookChannel(settings, { now: () => NOW }).send(sampleMessage(), signal)).toMatchObject({
    kind: 'retry',
    reason: 'unreachable',
    detail: expect.stringContaining('SELF_SIGNED'),
  })
  expect(secure.requests).toBe(1)
  await secure.close()
})

test('nobody listens: a retry that names neither host nor port', async () => {
  const port = await freePort()
  const outcome = await webhook({ url: `http://127.0.0.1:${port}/hook` }).send(sampleMessage(), signal)
  expect(outcome).toMatchObject({
    kind: 'retry',
    reason: 'unreachable',
    detail: expect.stringContaining('ECONNREFUSED'),
  })
  expect(JSON.stringify(outcome)).not.toMatch(new RegExp(`127\\.0\\.0\\.1|${port}`))
})

describe('where messages may go', () => {
  const PUBLIC = '93.184.215.14'
  const places: readonly [host: string, resolved: readonly string[], why: string][] = [
    ['127.0.0.1', [], 'this machine'],
    ['0x7f.1', [], 'this machine in hex'],
    ['2130706433', [], 'this machine as one number'],
    ['[::1]', [], 'this machine in IPv6'],
    ['[::ffff:127.0.0.1]', [], 'IPv4-mapped'],
    ['[64:ff9b::7f00:1]', [], 'NAT64'],
    ['169.254.169.254', [], 'the metadata of a cloud'],
    ['0.0.0.0', [], 'any address of this machine'],
    ['receiver.test', ['127.0.0.1'], 'a name that leads here'],
    ['receiver.test', ['::ffff:7f00:1'], 'a name that leads here by detour'],
    ['receiver.test', ['169.254.169.254', '10.0.0.1'], 'a name that leads nowhere good'],
  ]
  for (const [host, resolved, why] of places) {
    test(`not to ${host} ${resolved.join(' ')} by default (${why})`, async () => {
      const lookup: LookupAll = async () =>
        resolved.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
      const url = `http://${host}:${receiver.port}/hook`
      const channel = webhook({ url, allowPrivateAddresses: false, allowUnencrypted: true }, lookup)
      const outcome = await channel.send(sampleMessage(), signal)
      expect(outcome).toMatchObject({ kind: 'rejected', reason: 'no-such-channel' })
      expect(receiver.requests).toBe(0)
    })
  }

  test('not to link-local addresses, even where private ones are allowed', async () => {
    const lookup: LookupAll = async () => [{ address: '169.254.169.254', family: 4 }]
    const outcome = await webhook({ url: 'http://receiver.test/latest/meta-data/' }, lookup).send(
      sampleMessage(),
      signal,
    )
    expect(outcome).toMatchObject({ kind: 'rejected', detail: expect.stringContaining('link-local') })
  })

  test('not unencrypted to public addresses, where only private ones are allowed', async () => {
    const lookup: LookupAll = async () => [{ address: PUBLIC, family: 4 }]
    const outcome = await webhook({ url: 'http://receiver.test/hook' }, lookup).send(sampleMessage(), signal)
    expect(outcome).toMatchObject({ kind: 'rejected', detail: expect.stringContaining('https://') })
  })

  test('to the address that was checked, whatever the name says the next time', async () => {
    const asked: string[] = []
    const rebinding: LookupAll = async (hostname) => {
      asked.push(hostname)
      return [{ address: asked.length === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }]
    }
    const channel = webhook({ url: `http://receiver.test:${receiver.port}/hook` }, rebinding)
    expect(await channel.send(sampleMessage(), signal)).toMatchObject({ kind: 'delivered' })
    expect(asked).toEqual(['receiver.test'])
    expect(receiver.messages[0]?.headers['host']).toBe(`receiver.test:${receiver.port}`)
    expect(await channel.send(sampleMessage(), signal)).toMatchObject({ kind: 'rejected' })
  })

  test('a name with several addresses is reached at one that is allowed', async () => {
    const lookup: LookupAll = async () => [
      { address: '169.254.169.254', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]
    const channel = webhook({ url: `http://receiver.test:${receiver.port}/hook` }, lookup)
    expect(await channel.send(sampleMessage(), signal)).toMatchObject({ kind: 'delivered' })
  })

  test('a name that cannot be looked up, or takes too long, is tried again', async () => {
    const missing: LookupAll = () => Promise.reject(Object.assign(new Error('receiver.test'), { code: 'ENOTFOUND' }))
    const slow: LookupAll = () => new Promise(() => undefined)
    const url = 'https://receiver.test/hook'
    expect(await webhook({ url }, missing).send(sampleMessage(), signal)).toMatchObject({
      kind: 'retry',
      reason: 'unreachable',
      detail: expect.stringContaining('ENOTFOUND'),
    })
    expect(await webhook({ url }, slow).send(sampleMessage(), signal)).toMatchObject({
      kind: 'retry',
      reason: 'timeout',
    })
  })
})
