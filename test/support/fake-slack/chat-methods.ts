import { APP, type ApiAnswer, type ApiCall, type ApiMethod, refuse, viewOf, visibleChannel } from './api-method.ts'
import { type MessageContent, refusalOf } from './block-rules.ts'
import type { StoredContent } from './workspace.ts'

const CONTENT = 'text blocks attachments metadata markdown_text'
const CONTENT_KEYS = ['text', 'blocks', 'attachments', 'metadata', 'markdown_text', 'parse', 'link_names'] as const
const FORMAT_ERRORS: Readonly<Record<string, string>> = {
  blocks: 'invalid_blocks_format',
  attachments: 'invalid_attachments',
  metadata: 'invalid_metadata_format',
}

/** The `chat.*` methods. */
export const CHAT_METHODS: Readonly<Record<string, ApiMethod>> = {
  'chat.postMessage': {
    scope: () => 'chat:write',
    required: 'channel',
    optional: `${CONTENT} thread_ts reply_broadcast parse link_names mrkdwn unfurl_links unfurl_media username icon_emoji icon_url`,
    run: postMessage,
  },
  'chat.update': {
    scope: () => 'chat:write',
    required: 'channel ts',
    optional: `${CONTENT} parse link_names reply_broadcast`,
    run: updateMessage,
  },
}

/** The part of the arguments that becomes the message. */
export function contentOf(args: Readonly<Record<string, unknown>>): StoredContent {
  const given = CONTENT_KEYS.filter((key) => args[key] !== undefined)
  return Object.fromEntries(given.map((key) => [key, args[key]])) as StoredContent
}

function postMessage(call: ApiCall): ApiAnswer {
  const { workspace, token, args } = call
  const channel = visibleChannel(call)
  if (channel === undefined) return refuse('channel_not_found')
  if (channel.isArchived) return refuse('is_archived')
  if (!channel.isMember && !token.scopes.includes('chat:write.public')) return refuse('not_in_channel')
  const customized = ['username', 'icon_emoji', 'icon_url'].some((key) => args[key] !== undefined)
  if (customized && !token.scopes.includes('chat:write.customize')) {
    return { ...refuse('missing_scope'), needed: 'chat:write.customize', provided: token.scopes.join(',') }
  }
  const refusal = refusalOfContent(call, 'post')
  if (refusal !== undefined) return refusal
  const { thread_ts: threadTs } = args
  if (threadTs !== undefined && !/^\d+\.\d{6}$/.test(String(threadTs))) {
    return refuse('invalid_arguments', ['invalid thread_ts [json-pointer:/thread_ts]'])
  }
  // Slack puts such a message somewhere in the thread, or nowhere that people look: "use its parent instead".
  const parent = threadTs === undefined ? undefined : workspace.message(channel, String(threadTs))
  if (parent?.threadTs !== undefined) return refuse('cannot_reply_to_message')
  const message = workspace.post(channel, {
    author: APP.userId,
    content: contentOf(args),
    threadTs: threadTs === undefined ? undefined : String(threadTs),
    isBroadcast: args['reply_broadcast'] === true || args['reply_broadcast'] === 'true',
  })
  return { ok: true, channel: channel.id, ts: message.ts, message: viewOf(workspace, message, true) }
}

function updateMessage(call: ApiCall): ApiAnswer {
  const { workspace, args } = call
  const channel = visibleChannel(call)
  if (channel === undefined) return refuse('channel_not_found')
  const message = workspace.message(channel, String(args['ts']))
  if (message === undefined) return refuse('message_not_found')
  if (channel.isArchived) return refuse('is_inactive')
  if (message.author !== APP.userId || !channel.isMember) return refuse('cant_update_message')
  const refusal = refusalOfContent(call, 'update')
  if (refusal !== undefined) return refusal
  // What an update does not mention stays, except for how text is parsed.
  const { parse: _parse, link_names: _linkNames, ...kept } = message.content
  const { metadata, ...merged } = { ...kept, ...contentOf(args) }
  const hasMetadata = metadata !== undefined && Object.keys(metadata).length > 0
  workspace.edit(message, hasMetadata ? { ...merged, metadata } : merged)
  const { text } = message.content
  return { ok: true, channel: channel.id, ts: message.ts, text, message: viewOf(workspace, message, true) }
}

function refusalOfContent(call: ApiCall, use: 'post' | 'update'): ApiAnswer | undefined {
  const [malformed] = call.malformed
  if (malformed !== undefined) return refuse(FORMAT_ERRORS[malformed] ?? 'invalid_arguments')
  if (call.args['metadata'] !== undefined && call.token.kind !== 'bot') return refuse('metadata_must_be_sent_from_app')
  const refusal = refusalOf(call.args as MessageContent, use)
  return refusal === undefined ? undefined : refuse(refusal.error, refusal.problems)
}
