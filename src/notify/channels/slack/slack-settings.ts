import * as z from 'zod'
import { DEFAULT_TEMPLATE_OPTIONS, MESSAGE_LANGUAGES, MESSAGE_PRESETS } from './templates/template-options.ts'

/** Slack's own address. Tests point elsewhere. */
export const SLACK_API_URL = 'https://slack.com/api/'

const templateSchema = z
  .strictObject({
    preset: z.enum(MESSAGE_PRESETS),
    language: z.enum(MESSAGE_LANGUAGES),
    timeZone: z.string().min(1).nullable(),
    titlePrefix: z.string().min(1).nullable(),
    footer: z.string().min(1).nullable(),
    flapQuietMs: z.int().min(0),
    hasButtons: z.boolean(),
  })
  .default(DEFAULT_TEMPLATE_OPTIONS)

// A long-term rate above Slack's own only earns refusals; tests and stand-ins for Slack may want more.
const pace = {
  postsPerSecond: z.number().positive('must be more than 0').max(1_000).default(1),
  burst: z.int('must be a whole number').min(1).max(1_000).default(4),
  timeoutMs: z
    .int('must be a whole number of milliseconds')
    .min(500, 'must be at least 500 ms')
    .max(120_000)
    .default(10_000),
}

/** The settings of a Slack channel that a bot posts to. Every problem says what to put instead; none repeats a secret. */
export const slackSettingsSchema = z.strictObject({
  /** The name of the channel in the configuration. */
  id: z.string().min(1).default('slack'),
  botToken: z.string().superRefine(explain(tokenProblem)),
  channel: z.string().superRefine(explain(channelProblem)),
  apiUrl: z.string().default(SLACK_API_URL).superRefine(explain(addressProblem)).transform(withSlash),
  /** The name of the workspace in the configuration: its channels share one budget of edits. */
  workspace: z.string().min(1).default('default'),
  editsPerMinute: z.number().positive('must be more than 0').max(60_000).default(50),
  template: templateSchema,
  ...pace,
})

/** The settings of a Slack incoming webhook. The whole URL is a secret. */
export const slackWebhookSettingsSchema = z.strictObject({
  id: z.string().min(1).default('slack-webhook'),
  url: z.string().superRefine(explain(addressProblem)),
  template: templateSchema,
  ...pace,
})

export type SlackSettings = z.infer<typeof slackSettingsSchema>
export type SlackWebhookSettings = z.infer<typeof slackWebhookSettingsSchema>

type Problem = (text: string) => string | null

function explain(problemOf: Problem): (text: string, context: z.RefinementCtx<string>) => void {
  return (text, context) => {
    const message = problemOf(text)
    if (message !== null) context.addIssue({ code: 'custom', message })
  }
}

function tokenProblem(token: string): string | null {
  if (/^xoxb-[\w-]+$/.test(token)) return null
  const remedy =
    'use the Bot User OAuth Token of the Slack app (it begins with xoxb-), from "OAuth & Permissions" in the app\'s settings'
  if (token.startsWith('xapp-')) return `is an app-level token, which cannot post; ${remedy}`
  if (/^xox[a-z]-/.test(token)) return `is not a bot's token; ${remedy}`
  return /^https?:/.test(token)
    ? `is an address; for an incoming webhook set the webhook URL instead, otherwise ${remedy}`
    : `is no token of Slack; ${remedy}`
}

function channelProblem(channel: string): string | null {
  if (/^[CDG][A-Z0-9]{2,}$/.test(channel)) return null
  const remedy =
    'use its id such as C0123456789: open the channel in Slack, click its name, and find the id at the bottom of the window'
  // A name can be given to another channel, and lost messages cannot be looked up by it.
  return /^#|[a-z]/.test(channel) ? `is the name of a channel; ${remedy}` : `is no channel of Slack; ${remedy}`
}

function addressProblem(url: string): string | null {
  const address = URL.parse(url)
  if (address === null || !/^https?:$/.test(address.protocol))
    return 'must be an absolute address that begins with https://'
  if (address.username !== '' || address.password !== '') return 'must not hold a user name or password'
  // A token must not cross a network in the clear; names without a dot are containers beside this one.
  const isNear = /^(127(\.\d+){3}|\[::1\]|[^.:]+)$/.test(address.hostname)
  return address.protocol === 'https:' || isNear
    ? null
    : 'must begin with https://, because the token would cross the network unencrypted'
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}
