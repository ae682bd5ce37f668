import * as z from 'zod'
import { MEMBER_RIGHTS } from '../../domain/person.ts'
import { slackSettingsSchema, slackWebhookSettingsSchema } from '../../notify/channels/slack/slack-settings.ts'
import { MESSAGE_LANGUAGES, MESSAGE_PRESETS } from '../../notify/channels/slack/templates/template-options.ts'
import { askSchema, checkedText } from './ask-schema.ts'
import { channelSettings } from './channel-settings.ts'
import { MENTIONS } from './mention-setting.ts'
import { type Objection, type SettingFacts, secretText, setting } from './setting.ts'
import { STORM } from './storm-setting.ts'
import { timeZoneText } from './time-zone.ts'

const { botToken, channel, apiUrl, postsPerSecond, burst, editsPerMinute } = slackSettingsSchema.shape

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

/** The same setting in the short form, with its variable, and in a list, without. */
function facts(about: string, env?: string, more: Partial<SettingFacts> = {}): SettingFacts {
  return { about, ...more, ...(env !== undefined && { env }) }
}

function botTokenSetting(env?: string) {
  const about = 'The bot that posts and threads. Needs the scope `chat:write` and an invitation into the channel.'
  return facts(about, env, { isSecret: true })
}

function signingSecretSetting(env?: string) {
  const about = 'Proves that a click comes from Slack: app → Basic Information → Signing Secret.'
  return setting(secretText(plausibleSecret).optional(), facts(about, env, { isSecret: true }))
}

function appTokenSetting(env?: string) {
  const about = 'Opens Socket Mode, so that clicks arrive without a public address.'
  return setting(secretText(beginsWithXapp).optional(), facts(about, env, { isSecret: true }))
}

function apiUrlSetting(env?: string) {
  const remedy = 'Write a whole address such as `https://slack.com/api/`, or leave it out.'
  return setting(
    checkedText(apiUrl).prefault(apiUrl.parse(undefined)),
    facts('The address of the Slack API, for a proxy or a test.', env, { remedy }),
  )
}

function editsSetting() {
  return setting(editsPerMinute, {
    about: 'How often a minute messages are changed in one workspace; Slack allows about 50.',
  })
}

const PACE = {
  postsPerSecond: setting(postsPerSecond, {
    about: 'Messages a second to one channel in the long run; Slack allows about one.',
  }),
  burst: setting(burst, { about: 'Messages to one channel at once after a quiet time.' }),
}

const PRESET = z.enum(MESSAGE_PRESETS)
const LANGUAGE = z.enum(MESSAGE_LANGUAGES)
const TITLE_PREFIX = z.string().max(60)
const FOOTER = z.string().max(300)

const ABOUT = {
  template: 'The form of the messages.',
  language: 'The language of the messages.',
  timeZone: 'The zone of times in messages, and of hours in `routes` and `quietHours`.',
  titlePrefix: 'Stands in brackets before every title.',
  footer: 'Stands below every root message.',
} as const

const OF_TEMPLATE = 'none; those of `cloudwatch-…` have their own'

/** How messages look in one channel, where it differs. */
const OWN_LOOK = {
  template: setting(PRESET.optional(), { about: ABOUT.template, otherwise: 'that of `slack`' }),
  language: setting(LANGUAGE.optional(), { about: ABOUT.language, otherwise: 'that of `slack`' }),
  timeZone: setting(timeZoneText().optional(), {
    about: 'The zone of times in messages.',
    otherwise: 'that of `slack`',
  }),
  titlePrefix: setting(TITLE_PREFIX.optional(), { about: ABOUT.titlePrefix, otherwise: 'that of `slack`' }),
  footer: setting(FOOTER.optional(), { about: ABOUT.footer, otherwise: 'that of `slack`' }),
}

/** The short form: one workspace, one channel. */
export const SLACK = z.strictObject({
  botToken: setting(secretText(askSchema(botToken)).optional(), {
    ...botTokenSetting('SLACK_BOT_TOKEN'),
    otherwise: 'none: what would be posted is listed by the API',
  }),
  channel: setting(checkedText(channel).optional(), {
    about: 'Where incidents are told: the id of a channel.',
    env: 'SLACK_CHANNEL',
    examples: ['C0123456789'],
  }),
  webhookUrl: setting(secretText(askSchema(slackWebhookSettingsSchema.shape.url)).optional(), {
    about:
      'An incoming webhook: the simple way, without threads or edits. Beside a bot it needs a route to be told anything.',
    env: 'SLACK_WEBHOOK_URL',
    remedy: 'Copy the whole address from api.slack.com/apps → your app → Incoming Webhooks.',
    isSecret: true,
  }),
  apiUrl: apiUrlSetting('SLACK_API_URL'),
  signingSecret: signingSecretSetting('SLACK_SIGNING_SECRET'),
  appToken: appTokenSetting('SLACK_APP_TOKEN'),
  members: setting(z.enum(MEMBER_RIGHTS).optional(), {
    about:
      'What a full member of the workspace may do who is not among `people`. Guests, strangers and bots never may do anything.',
    otherwise: '`respond` where nobody is among `people`, else `read`',
  }),
  template: setting(PRESET.prefault('default'), { about: ABOUT.template, env: 'NUNCHI_SLACK_TEMPLATE' }),
  language: setting(LANGUAGE.prefault('en'), { about: ABOUT.language, env: 'NUNCHI_LANGUAGE', fromText: 'lowercase' }),
  timeZone: setting(timeZoneText().optional(), {
    about: ABOUT.timeZone,
    env: 'NUNCHI_TIME_ZONE',
    otherwise: '`UTC`; in messages of `cloudwatch-ko` `Asia/Seoul`',
    examples: ['Asia/Seoul'],
  }),
  titlePrefix: setting(TITLE_PREFIX.optional(), {
    about: ABOUT.titlePrefix,
    otherwise: OF_TEMPLATE,
    examples: ['prod'],
  }),
  footer: setting(FOOTER.optional(), {
    about: ABOUT.footer,
    otherwise: OF_TEMPLATE,
    examples: ['Runbooks: wiki.example.com/oncall'],
  }),
  mentions: setting(MENTIONS.prefault({}), {
    about: 'Whom a first message, a raised severity and a firing again call, by severity: `@here`, `@channel`, or ids.',
    examples: [{ critical: ['@here', 'S0123ABC'] }],
  }),
  ...PACE,
  editsPerMinute: editsSetting(),
  storm: setting(STORM.prefault({}), { about: 'When many incidents are told in one message.' }),
})

/** A workspace beside the one of the short form, which is named `default`. */
export const WORKSPACE = z.strictObject({
  name: setting(z.string().regex(/^[a-z0-9-]{1,40}$/), {
    about: 'Unique; channels name it. The workspace of `slack.botToken` is named `default`.',
    examples: ['acme-emea'],
    remedy: 'Use 1 to 40 of `a`–`z`, `0`–`9` and `-`.',
  }),
  botToken: setting(secretText(askSchema(botToken)), botTokenSetting()),
  signingSecret: signingSecretSetting(),
  appToken: appTokenSetting(),
  apiUrl: apiUrlSetting(),
  editsPerMinute: editsSetting(),
})

/** What a channel of a bot is, in `channels`. */
export const SLACK_CHANNEL_SETTINGS = z.strictObject({
  workspace: setting(z.string().min(1).prefault('default'), { about: 'The workspace that it is in.' }),
  channel: setting(checkedText(channel), { about: 'The id of the channel.', examples: ['C0123456789'] }),
  ...OWN_LOOK,
  ...PACE,
})

/** What an incoming webhook is, in `channels`. */
export const SLACK_WEBHOOK_SETTINGS = channelSettings(
  z.strictObject({
    url: slackWebhookSettingsSchema.shape.url.describe(
      'The whole address of the incoming webhook: api.slack.com/apps → your app → Incoming Webhooks.',
    ),
    ...OWN_LOOK,
    ...PACE,
  }),
  { secrets: ['url'] },
)
