import { APP, type ApiAnswer, type ApiCall, type ApiMethod, refuse, visibleChannel } from './api-method.ts'
import { CONTENT_ARGUMENTS, contentOf, refusalOfContent } from './message-content.ts'

/** `chat.postEphemeral`: shown to one person, kept nowhere. */
export const EPHEMERAL_METHODS: Readonly<Record<string, ApiMethod>> = {
  'chat.postEphemeral': {
    scope: () => 'chat:write',
    required: 'channel user',
    optional: `${CONTENT_ARGUMENTS} thread_ts parse link_names username icon_emoji icon_url`,
    run: postEphemeral,
  },
}

function postEphemeral(call: ApiCall): ApiAnswer {
  const { workspace, args } = call
  const channel = visibleChannel(call)
  if (channel === undefined) return refuse('channel_not_found')
  if (channel.isArchived) return refuse('is_archived')
  if (!channel.isMember) return refuse('not_in_channel')
  const userId = String(args['user'])
  if (!channel.people.has(userId) && userId !== APP.userId) return refuse('user_not_in_channel')
  const refusal = refusalOfContent(call, 'post')
  if (refusal !== undefined) return refusal
  const { thread_ts: threadTs } = args
  const place = { channel: channel.id, ...(threadTs === undefined ? {} : { threadTs: String(threadTs) }) }
  const message = workspace.ephemerals.show({ ...place, userId, content: contentOf(args), by: 'chat.postEphemeral' })
  return { ok: true, message_ts: message.ts }
}
