import type { IncidentMessage } from '../../src/notify/channel.ts'
import { createEmailChannel } from '../../src/notify/channels/email/email-channel.ts'
import { emailSettingsSchema } from '../../src/notify/channels/email/settings-schema.ts'
import { createPreviewChannel } from '../../src/notify/channels/preview/preview-channel.ts'
import { createSlackChannel } from '../../src/notify/channels/slack/slack-channel.ts'
import { slackMessageBody } from '../../src/notify/channels/slack/slack-message-body.ts'
import { slackSettingsSchema, slackWebhookSettingsSchema } from '../../src/notify/channels/slack/slack-settings.ts'
import { createSlackWebhookChannel } from '../../src/notify/channels/slack/slack-webhook-channel.ts'
import { threaderTemplate } from '../../src/notify/channels/slack/templates/threader-template.ts'
import { webhookSettingsSchema } from '../../src/notify/channels/webhook/settings-schema.ts'
import { createWebhookChannel } from '../../src/notify/channels/webhook/webhook-channel.ts'
import { DEFAULT_CHANNEL, DEFAULT_TOKEN, type FakeSlack, startFakeSlack } from '../support/fake-slack/fake-slack.ts'
import type { Fault } from '../support/fake-slack/faults.ts'
import { type SmtpFault, startSmtpReceiver } from '../support/smtp-receiver.ts'
import { startWebhookReceiver, type WebhookFault } from '../support/webhook-receiver.ts'
import { type ChannelUnderTest, describeChannel, type Trouble } from './channel.ts'

const TIMEOUT_MS = 1_500

describeChannel('webhook', { lostAnswer: 'retry' }, async () => {
  const secret = 'canary-secret-of-the-webhook'
  const receiver = await startWebhookReceiver({ secret, path: '/hook/canary-path?token=canary-token' })
  const settings = webhookSettingsSchema.parse({
    url: receiver.url,
    secret,
    headers: { authorization: 'Bearer canary-header' },
    timeoutMs: TIMEOUT_MS,
    allowPrivateAddresses: true,
  })
  const echo = { body: `canary ${secret} ${receiver.url}`, headers: { 'retry-after': '2' } }
  const faults: Readonly<Record<Trouble, WebhookFault>> = {
    busy: { kind: 'answer', status: 429, ...echo },
    refusing: { kind: 'answer', status: 403, ...echo },
    silent: { kind: 'hang' },
    'cut-off': { kind: 'reset-after-reading' },
    gone: { kind: 'reset' },
  }
  return {
    channel: createWebhookChannel(settings, { now: Date.now }),
    secrets: ['canary', String(receiver.port)],
    shown: () => receiver.messages.map(({ text }) => text),
    // Programs read it, and they read it as it was meant: signed, of the promised form, and nothing beside it.
    live: () => receiver.problems,
    meet: (trouble) => receiver.plan(faults[trouble]),
    recover: receiver.forget,
    close: receiver.close,
  }
})

describeChannel('email', { lostAnswer: 'ambiguous' }, async () => {
  const login = { user: 'canary-user', password: 'canary-password' }
  const receiver = await startSmtpReceiver({ login })
  const to = 'oncall@example.com'
  const settings = emailSettingsSchema.parse({
    ...login,
    host: '127.0.0.1',
    port: receiver.port,
    from: 'alerts@example.com',
    to: [to],
    timeoutMs: TIMEOUT_MS,
  })
  const echo = `${login.user} ${login.password} <script>`
  const faults: Readonly<Record<Trouble, SmtpFault>> = {
    busy: { at: 'from', does: { reply: 451, text: `4.7.28 ${echo}` } },
    refusing: { at: 'login', does: { reply: 535, text: `5.7.8 ${echo}` } },
    silent: { at: 'data', does: 'hang' },
    'cut-off': { at: 'data', does: 'drop' },
    gone: { at: 'connect', does: 'drop' },
  }
  return {
    channel: createEmailChannel(settings),
    secrets: ['canary'],
    shown: () => receiver.mails.map(({ text, html }) => `${text}\n${html}`),
    live: () => [
      ...receiver.problems,
      ...receiver.mails.flatMap(({ html }) => liveTags(html)),
      ...receiver.mails.flatMap((mail) => (mail.headers.has('bcc') || mail.to.join() !== to ? ['a header'] : [])),
    ],
    meet: (trouble) => receiver.plan(faults[trouble]),
    recover: receiver.forget,
    close: receiver.close,
  }
})

/** Tags, attributes and addresses that are not among those that a mail of ours is made of. */
function liveTags(html: string): readonly string[] {
  const tags = html.match(/<[^>]*>/g) ?? []
  const ours =
    /^<(?:!doctype html|\/?(?:html|head|body|title|meta|div|p|strong|h1|table|tr|th|td|ul|li|a)(?: (?:lang|charset|name|content|style|role|align|rel|cellpadding|cellspacing|href)="[^"<>]*")*)>$/
  const address = /href="(?!https:\/\/wiki\.example\.com\/)|src=|url\(/
  return tags.filter((tag) => !ours.test(tag) || address.test(tag))
}

const SLACK_FAULTS: Readonly<Record<Exclude<Trouble, 'refusing'>, Fault>> = {
  busy: { kind: 'rate-limited', retryAfter: 2 },
  silent: { kind: 'hang', ms: 3_000, stores: 'first' },
  'cut-off': { kind: 'accept-then-drop' },
  gone: { kind: 'down' },
}

function overSlack(slack: FakeSlack, refusing: Fault): Omit<ChannelUnderTest, 'channel' | 'secrets'> {
  return {
    shown: () => slack.messages().map(({ content }) => JSON.stringify(content)),
    live: () => [
      ...slack.pings().map(({ raw }) => raw),
      ...slack
        .links()
        .map(({ url }) => url)
        .filter((url) => !url.startsWith('https://wiki.example.com/')),
    ],
    meet: (trouble) => slack.addFault({ fault: trouble === 'refusing' ? refusing : SLACK_FAULTS[trouble], times: 1 }),
    recover: () => slack.clearFaults(),
    close: () => slack.close(),
  }
}

const DOWN = 'a connection that breaks at once may have brought the message: in doubt, it is looked up'

describeChannel('slack', { lostAnswer: 'ambiguous', cannotMeet: { gone: DOWN } }, async () => {
  const slack = await startFakeSlack({ limits: 'off' })
  const settings = { botToken: DEFAULT_TOKEN, channel: DEFAULT_CHANNEL, apiUrl: slack.apiUrl, timeoutMs: TIMEOUT_MS }
  return {
    channel: createSlackChannel(slackSettingsSchema.parse(settings)),
    secrets: [DEFAULT_TOKEN],
    ...overSlack(slack, { kind: 'error', error: 'invalid_auth' }),
  }
})

describeChannel('slack-webhook', { lostAnswer: 'ambiguous', cannotMeet: { gone: DOWN } }, async () => {
  const slack = await startFakeSlack({ limits: 'off' })
  const url = slack.webhookUrl()
  return {
    channel: createSlackWebhookChannel(slackWebhookSettingsSchema.parse({ url, timeoutMs: TIMEOUT_MS })),
    secrets: [new URL(url).pathname],
    ...overSlack(slack, { kind: 'status', status: 403, body: 'invalid_token' }),
  }
})

const ALONE = 'it talks to nobody'

describeChannel(
  'preview',
  {
    lostAnswer: 'ambiguous',
    cannotMeet: { busy: ALONE, refusing: ALONE, silent: ALONE, 'cut-off': ALONE, gone: ALONE },
  },
  async () => {
    const shown: string[] = []
    const render = (message: IncidentMessage): unknown => {
      const body = slackMessageBody(message, threaderTemplate())
      shown.push(JSON.stringify(body))
      return body
    }
    const nothing = (): void => undefined
    return {
      channel: createPreviewChannel({ id: 'preview', render }),
      secrets: [],
      shown: () => shown,
      // It shows what another channel made; that one is looked at above.
      live: () => [],
      meet: nothing,
      recover: nothing,
      close: () => Promise.resolve(),
    }
  },
)
