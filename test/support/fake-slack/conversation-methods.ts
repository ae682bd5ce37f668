import { APP, type ApiAnswer, type ApiCall, type ApiMethod, refuse, viewOf, visibleChannel } from './api-method.ts'
import type { Channel } from './channel.ts'
import type { JsonObject } from './schema-checks.ts'
import type { SlackMessage, Workspace } from './workspace.ts'

const PAGE = 'cursor limit oldest latest inclusive include_all_metadata'
const MAX_PAGE = 999
const CURSOR = 'next_ts:'

/** The `conversations.*` methods. */
export const CONVERSATION_METHODS: Readonly<Record<string, ApiMethod>> = {
  'conversations.info': {
    scope: readScope,
    required: 'channel',
    optional: 'include_locale include_num_members',
    run: showChannel,
  },
  'conversations.members': { scope: readScope, required: 'channel', optional: 'cursor limit', run: listMembers },
  'conversations.join': { scope: () => 'channels:join', required: 'channel', optional: '', run: joinChannel },
  'conversations.history': { scope: historyScope, required: 'channel', optional: PAGE, run: listHistory },
  'conversations.replies': { scope: historyScope, required: 'channel ts', optional: PAGE, run: listReplies },
}

function historyScope(isPrivate: boolean): string {
  return isPrivate ? 'groups:history' : 'channels:history'
}

function readScope(isPrivate: boolean): string {
  return isPrivate ? 'groups:read' : 'channels:read'
}

function showChannel(call: ApiCall): ApiAnswer {
  const channel = visibleChannel(call)
  if (channel === undefined) return refuse('channel_not_found')
  const count = isTrue(call.args['include_num_members']) ? { num_members: membersOf(channel).length } : {}
  return { ok: true, channel: { ...describe(channel, call.workspace), ...count } }
}

function describe(channel: Channel, workspace: Workspace): JsonObject {
  const { id, name, isPrivate, isMember, isArchived, people } = channel
  const kind = { is_channel: !isPrivate, is_group: isPrivate, is_im: false, is_mpim: false, is_private: isPrivate }
  const isShared = [...people].some((userId) => workspace.user(userId)?.kind === 'stranger')
  const sharing = { is_shared: isShared, is_ext_shared: isShared, is_org_shared: false }
  return { id, name, name_normalized: name, ...kind, is_member: isMember, is_archived: isArchived, ...sharing }
}

function membersOf(channel: Channel): readonly string[] {
  return [...(channel.isMember ? [APP.userId] : []), ...channel.people]
}

function listMembers(call: ApiCall): ApiAnswer {
  const channel = visibleChannel(call)
  if (channel === undefined) return refuse('channel_not_found')
  const { limit: asked = 100, cursor } = call.args
  const limit = Number(asked)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) return refuse('invalid_limit')
  const members = membersOf(channel)
  const first = cursor === undefined || cursor === '' ? members[0] : tsOfCursor(String(cursor))
  const start = first === undefined ? 0 : members.indexOf(first)
  if (start === -1) return refuse('invalid_cursor')
  const next = members[start + limit]
  const paging = { next_cursor: next === undefined ? '' : cursorAt(next) }
  return { ok: true, members: members.slice(start, start + limit), response_metadata: paging }
}

function joinChannel(call: ApiCall): ApiAnswer {
  const channel = visibleChannel(call)
  if (channel === undefined) return refuse('channel_not_found')
  if (channel.isPrivate) return refuse('method_not_supported_for_channel_type')
  if (channel.isArchived) return refuse('is_archived')
  const warning = channel.isMember ? { warning: 'already_in_channel' } : {}
  channel.isMember = true
  return { ok: true, channel: describe(channel, call.workspace), ...warning }
}

function listHistory(call: ApiCall): ApiAnswer {
  const channel = visibleChannel(call)
  if (channel === undefined) return refuse('channel_not_found')
  if (!channel.isMember) return refuse('not_in_channel')
  // Newest first; what was said in threads is not in the channel's history unless it was broadcast.
  const visible = shown(channel).filter((message) => message.threadTs === undefined || message.isBroadcast)
  return answerPage(call, visible.reverse())
}

function listReplies(call: ApiCall): ApiAnswer {
  const channel = visibleChannel(call)
  if (channel === undefined) return refuse('channel_not_found')
  if (!channel.isMember) return refuse('not_in_channel')
  const asked = call.workspace.message(channel, String(call.args['ts']))
  const root = asked?.threadTs === undefined ? asked : call.workspace.message(channel, asked.threadTs)
  if (root === undefined) return refuse('thread_not_found')
  return answerPage(call, [root, ...call.workspace.replies(channel, root.ts)])
}

function answerPage(call: ApiCall, messages: readonly SlackMessage[]): ApiAnswer {
  const { limit: asked = 100, cursor, oldest, latest } = call.args
  const limit = Number(asked)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) return refuse('invalid_limit')
  if (!isTsOrNothing(oldest)) return refuse('invalid_ts_oldest')
  if (!isTsOrNothing(latest)) return refuse('invalid_ts_latest')
  const inRange = messages.filter((message) => isInRange(message.ts, call.args))
  const firstTs = cursor === undefined || cursor === '' ? undefined : tsOfCursor(String(cursor))
  const start = firstTs === undefined ? 0 : inRange.findIndex((message) => message.ts === firstTs)
  if (start === -1) return refuse('invalid_cursor')
  const next = inRange[start + limit]
  const withMetadata = isTrue(call.args['include_all_metadata'])
  const page = inRange.slice(start, start + limit).map((message) => viewOf(call.workspace, message, withMetadata))
  const paging = next === undefined ? {} : { response_metadata: { next_cursor: cursorAt(next.ts) } }
  return { ok: true, messages: page, has_more: next !== undefined, ...paging }
}

function shown(channel: Channel): SlackMessage[] {
  return channel.messages.filter((message) => message.deletedAt === undefined)
}

function isInRange(ts: string, args: ApiCall['args']): boolean {
  const { oldest, latest } = args
  if (isTrue(args['inclusive']) && (ts === oldest || ts === latest)) return true
  return Number(ts) > Number(oldest ?? 0) && Number(ts) < Number(latest ?? Number.POSITIVE_INFINITY)
}

function isTsOrNothing(value: unknown): boolean {
  return value === undefined || /^\d+(\.\d{1,6})?$/.test(String(value))
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true' || value === '1' || value === 1
}

function cursorAt(ts: string): string {
  return Buffer.from(CURSOR + ts).toString('base64')
}

function tsOfCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64').toString().replace(CURSOR, '')
}
