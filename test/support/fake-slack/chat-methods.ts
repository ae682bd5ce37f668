import { APP, type ApiAnswer, type ApiCall, type ApiMethod, refuse, viewOf, visibleChannel } from './api-method.ts'
import { CONTENT_ARGUMENTS, contentOf, mergeContent, refusalOfContent } from './message-content.ts'

/** The `chat.*` methods that are about messages which everybody in a channel sees. */
export const CHAT_METHODS: Readonly<Record<string, ApiMethod>> = {
  'chat.postMessage': {
    scope: () => 'chat:write',
    required: 'channel',
    optional: `${CONTENT_ARGUMENTS} thread_ts reply_broadcast parse link_names mrkdwn unfurl_links unfurl_media username icon_emoji icon_url`,
    run: postMessage,
  },
  'chat.update': {
    scope: () => 'chat:write',
    required: 'channel ts',
    optional: `${CONTENT_ARGUMENTS} parse link_names reply_broadcast`,
    run: updateMessage,
  },
  'chat.delete': { scope: () => 'chat:write', required: 'channel ts', optional: '', run: deleteMessage },
  'chat.getPermalink': { required: 'channel message_ts', optional: '', run: linkMessage },
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
  if (channel.isEditWindowClosed || message.isEditWindowClosed === true) return refuse('edit_window_closed')
  const refusal = refusalOfContent(call, 'update')
  if (refusal !== undefined) return refusal
  workspace.edit(message, mergeContent(message.content, contentOf(args)))
  const { text } = message.content
  return { ok: true, channel: channel.id, ts: message.ts, text, message: viewOf(workspace, message, true) }
}

function deleteMessage(call: ApiCall): ApiAnswer {
  const { workspace, args } = call
  const channel = visibleChannel(call)
  if (channel === undefined) return refuse('channel_not_found')
  const message = workspace.message(channel, String(args['ts']))
  if (message === undefined) return refuse('message_not_found')
  const isAllowed = message.author === APP.userId && channel.isMember && !channel.isArchived
  if (!isAllowed) return refuse('cant_delete_message')
  workspace.delete(message)
  return { ok: true, channel: channel.id, ts: message.ts }
}

function linkMessage(call: ApiCall): ApiAnswer {
  const { workspace, args } = call
  const channel = visibleChannel(call)
  if (channel === undefined) return refuse('channel_not_found')
  const message = workspace.message(channel, String(args['message_ts']))
  if (message === undefined) return refuse('message_not_found')
  const { ts, threadTs } = message
  const inThread = threadTs === undefined ? '' : `?thread_ts=${threadTs}&cid=${channel.id}`
  const permalink = `https://fake.slack.com/archives/${channel.id}/p${ts.replace('.', '')}${inThread}`
  return { ok: true, channel: channel.id, permalink }
}
