import { afterAll, beforeAll, expect, test } from 'vitest'
import packageFile from '../../package.json' with { type: 'json' }
import { makeAlert, makeWebhookBody, resolve, type WebhookAlert } from '../support/generate-alerts.ts'
import { assertEverythingHolds } from '../support/nunchi-and-slack.ts'
import { type RunningNunchi, startNunchi } from '../support/run-nunchi.ts'
import { type SmtpReceiver, startSmtpReceiver } from '../support/smtp-receiver.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts'

const SECRET = 'canary-0123456789abcdef'
const LOGIN = { user: 'nunchi', password: 'canary-password' }
const AUTHORIZATION = 'Bearer canary-header'

let pager: WebhookReceiver
let mail: SmtpReceiver
let nunchi: RunningNunchi

beforeAll(async () => {
  pager = await startWebhookReceiver({ secret: SECRET })
  mail = await startSmtpReceiver({ login: LOGIN })
  nunchi = await startNunchi({
    config: {
      channels: [
        { id: 'managers', kind: 'email', settings: mailSettings() },
        { id: 'pager', kind: 'webhook', settings: pagerSettings() },
      ],
      routes: [{ match: { severity: 'critical' }, channels: ['pager'] }],
    },
  })
}, 60_000)

afterAll(async () => {
  await nunchi.stop()
  await Promise.all([pager.close(), mail.close()])
})

function mailSettings(): object {
  const { port } = mail
  return { host: '127.0.0.1', port, ...LOGIN, from: 'Nunchi <nunchi@example.com>', to: ['oncall@example.com'] }
}

function pagerSettings(): object {
  const headers = { Authorization: AUTHORIZATION }
  return { url: pager.url, secret: SECRET, headers, allowPrivateAddresses: true, timeout: '5s' }
}

async function fire(severity: string, name = `Of severity ${severity}`): Promise<WebhookAlert> {
  const alert = makeAlert({
    labels: { alertname: name, severity, service: 'checkout' },
    startsAt: new Date(Date.now() - 60_000),
  })
  await tell(alert)
  return alert
}

async function tell(alert: WebhookAlert): Promise<void> {
  expect((await nunchi.post('/webhook/alertmanager', makeWebhookBody([alert]))).status).toBe(200)
  await assertEverythingHolds({ nunchi })
}

test('what is critical goes to the webhook, signed, its beginning and its end under one thread; the mail hears of the rest only', async () => {
  const alert = await fire('critical')
  await tell(resolve(alert, new Date()))
  expect(pager.problems).toEqual([])
  expect(mail.mails).toEqual([])
  const [firing, resolved, ...more] = pager.messages
  expect(more).toEqual([])
  expect(firing?.body).toMatchObject({ event: 'firing', thread: { isRoot: true }, incident: { severity: 'critical' } })
  expect(resolved?.body).toMatchObject({ event: 'resolved', thread: { id: firing?.body.thread.id, isRoot: false } })
  for (const message of [firing, resolved])
    expect(message?.headers).toMatchObject({
      'user-agent': `Nunchi/${packageFile.version}`,
      authorization: AUTHORIZATION,
    })
}, 60_000)

test('everything else goes by mail, and the end refers to the beginning; the webhook hears nothing of it', async () => {
  pager.forget()
  const alert = await fire('warning')
  await tell(resolve(alert, new Date()))
  expect(mail.problems).toEqual([])
  expect(pager.requests).toBe(0)
  const [firing, resolved, ...more] = mail.mails
  expect(more).toEqual([])
  expect(firing).toMatchObject({ to: ['oncall@example.com'], user: LOGIN.user })
  expect(firing?.headers.has('references')).toBe(false)
  expect(resolved?.headers.get('references')).toBe(firing?.headers.get('message-id'))
  expect(resolved?.headers.get('in-reply-to')).toBe(firing?.headers.get('message-id'))
}, 60_000)

test('a webhook whose answer was lost gets the same message again, and knows it by its key', async () => {
  pager.forget()
  pager.plan({ kind: 'reset-after-reading' })
  await fire('critical', 'Lost')
  expect({ problems: pager.problems, repetitions: pager.repetitions }).toEqual({ problems: [], repetitions: 1 })
  expect(pager.messages.map(({ body }) => body.event)).toEqual(['firing'])
}, 60_000)

test('a mail whose answer was lost is sent again under the same Message-ID, by which readers know it', async () => {
  mail.forget()
  mail.plan({ at: 'data', does: 'drop' })
  const told = fire('warning', 'Lost')
  await waitUntil(() => mail.mails.length > 0, { timeoutMs: 20_000, why: 'the server has the mail' })
  const [{ headers } = { headers: new Map() }] = mail.mails
  mail.forget()
  await told
  expect(mail.mails.map((again) => again.headers.get('message-id'))).toEqual([headers.get('message-id')])
}, 60_000)

test('no secret of a channel is in the log or in what the API says of channels', async () => {
  const { body } = await nunchi.api('/api/v1/channels')
  expect(JSON.stringify(body)).toMatch(/managers.*pager/)
  expect(JSON.stringify([nunchi.log, nunchi.plainOutput, body])).not.toContain('canary')
})
