import type { Channel } from '../notify/channel.ts'
import { createEmailChannel } from '../notify/channels/email/email-channel.ts'
import type { EmailSettings } from '../notify/channels/email/settings-schema.ts'
import { createPreviewChannel } from '../notify/channels/preview/preview-channel.ts'
import { checkSlack } from '../notify/channels/slack/check-slack.ts'
import { createSlackChannel } from '../notify/channels/slack/slack-channel.ts'
import { slackMessageBody } from '../notify/channels/slack/slack-message-body.ts'
import type { SlackSettings, SlackWebhookSettings } from '../notify/channels/slack/slack-settings.ts'
import { createSlackWebhookChannel } from '../notify/channels/slack/slack-webhook-channel.ts'
import { templateOf } from '../notify/channels/slack/templates/template-of.ts'
import type { TemplateOptions } from '../notify/channels/slack/templates/template-options.ts'
import type { WebhookSettings } from '../notify/channels/webhook/settings-schema.ts'
import { createWebhookChannel } from '../notify/channels/webhook/webhook-channel.ts'
import type { ChannelData } from './engine-data.ts'
import { NUNCHI_VERSION } from './version.ts'

/** What channels take from outside. */
interface ChannelDeps {
  readonly now: () => number
}

/** How a kind of channel is made of its settings. */
interface ChannelMaker<S> {
  readonly kind: string
  readonly create: (settings: S, deps: ChannelDeps) => Channel
  /** What a person must repair before messages can be told, asked without posting; absent where that cannot be asked. */
  readonly check?: (settings: S) => Promise<readonly string[]>
  /** `POST /alert` answers the threads of such a channel. */
  readonly hasThreads?: true
}

const slackMaker: ChannelMaker<SlackSettings> = {
  kind: 'slack',
  create: (settings) => createSlackChannel(settings),
  check: async (settings) =>
    (await checkSlack(settings)).filter(({ isBlocking }) => isBlocking).map(({ detail }) => detail),
  hasThreads: true,
}

const slackWebhookMaker: ChannelMaker<SlackWebhookSettings> = {
  kind: 'slack-webhook',
  create: (settings) => createSlackWebhookChannel(settings),
}

const previewMaker: ChannelMaker<{ readonly id: string; readonly template: TemplateOptions }> = {
  kind: 'preview',
  create: ({ id, template: options }) => {
    const template = templateOf(options)
    return createPreviewChannel({ id, render: (message) => slackMessageBody(message, template) })
  },
}

const webhookMaker: ChannelMaker<WebhookSettings> = {
  kind: 'webhook',
  create: (settings, { now }) => createWebhookChannel(settings, { now, userAgent: `Nunchi/${NUNCHI_VERSION}` }),
}

const emailMaker: ChannelMaker<EmailSettings> = {
  kind: 'email',
  create: (settings) => createEmailChannel(settings),
}

/** Every kind of channel. Adding one touches its folder, this list, and `CHANNEL_KINDS` of the configuration. */
const CHANNEL_MAKERS: readonly ChannelMaker<never>[] = [
  slackMaker,
  slackWebhookMaker,
  webhookMaker,
  emailMaker,
  previewMaker,
]

// The configuration has been checked by the schema of each kind, so that this thread does without the schema library,
// which would take 10 MB of it.
function makerOf(kind: string): ChannelMaker<never> {
  const found = CHANNEL_MAKERS.find((maker) => maker.kind === kind)
  if (found === undefined) throw new Error(`There is no channel of kind ${kind}`)
  return found
}

/** The channels of this installation, by id. */
export function createChannels(channels: readonly ChannelData[], deps: ChannelDeps): ReadonlyMap<string, Channel> {
  return new Map(
    channels.map(({ id, kind, storm, settings }) => {
      const channel = makerOf(kind).create(settings as never, deps)
      return [id, storm === null ? channel : { ...channel, storm }]
    }),
  )
}

/** What a person must repair, by channel; empty when all is well. */
export async function checkChannels(
  channels: readonly ChannelData[],
): Promise<readonly { readonly channelId: string; readonly problem: string }[]> {
  const found = await Promise.all(
    channels.map(async ({ id, kind, settings }) => {
      const problems = (await makerOf(kind).check?.(settings as never)) ?? []
      return problems.map((problem) => ({ channelId: id, problem }))
    }),
  )
  return found.flat()
}

/** The channel whose threads system 2 knows: the default one, otherwise the first with threads; null where none has. */
export function threadChannelOf(
  channels: readonly Pick<ChannelData, 'id' | 'kind'>[],
  defaultChannel: string,
): string | null {
  const threaded = channels.filter(({ kind }) => makerOf(kind).hasThreads === true)
  return (threaded.find(({ id }) => id === defaultChannel) ?? threaded[0])?.id ?? null
}
