import type {
  ChatPostMessageArguments,
  ChatPostMessageResponse,
  ChatUpdateArguments,
  ChatUpdateResponse,
} from '@slack/web-api'
import type { Channel, EditOutcome, IncidentMessage, MessageRef, SendOutcome, StormDigest } from '../../channel.ts'
import { callSlack, type SlackFetch, type SlackLine } from './call-slack.ts'
import { findSlackMessage } from './find-slack-message.ts'
import { messageLinks } from './message-link.ts'
import { type MessageMetadata, metadataOf, metadataOfDigest, type RungName } from './message-rungs.ts'
import type { MessageTemplate, RenderedMessage } from './rendered-message.ts'
import { rootContentHash } from './root-content-hash.ts'
import { type Said, sayDegrading } from './say-degrading.ts'
import type { SlackSettings } from './slack-settings.ts'
import { type DigestTemplate, digestTemplate } from './templates/digest-template.ts'
import { templateOf } from './templates/template-of.ts'

/** A form of a message that Slack refused, told so that somebody can find out why. */
export interface DegradeNotice {
  readonly channelId: string
  /** The incident, or `digest`. */
  readonly subject: string
  readonly rung: RungName
  readonly detail: string
}

export interface SlackDeps {
  readonly fetch?: SlackFetch
  readonly template?: MessageTemplate
  readonly onDegrade?: (notice: DegradeNotice) => void
}

/** The methods for posts and edits have budgets of their own, and Slack counts edits by workspace. */
const EDIT_BURST = 10

/**
 * A Slack channel that a bot posts to, with threads. A message that Slack refuses for its form is tried in poorer
 * forms within the same call, so that it never stays stuck. `bad-credentials` concerns every message of the bot:
 * the wrapper should hold all of them and probe with one. No outcome holds the token.
 */
export function createSlackChannel(settings: SlackSettings, deps: SlackDeps = {}): Channel {
  const fetch = deps.fetch ?? globalThis.fetch
  const speaker: Speaker = {
    settings,
    fetch,
    template: deps.template ?? templateOf(settings.template),
    digest: digestTemplate(settings.template),
    onDegrade: deps.onDegrade ?? (() => undefined),
  }
  const line = (signal: AbortSignal): SlackLine => ({ settings, fetch, signal })
  return {
    id: settings.id,
    kind: 'slack',
    hasThreads: true,
    pace: { perSecond: settings.postsPerSecond, burst: settings.burst },
    send: async (message, signal) => await sendMessage(speaker, message, line(signal)),
    linkOf: messageLinks({ settings, fetch }),
    find: async (deliveryId, since, thread, signal) => {
      const channel = thread?.place ?? settings.channel
      return await findSlackMessage(line(signal), { deliveryId, since, channel, threadTs: thread?.id ?? null })
    },
    // The messages of systems 2 and 4 say what happened and never change; that of Nunchi says how things are.
    ...(settings.template.preset === 'default' ? livePart(speaker, line) : {}),
  }
}

type LivePart = Pick<Channel, 'edit' | 'rootHash' | 'editPace' | 'digest' | 'ownDoor'>

function livePart(speaker: Speaker, line: (signal: AbortSignal) => SlackLine): LivePart {
  const { workspace, editsPerMinute } = speaker.settings
  return {
    ownDoor: 'slack',
    edit: async (message, root, signal) => {
      const rendered = speaker.template({ ...message, thread: null }, { isEdit: true })
      return await replace(speaker, { rendered, root, subject: message.incident.id }, line(signal))
    },
    rootHash: (message) => rootContentHash(speaker.template({ ...message, thread: null }, { isEdit: true })),
    editPace: { budget: workspace, perSecond: editsPerMinute / 60, burst: Math.min(EDIT_BURST, editsPerMinute) },
    digest: {
      send: async (digest, signal) => await sendDigest(speaker, digest, line(signal)),
      edit: async (digest, root, signal) =>
        await replace(speaker, { rendered: speaker.digest(digest), root, subject: 'digest' }, line(signal)),
    },
  }
}

interface Speaker extends Required<SlackDeps> {
  readonly settings: SlackSettings
  readonly digest: DigestTemplate
}

async function sendMessage(speaker: Speaker, message: IncidentMessage, line: SlackLine): Promise<SendOutcome> {
  const { thread } = message
  // Thread stores of others can hold anything, and Slack passes over a thread id that it cannot read.
  if (thread !== null && !isTs(thread.id))
    return { kind: 'thread-gone', detail: 'The stored thread is not a ts of Slack' }
  const place = thread?.place ?? speaker.settings.channel
  return await post(speaker, line, {
    rendered: speaker.template(message),
    metadata: metadataOf(message),
    place,
    threadTs: thread?.id ?? null,
    subject: message.incident.id,
  })
}

async function sendDigest(speaker: Speaker, digest: StormDigest, line: SlackLine): Promise<SendOutcome> {
  return await post(speaker, line, {
    rendered: speaker.digest(digest),
    metadata: metadataOfDigest(digest),
    place: speaker.settings.channel,
    threadTs: null,
    subject: 'digest',
  })
}

interface Post {
  readonly rendered: RenderedMessage
  readonly metadata: MessageMetadata
  readonly place: string
  readonly threadTs: string | null
  readonly subject: string
}

async function post(speaker: Speaker, line: SlackLine, { subject, ...what }: Post): Promise<SendOutcome> {
  const { place, threadTs } = what
  const said: Said<ChatPostMessageResponse> = await sayDegrading({
    ...what,
    attempt: { place, isReply: threadTs !== null },
    call: (content) => {
      const args = { channel: place, ...content, ...(threadTs === null ? {} : { thread_ts: threadTs }) }
      // The client's types want mutable arrays and know no `mrkdwn: false` beside `text`; what is sent is the same.
      return callSlack(line, (client) => client.chat.postMessage(args as unknown as ChatPostMessageArguments))
    },
    onDegrade: (rung, detail) => speaker.onDegrade({ channelId: speaker.settings.id, subject, rung, detail }),
  })
  return said.ok ? outcomeOfAnswer(said.value) : said.verdict
}

function outcomeOfAnswer({ ts, channel, message }: ChatPostMessageResponse): SendOutcome {
  if (!isTs(ts)) return { kind: 'ambiguous', detail: 'Slack said ok without naming the message' }
  return { kind: 'delivered', id: ts, threadId: message?.thread_ts ?? null, place: channel ?? null }
}

interface Replacement {
  readonly rendered: RenderedMessage
  readonly root: MessageRef
  readonly subject: string
}

async function replace(
  speaker: Speaker,
  { rendered, root, subject }: Replacement,
  line: SlackLine,
): Promise<EditOutcome> {
  const place = root.place ?? speaker.settings.channel
  const said: Said<ChatUpdateResponse> = await sayDegrading({
    rendered,
    // What an edit leaves out stays: the root keeps the metadata by which it is found.
    metadata: null,
    // Like a reply, an edit needs a message that is there.
    attempt: { place, isReply: true },
    call: (content) => {
      // An edit that drops the text of a root that called somebody must say so.
      const args = { channel: place, ts: root.id, text: '', ...content }
      return callSlack(line, (client) => client.chat.update(args as unknown as ChatUpdateArguments))
    },
    onDegrade: (rung, detail) => speaker.onDegrade({ channelId: speaker.settings.id, subject, rung, detail }),
  })
  if (said.ok) return { kind: 'edited' }
  const { verdict } = said
  if (verdict.kind === 'thread-gone') return { kind: 'root-lost', detail: verdict.detail }
  if (verdict.kind !== 'ambiguous') return verdict
  // Whether it was done or not: doing it again does the same.
  return { kind: 'retry', reason: 'unreachable', detail: verdict.detail, afterMs: null, pause: 'message' }
}

function isTs(id: string | undefined): id is string {
  return id !== undefined && /^\d+\.\d+$/.test(id)
}
