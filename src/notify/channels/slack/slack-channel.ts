import type { ChatPostMessageArguments, ChatPostMessageResponse } from '@slack/web-api'
import type { Channel, IncidentMessage, SendOutcome } from '../../channel.ts'
import { callSlack, type SlackFetch, type SlackLine } from './call-slack.ts'
import { findSlackMessage } from './find-slack-message.ts'
import { messageLinks } from './message-link.ts'
import { type MessageContent, metadataOf, type RungName } from './message-rungs.ts'
import type { MessageTemplate } from './rendered-message.ts'
import { sayDegrading } from './say-degrading.ts'
import type { SlackSettings } from './slack-settings.ts'
import { threaderTemplate } from './templates/threader-template.ts'

/** A form of a message that Slack refused, told so that somebody can find out why. */
export interface DegradeNotice {
  readonly channelId: string
  readonly incidentId: string
  readonly rung: RungName
  readonly detail: string
}

export interface SlackDeps {
  readonly fetch?: SlackFetch
  readonly template?: MessageTemplate
  readonly onDegrade?: (notice: DegradeNotice) => void
}

/**
 * A Slack channel that a bot posts to, with threads. A message that Slack refuses for its form is tried in poorer
 * forms within the same `send`, so that it never stays stuck. `bad-credentials` concerns every message of the bot:
 * the wrapper should hold all of them and probe with one. No outcome holds the token.
 */
export function createSlackChannel(settings: SlackSettings, deps: SlackDeps = {}): Channel {
  const fetch = deps.fetch ?? globalThis.fetch
  const sender: Sender = {
    settings,
    fetch,
    template: deps.template ?? threaderTemplate(),
    onDegrade: deps.onDegrade ?? (() => undefined),
  }
  return {
    id: settings.id,
    kind: 'slack',
    hasThreads: true,
    pace: { perSecond: settings.postsPerSecond, burst: settings.burst },
    send: async (message, signal) => await send(sender, message, { settings, fetch, signal }),
    linkOf: messageLinks({ settings, fetch }),
    find: async (deliveryId, since, thread, signal) => {
      const channel = thread?.place ?? settings.channel
      return await findSlackMessage(
        { settings, fetch, signal },
        { deliveryId, since, channel, threadTs: thread?.id ?? null },
      )
    },
  }
}

interface Sender extends Required<SlackDeps> {
  readonly settings: SlackSettings
}

async function send(sender: Sender, message: IncidentMessage, line: SlackLine): Promise<SendOutcome> {
  const { thread } = message
  // Thread stores of others can hold anything, and Slack passes over a thread id that it cannot read.
  if (thread !== null && !isTs(thread.id))
    return { kind: 'thread-gone', detail: 'The stored thread is not a ts of Slack' }
  const channel = thread?.place ?? sender.settings.channel
  const said = await sayDegrading({
    rendered: sender.template(message),
    attempt: { place: channel, isReply: thread !== null },
    metadata: metadataOf(message),
    call: (content) => {
      const args = { channel, ...content, ...(thread === null ? {} : { thread_ts: thread.id }) }
      return callSlack(line, (client) => client.chat.postMessage(asArguments(args)))
    },
    onDegrade: (rung, detail) =>
      sender.onDegrade({ channelId: sender.settings.id, incidentId: message.incident.id, rung, detail }),
  })
  return said.ok ? outcomeOfAnswer(said.value) : said.verdict
}

function outcomeOfAnswer({ ts, channel, message }: ChatPostMessageResponse): SendOutcome {
  if (!isTs(ts)) return { kind: 'ambiguous', detail: 'Slack said ok without naming the message' }
  return { kind: 'delivered', id: ts, threadId: message?.thread_ts ?? null, place: channel ?? null }
}

function isTs(id: string | undefined): id is string {
  return id !== undefined && /^\d+\.\d+$/.test(id)
}

// The client's types want mutable arrays and know no `mrkdwn: false` beside `text`; what is sent is the same.
function asArguments(args: { readonly channel: string } & MessageContent): ChatPostMessageArguments {
  return args as unknown as ChatPostMessageArguments
}
