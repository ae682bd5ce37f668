import type { Channel } from '../notify/channel.ts'
import { createPreviewChannel } from '../notify/channels/preview/preview-channel.ts'
import { checkSlack } from '../notify/channels/slack/check-slack.ts'
import { createSlackChannel } from '../notify/channels/slack/slack-channel.ts'
import { slackMessageBody } from '../notify/channels/slack/slack-message-body.ts'
import type { SlackSettings, SlackWebhookSettings } from '../notify/channels/slack/slack-settings.ts'
import { createSlackWebhookChannel } from '../notify/channels/slack/slack-webhook-channel.ts'
import type { RoutedChannel } from '../notify/routing.ts'
import type { EngineData } from './engine-data.ts'

type SlackData = EngineData['slack']

/** The channels of this installation, by id: the bot where there is one, else the incoming webhook, else a preview that shows what would be sent. */
export function createChannels({ slack }: Pick<EngineData, 'slack'>): ReadonlyMap<string, Channel> {
  const channel =
    slack.bot !== null
      ? createSlackChannel(botSettings(slack))
      : slack.webhookUrl !== null
        ? createSlackWebhookChannel(webhookSettings(slack))
        : previewChannel()
  return new Map([[channel.id, channel]])
}

/** The channels of `createChannels`, for those who only order messages. */
export function routedChannelsOf(slack: Pick<SlackData, 'bot' | 'webhookUrl'>): readonly RoutedChannel[] {
  if (slack.bot !== null) return [{ id: BOT, canEdit: true }]
  return [{ id: slack.webhookUrl !== null ? WEBHOOK : PREVIEW, canEdit: false }]
}

/** The channel whose threads system 2 knows; null where no channel has threads. */
export function threadChannelOf(slack: Pick<SlackData, 'bot'>): string | null {
  return slack.bot === null ? null : BOT
}

/** What `/health` of system 2 names as the channel. */
export function channelLabelOf(botChannel: string | null, hasWebhook: boolean): string {
  return (
    botChannel ?? (hasWebhook ? 'incoming webhook' : 'none (messages are listed at /api/v1/notifications/would-be)')
  )
}

/** What a person must repair at the bot's Slack before messages can be told; empty when all is well or there is no bot. */
export async function checkChannels({
  slack,
}: Pick<EngineData, 'slack'>): Promise<readonly { readonly channelId: string; readonly problem: string }[]> {
  if (slack.bot === null) return []
  const problems = await checkSlack(botSettings(slack))
  return problems.filter(({ isBlocking }) => isBlocking).map(({ detail }) => ({ channelId: BOT, problem: detail }))
}

const BOT = 'slack'
const WEBHOOK = 'slack-webhook'
const PREVIEW = 'preview'

const SLACK_TIMEOUT_MS = 10_000

// The configuration has been checked by the schema of the channel. Here it is only put together: the engine's thread
// does without the schema library, which would take 10 MB of it.
function botSettings({ bot, apiUrl, postsPerSecond, burst }: SlackData): SlackSettings {
  if (bot === null) throw new Error('There is no bot to post as')
  return {
    id: BOT,
    botToken: bot.token,
    channel: bot.channel,
    apiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`,
    postsPerSecond,
    burst,
    timeoutMs: SLACK_TIMEOUT_MS,
    workspace: 'default',
    editsPerMinute: 50,
    template: TEMPLATE,
  }
}

const TEMPLATE = {
  preset: 'default',
  language: 'en',
  timeZone: 'UTC',
  titlePrefix: '',
  footer: '',
  flapQuietMs: 300_000,
} as const

function webhookSettings({ webhookUrl, postsPerSecond, burst }: SlackData): SlackWebhookSettings {
  if (webhookUrl === null) throw new Error('There is no incoming webhook to post to')
  return { id: WEBHOOK, url: webhookUrl, postsPerSecond, burst, timeoutMs: SLACK_TIMEOUT_MS, template: TEMPLATE }
}

function previewChannel(): Channel {
  return createPreviewChannel({ id: PREVIEW, render: (message) => slackMessageBody(message) })
}
