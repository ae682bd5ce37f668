import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../../../../test/support/free-port.ts'
import { type SmtpFault, type SmtpReceiver, startSmtpReceiver } from '../../../../test/support/smtp-receiver.ts'
import { TEST_CERTIFICATE } from '../../../../test/support/test-certificate.ts'
import type { Channel, SendOutcome } from '../../channel.ts'
import { sampleMessage, sampleResolution } from '../sample-incident-message.ts'
import { createEmailChannel } from './email-channel.ts'
import { emailSettingsSchema } from './settings-schema.ts'

const LOGIN = { user: 'nunchi', password: 'canary-password' }
const signal = new AbortController().signal
let receiver: SmtpReceiver

beforeAll(async () => {
  receiver = await startSmtpReceiver({ encryption: 'starttls', login: LOGIN, mostBytes: 200_000 })
})
afterAll(() => receiver.close())
beforeEach(() => receiver.forget())

function email(changes: object = {}): Channel {
  const settings = emailSettingsSchema.parse({
    host: '127.0.0.1',
    port: receiver.port,
    encryption: 'starttls',
    ...LOGIN,
    from: 'Nunchi <alerts@Example.com>',
    to: ['oncall@example.com', 'Min Ji <minji@example.com>'],
    timeoutMs: 1_000,
    ...changes,
  })
  return createEmailChannel(settings, { ca: TEST_CERTIFICATE.cert })
}

async function sendDuring(fault: SmtpFault, changes: object = {}): Promise<SendOutcome> {
  receiver.plan(fault)
  return await email(changes).send(sampleMessage(), signal)
}

test('the root and its replies are one thread, for readers that go by references and for those that go by subject', async () => {
  const root = await email().send(sampleMessage(), signal)
  expect(root).toEqual({ kind: 'delivered', id: '01DELIVERY@example.com', threadId: null, place: null })
  const thread = { id: '01DELIVERY@example.com', place: null }
  const reply = await email().send(sampleResolution({ message: { thread } }), signal)
  expect(reply).toMatchObject({ id: '01RESOLUTION@example.com', threadId: '01DELIVERY@example.com' })
  expect(receiver.problems).toEqual([])
  const [first, second] = receiver.mails.map(({ headers }) => headers)
  expect(Object.fromEntries(first ?? [])).toMatchObject({
    from: 'Nunchi <alerts@example.com>',
    to: 'oncall@example.com, Min Ji <minji@example.com>',
    subject: '[CRITICAL] INC-1042 Database Critical Failure',
    'message-id': '<01DELIVERY@example.com>',
    'auto-submitted': 'auto-generated',
    'x-nunchi-incident': 'INC-1042',
    date: 'Mon, 15 Jan 2024 14:30:29 +0000',
  })
  expect(first?.has('references')).toBe(false)
  expect(Object.fromEntries(second ?? [])).toMatchObject({
    subject: 'Re: [CRITICAL] INC-1042 Database Critical Failure',
    'message-id': '<01RESOLUTION@example.com>',
    'in-reply-to': '<01DELIVERY@example.com>',
    references: '<01DELIVERY@example.com>',
  })
})

test('a mail goes encrypted, to every recipient, by whom the server knows', async () => {
  await email().send(sampleMessage(), signal)
  expect(receiver.mails).toMatchObject([
    { from: 'alerts@Example.com', to: ['oncall@example.com', 'minji@example.com'], wasEncrypted: true, user: 'nunchi' },
  ])
})

test('a thread of another channel is not referred to, and stays what it was', async () => {
  const reply = sampleResolution({ message: { thread: { id: '1705329025.000100', place: null } } })
  expect(await email().send(reply, signal)).toMatchObject({ kind: 'delivered', threadId: '1705329025.000100' })
  expect(receiver.mails[0]?.headers.has('references')).toBe(false)
})

test('a mail that is sent again, because its answer was lost, has the id it had before', async () => {
  expect(await sendDuring({ at: 'data', does: 'drop' })).toMatchObject({ kind: 'ambiguous' })
  const before = receiver.mails.map(({ headers }) => headers.get('message-id'))
  receiver.forget()
  await email().send(sampleMessage(), signal)
  expect(receiver.mails.map(({ headers }) => headers.get('message-id'))).toEqual(before)
})

const reply = (code: number, text?: string) => ({ reply: code, ...(text !== undefined && { text }) })
const answers: readonly [fault: SmtpFault, expected: Readonly<Record<string, unknown>>, why: string][] = [
  [{ at: 'connect', does: reply(421) }, { kind: 'retry', reason: 'server-error' }, 'busy'],
  [{ at: 'connect', does: reply(554) }, { kind: 'rejected', reason: 'missing-permission' }, 'not from here'],
  [{ at: 'login', does: reply(454, '4.7.0 Later') }, { kind: 'retry', reason: 'rate-limited' }, 'passing'],
  [{ at: 'login', does: reply(535, '5.7.8 No') }, { kind: 'rejected', reason: 'bad-credentials' }, 'a wrong password'],
  [{ at: 'from', does: reply(530, '5.7.0 No') }, { kind: 'rejected', reason: 'bad-credentials' }, 'wants a login'],
  [{ at: 'from', does: reply(550, '5.1.8 No') }, { kind: 'rejected', reason: 'missing-permission' }, 'a wrong sender'],
  [
    { at: 'from', does: reply(451, '4.3.0 Later') },
    { kind: 'retry', reason: 'server-error', afterMs: null },
    'passing',
  ],
  [
    { at: 'to', does: reply(450, '4.7.1 Later') },
    { kind: 'retry', reason: 'rate-limited', afterMs: 60_000 },
    'grey list',
  ],
  [{ at: 'to', does: reply(550, '5.1.1 No') }, { kind: 'rejected', reason: 'no-such-channel' }, 'no such recipient'],
  [{ at: 'to', does: reply(554, '5.7.1 No') }, { kind: 'rejected', reason: 'missing-permission' }, 'no relaying'],
  [{ at: 'data', does: reply(452, '4.3.1 Full') }, { kind: 'retry', reason: 'server-error' }, 'passing'],
  [{ at: 'data', does: reply(552, '5.3.4 Big') }, { kind: 'rejected', reason: 'message-refused' }, 'too large'],
  [{ at: 'data', does: reply(554, '5.6.0 Spam') }, { kind: 'rejected', reason: 'message-refused' }, 'taken for spam'],
  [{ at: 'connect', does: 'drop' }, { kind: 'retry', reason: 'unreachable' }, 'before anything was sent'],
  [{ at: 'connect', does: 'hang' }, { kind: 'retry', reason: 'timeout' }, 'no greeting'],
  [{ at: 'to', does: 'drop' }, { kind: 'retry', reason: 'unreachable' }, 'before the mail was sent'],
  [{ at: 'to', does: 'hang' }, { kind: 'retry', reason: 'timeout' }, 'before the mail was sent'],
  [{ at: 'data', does: 'drop' }, { kind: 'ambiguous' }, 'it had the mail'],
  [{ at: 'data', does: 'hang' }, { kind: 'ambiguous' }, 'it had the mail'],
]
for (const [fault, expected, why] of answers) {
  test(`${JSON.stringify(fault)} → ${JSON.stringify(expected)} (${why})`, async () => {
    expect(await sendDuring(fault)).toMatchObject(expected)
    expect(receiver.connections).toBe(1)
  })
}

test('a recipient that the server refuses does not keep the mail from the others, and is named', async () => {
  const fault: SmtpFault = { at: 'to', does: reply(550, '5.1.1 No such user'), recipient: 'minji@example.com' }
  expect(await sendDuring(fault)).toMatchObject({
    kind: 'delivered',
    remark: 'The mail server of email takes no mail for minji@example.com (550 5.1.1); check `to`',
  })
  expect(receiver.mails.map(({ to }) => to)).toEqual([['oncall@example.com']])
})

test('a server that repeats the password in its reply does not bring it into an outcome', async () => {
  const outcome = await email({ password: 'canary-of-another' }).send(sampleMessage(), signal)
  expect(outcome).toMatchObject({ kind: 'rejected', detail: expect.stringContaining('535 5.7.8') })
  expect(JSON.stringify(outcome)).not.toContain('canary')
})

describe('encryption', () => {
  test('from the first byte', async () => {
    const tls = await startSmtpReceiver({ encryption: 'tls' })
    const channel = email({ port: tls.port, encryption: 'tls', user: undefined, password: undefined })
    expect(await channel.send(sampleMessage(), signal)).toMatchObject({ kind: 'delivered' })
    expect(tls.mails).toMatchObject([{ wasEncrypted: true, user: null }])
    await tls.close()
  })

  test('is never given up: a server without STARTTLS gets neither password nor mail', async () => {
    const plain = await startSmtpReceiver({ encryption: 'none', login: LOGIN })
    expect(await email({ port: plain.port }).send(sampleMessage(), signal)).toMatchObject({
      kind: 'rejected',
      detail: expect.stringContaining('encryption: tls'),
    })
    expect(plain.mails).toEqual([])
    await plain.close()
  })

  test('a certificate of a stranger gets neither password nor mail', async () => {
    const settings = emailSettingsSchema.parse({
      host: '127.0.0.1',
      port: receiver.port,
      encryption: 'starttls',
      ...LOGIN,
      from: 'alerts@example.com',
      to: ['oncall@example.com'],
    })
    expect(await createEmailChannel(settings).send(sampleMessage(), signal)).toMatchObject({
      kind: 'retry',
      reason: 'unreachable',
      detail: expect.stringContaining('SELF_SIGNED_CERT'),
    })
    expect(receiver.mails).toEqual([])
  })

  test('is not needed for a server on this machine', async () => {
    const plain = await startSmtpReceiver({ encryption: 'none' })
    const channel = email({ port: plain.port, encryption: undefined, user: undefined, password: undefined })
    expect(await channel.send(sampleMessage(), signal)).toMatchObject({ kind: 'delivered' })
    expect(plain.mails).toMatchObject([{ wasEncrypted: false }])
    await plain.close()
  })
})

test('nobody listens: a retry', async () => {
  const outcome = await email({ port: await freePort() }).send(sampleMessage(), signal)
  expect(outcome).toMatchObject({
    kind: 'retry',
    reason: 'unreachable',
    detail: expect.stringContaining('ECONNREFUSED'),
  })
})

test('a mail larger than the server takes is not sent again and again', async () => {
  const small = await startSmtpReceiver({ encryption: 'starttls', login: LOGIN, mostBytes: 500 })
  expect(await email({ port: small.port }).send(sampleMessage(), signal)).toMatchObject({
    kind: 'rejected',
    reason: 'message-refused',
  })
  await small.close()
})

test('a line break in a title forges no header', async () => {
  const title = 'Disk full\r\nBcc: everybody@example.com\r\n\r\n<h1>'
  await email({ subjectPrefix: '한국' }).send(sampleMessage({ incident: { title } }), signal)
  expect(receiver.problems).toEqual([])
  expect(receiver.mails[0]?.headers.get('subject')).toBe(
    '한국 [CRITICAL] INC-1042 Disk full Bcc: everybody@example.com  <h1>',
  )
  expect(receiver.mails[0]?.headers.has('bcc')).toBe(false)
  expect(receiver.mails[0]?.to).toEqual(['oncall@example.com', 'minji@example.com'])
})
