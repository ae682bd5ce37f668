import type { ChatPostMessageArguments, ChatPostMessageResponse } from '@slack/web-api'
import type { Channel, IncidentMessage, SendOutcome } from '../../channel.ts'
import { callSlack, type SlackFetch, type SlackLine } from './call-slack.ts'
import { findSlackMessage } from './find-slack-message.ts'
import { type MessageContent, metadataOf, poorerRung, RUNGS, type RungName } from './message-rungs.ts'
import { verdictOf } from './outcome-of-failure.ts'
import type { MessageTemplate } from './rendered-message.ts'
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

interface Form {
  readonly rung: RungName
  readonly hasMetadata: boolean
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
    send: async (message, signal) => await sendDegrading(sender, message, { settings, fetch, signal }),
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

async function sendDegrading(sender: Sender, message: IncidentMessage, line: SlackLine): Promise<SendOutcome> {
  const { thread } = message
  // Thread stores of others can hold anything, and Slack passes over a thread id that it cannot read.
  if (thread !== null && !isTs(thread.id))
    return { kind: 'thread-gone', detail: 'The stored thread is not a ts of Slack' }
  const rendered = sender.template(message)
  const channel = thread?.place ?? sender.settings.channel
  let form: Form = { rung: 'full', hasMetadata: true }
  for (;;) {
    const content = RUNGS[form.rung](rendered)
    const args = {
      channel,
      ...content,
      ...(form.hasMetadata ? { metadata: metadataOf(message) } : {}),
      ...(thread === null ? {} : { thread_ts: thread.id }),
    }
    const answer = await callSlack(line, (client) => client.chat.postMessage(asArguments(args)))
    if (answer.ok) return outcomeOfAnswer(answer.value)
    const verdict = verdictOf(answer.failure, { place: channel, isReply: thread !== null })
    if (verdict.kind !== 'degrade') return verdict
    sender.onDegrade({
      channelId: sender.settings.id,
      incidentId: message.incident.id,
      rung: form.rung,
      detail: verdict.detail,
    })
    const next = poorerForm(form, verdict.dropsMetadata)
    if (next === null)
      return {
        kind: 'rejected',
        reason: 'message-refused',
        detail: `Slack refuses the message in every form, the last as plain text: ${verdict.detail}`,
      }
    form = next
  }
}

// Metadata goes first where it is the problem and last where it may be: without it a lost answer cannot be looked up.
function poorerForm({ rung, hasMetadata }: Form, dropsMetadata: boolean): Form | null {
  if (dropsMetadata && hasMetadata) return { rung, hasMetadata: false }
  const poorer = poorerRung(rung)
  if (poorer !== null) return { rung: poorer, hasMetadata }
  return hasMetadata ? { rung, hasMetadata: false } : null
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
