import * as z from 'zod'
import { PREVIEW_CHANNEL } from '../../domain/preview-channel.ts'
import type { TemplateOptions } from '../../notify/channels/slack/templates/template-options.ts'
import type { ChannelContext, WorkspaceConfig } from './config-shape.ts'
import type { Secret } from './secret.ts'
import { SLACK_CHANNEL_SETTINGS, SLACK_WEBHOOK_SETTINGS } from './slack-section.ts'

type BotSettings = z.output<typeof SLACK_CHANNEL_SETTINGS>
type Look = Partial<Pick<BotSettings, 'template' | 'language' | 'timeZone' | 'titlePrefix' | 'footer'>>
type Pace = Pick<BotSettings, 'postsPerSecond' | 'burst'>
type WebhookSettings = Look & Pace & { readonly url: Secret }

/** The other presets tell what happened and never change. */
const LIVE_PRESET = 'default'

/** A slow answer is given up after this. */
const TIMEOUT_MS = 10_000

/** A channel that a bot posts to, with threads, edits and buttons. */
export const slackChannelKind = {
  kind: 'slack',
  settings: SLACK_CHANNEL_SETTINGS,
  labelOf: ({ channel, workspace }: BotSettings) => (workspace === 'default' ? channel : `${channel} in ${workspace}`),
  isLive: (settings: BotSettings, context: ChannelContext) =>
    (settings.template ?? context.slack.template) === LIVE_PRESET,
  complete: (settings: BotSettings, context: ChannelContext) => {
    const workspace = context.workspaces.find(({ name }) => name === settings.workspace)
    // The configuration has refused a channel of an unknown workspace before it came here.
    if (workspace === undefined) throw new Error(`There is no workspace ${settings.workspace}`)
    return {
      workspace: workspace.name,
      botToken: workspace.botToken,
      apiUrl: workspace.apiUrl.endsWith('/') ? workspace.apiUrl : `${workspace.apiUrl}/`,
      editsPerMinute: workspace.editsPerMinute,
      channel: settings.channel,
      template: templateOptions(settings, context, hearsClicks(workspace)),
      ...paceOf(settings),
    }
  },
} as const

/** An incoming webhook: every message stands alone. */
export const slackWebhookChannelKind = {
  kind: 'slack-webhook',
  settings: SLACK_WEBHOOK_SETTINGS,
  labelOf: () => 'incoming webhook',
  complete: (settings: WebhookSettings, context: ChannelContext) => ({
    url: settings.url,
    template: templateOptions(settings, context, false),
    ...paceOf(settings),
  }),
} as const

/** Stands in where nobody is told: shows what the workspace of the short form would be. */
export const previewChannelKind = {
  kind: PREVIEW_CHANNEL,
  settings: z.strictObject({}),
  labelOf: () => 'none (messages are listed at /api/v1/notifications/would-be)',
  complete: (settings: object, context: ChannelContext) => ({
    template: templateOptions(settings, context, hearsClicks(context.slack)),
  }),
} as const

/** Slack tells of a click only where one of the two is configured; a button would answer it with an error. */
function hearsClicks({ signingSecret, appToken }: Pick<WorkspaceConfig, 'signingSecret' | 'appToken'>): boolean {
  return signingSecret !== null || appToken !== null
}

function paceOf({ postsPerSecond, burst }: Pace) {
  return { postsPerSecond, burst, timeoutMs: TIMEOUT_MS }
}

/** What the channel does not say is as `slack` says it. An empty prefix or footer is that of the template. */
function templateOptions(own: Look, { slack, sources }: ChannelContext, hasButtons: boolean): TemplateOptions {
  return {
    preset: own.template ?? slack.template,
    language: own.language ?? slack.language,
    timeZone: own.timeZone ?? slack.timeZone,
    titlePrefix: (own.titlePrefix ?? slack.titlePrefix) || null,
    footer: (own.footer ?? slack.footer) || null,
    // Sources may differ; the longest is true of all of them.
    flapQuietMs: Math.max(...sources.map(({ policy }) => policy.lifecycle.flapHoldOffMs)),
    hasButtons,
  }
}
