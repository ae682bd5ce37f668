import * as z from 'zod'
import { LANGUAGES } from '../../domain/language.ts'
import { MEMBER_RIGHTS } from '../../domain/person.ts'
import { slackSettingsSchema, slackWebhookSettingsSchema } from '../../notify/channels/slack/slack-settings.ts'
import { type Objection, refuse, secretText, setting } from './setting.ts'

const { botToken, channel, apiUrl, postsPerSecond, burst } = slackSettingsSchema.shape

function beginsWithXapp(value: string): Objection | null {
  if (value.startsWith('xapp-')) return null
  const remedy = 'Copy an "App-Level Token" from api.slack.com/apps → your app → Basic Information.'
  return { problem: 'does not begin with `xapp-`', remedy }
}

const SHORTEST_SIGNING_SECRET = 16

/** Objections never quote the secret. */
function plausibleSecret(value: string): Objection | null {
  if (value.length >= SHORTEST_SIGNING_SECRET && /^[\x21-\x7e]+$/.test(value)) return null
  const remedy =
    'Copy the "Signing Secret" (32 letters and digits) from api.slack.com/apps → your app → Basic Information.'
  return { problem: 'is no signing secret of Slack: everybody could forge clicks', remedy }
}

/** Asks the schema of the channel itself, whose messages are `problem; remedy` and hold no secret. */
function askChannel(schema: z.ZodType): (value: string) => Objection | null {
  return (value) => {
    const message = schema.safeParse(value).error?.issues[0]?.message
    if (message === undefined) return null
    const [problem, remedy] = message.split('; ', 2) as [string, string | undefined]
    return { problem, ...(remedy !== undefined && { remedy: sentence(remedy) }) }
  }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function checkedText(schema: z.ZodType) {
  return z.string().superRefine((value, ctx) => {
    const objection = askChannel(schema)(value)
    if (objection) refuse(ctx, objection)
  })
}

export const SLACK = z.strictObject({
  botToken: setting(secretText(askChannel(botToken)).optional(), {
    about: 'The bot that posts and threads. Needs the scope `chat:write` and an invitation into the channel.',
    env: 'SLACK_BOT_TOKEN',
    isSecret: true,
    otherwise: 'none: what would be posted is listed by the API',
  }),
  channel: setting(checkedText(channel).optional(), {
    about: 'Where incidents are told: the id of a channel.',
    env: 'SLACK_CHANNEL',
    examples: ['C0123456789'],
  }),
  webhookUrl: setting(secretText(askChannel(slackWebhookSettingsSchema.shape.url)).optional(), {
    about: 'An incoming webhook: the simple way, without threads. A bot goes before it.',
    env: 'SLACK_WEBHOOK_URL',
    remedy: 'Copy the whole address from api.slack.com/apps → your app → Incoming Webhooks.',
    isSecret: true,
  }),
  apiUrl: setting(checkedText(apiUrl).prefault(apiUrl.parse(undefined)), {
    about: 'The address of the Slack API, for a proxy or a test.',
    env: 'SLACK_API_URL',
    remedy: 'Write a whole address such as `https://slack.com/api/`, or leave it out.',
  }),
  signingSecret: setting(secretText(plausibleSecret).optional(), {
    about: 'Proves that a click comes from Slack: app → Basic Information → Signing Secret.',
    env: 'SLACK_SIGNING_SECRET',
    isSecret: true,
  }),
  appToken: setting(secretText(beginsWithXapp).optional(), {
    about: 'Opens Socket Mode, so that clicks arrive without a public address.',
    env: 'SLACK_APP_TOKEN',
    isSecret: true,
  }),
  members: setting(z.enum(MEMBER_RIGHTS).optional(), {
    about:
      'What a full member of the workspace may do who is not among `people`. Guests, strangers and bots never may do anything.',
    otherwise: '`respond` where nobody is among `people`, else `read`',
  }),
  language: setting(z.enum(LANGUAGES).prefault('en'), {
    about: 'The language of the messages.',
    env: 'NUNCHI_LANGUAGE',
    fromText: 'lowercase',
  }),
  postsPerSecond: setting(postsPerSecond, {
    about: 'Messages a second to one channel in the long run; Slack allows about one.',
  }),
  burst: setting(burst, { about: 'Messages to one channel at once after a quiet time.' }),
})
