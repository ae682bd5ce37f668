import { PREVIEW_CHANNEL } from '../../domain/preview-channel.ts'
import type { StormPolicy } from '../../notify/channel.ts'
import { channelKindOf } from './channel-kinds.ts'
import type { ParsedFile } from './config-schema.ts'
import type { ChannelConfig, Config, SlackConfig, WorkspaceConfig } from './config-shape.ts'
import { SLACK_CHANNEL_SETTINGS, SLACK_WEBHOOK_SETTINGS } from './slack-section.ts'

/** The workspace of the short form. */
export const DEFAULT_WORKSPACE = 'default'

/** The channels of the short form. */
export const SHORT_BOT_CHANNEL = 'slack'
export const SHORT_WEBHOOK_CHANNEL = 'slack-webhook'

/** Who is told: the short form and the lists become one list of workspaces and one of channels. */
export function toldOf(parsed: ParsedFile): Pick<Config, 'slack' | 'workspaces' | 'channels' | 'defaultChannel'> {
  const slack = slackOf(parsed)
  const told = [...shortChannels(slack), ...parsed.channels.map((channel) => declaredChannel(channel, slack))]
  const channels = told.length === 0 ? [previewChannel(slack)] : told
  return {
    slack,
    workspaces: workspacesOf(parsed, slack),
    channels,
    defaultChannel: parsed.defaultChannel ?? (channels[0] as ChannelConfig).id,
  }
}

function slackOf({ slack, people }: ParsedFile): SlackConfig {
  const { botToken, channel, webhookUrl, signingSecret, appToken, storm, timeZone, titlePrefix, footer, ...plain } =
    slack
  return {
    botToken: botToken ?? null,
    channel: channel ?? null,
    webhookUrl: webhookUrl ?? null,
    signingSecret: signingSecret ?? null,
    appToken: appToken ?? null,
    timeZone: timeZone ?? null,
    titlePrefix: titlePrefix ?? null,
    footer: footer ?? null,
    storm: stormOf(storm),
    ...plain,
    members: plain.members ?? (people.length === 0 ? 'respond' : 'read'),
  }
}

function stormOf({ newIncidents, per, quiet }: ParsedFile['slack']['storm']): StormPolicy | null {
  return newIncidents === 0 ? null : { newIncidents, perMs: per, quietMs: quiet }
}

function workspacesOf({ workspaces }: ParsedFile, slack: SlackConfig): readonly WorkspaceConfig[] {
  const { botToken, signingSecret, appToken, apiUrl, editsPerMinute } = slack
  const short = { name: DEFAULT_WORKSPACE, signingSecret, appToken, apiUrl, editsPerMinute }
  const declared = workspaces.map((workspace) => ({
    ...workspace,
    signingSecret: workspace.signingSecret ?? null,
    appToken: workspace.appToken ?? null,
  }))
  return botToken === null ? declared : [{ ...short, botToken }, ...declared]
}

/** A bot goes before a webhook: it can thread and edit. */
function shortChannels(slack: SlackConfig): readonly ChannelConfig[] {
  const { botToken, channel, webhookUrl, mentions, storm, postsPerSecond, burst } = slack
  const pace = { postsPerSecond, burst }
  const short = (id: string, kind: string, settings: Readonly<Record<string, unknown>>): ChannelConfig => {
    const label = channelKindOf(kind).labelOf(settings as never)
    return { id, kind, label, settings, isImplicit: true, mentions, storm }
  }
  return [
    ...(botToken !== null && channel !== null
      ? [short(SHORT_BOT_CHANNEL, 'slack', SLACK_CHANNEL_SETTINGS.parse({ channel, ...pace }))]
      : []),
    ...(webhookUrl !== null
      ? [
          short(
            SHORT_WEBHOOK_CHANNEL,
            'slack-webhook',
            SLACK_WEBHOOK_SETTINGS.parse({ url: webhookUrl.reveal(), ...pace }),
          ),
        ]
      : []),
  ]
}

function declaredChannel(channel: ParsedFile['channels'][number], slack: SlackConfig): ChannelConfig {
  const { id, kind, mentions, storm, settings } = channel
  return {
    id,
    kind,
    isImplicit: false,
    label: channelKindOf(kind).labelOf(settings as never),
    mentions,
    storm: storm === undefined ? slack.storm : stormOf(storm),
    settings: settings as Readonly<Record<string, unknown>>,
  }
}

/** Stands in where nobody is told: what would be posted is listed by the API. */
function previewChannel({ mentions, storm }: SlackConfig): ChannelConfig {
  return {
    id: PREVIEW_CHANNEL,
    kind: PREVIEW_CHANNEL,
    isImplicit: true,
    label: channelKindOf(PREVIEW_CHANNEL).labelOf({} as never),
    mentions,
    storm,
    settings: {},
  }
}
