import type { Channel } from './channel.ts'
import { withGeneratedIds } from './generated-ids.ts'
import type { JsonObject } from './schema-checks.ts'
import type { Token } from './tokens.ts'
import type { SlackMessage, Workspace } from './workspace.ts'

/** The answer of a Web API method. */
export type ApiAnswer = JsonObject & { readonly ok: boolean }

/** The app that all tokens belong to. */
export const APP = { appId: 'A0FAKE0001', botId: 'B0FAKE0001', userId: 'U0FAKEBOT1', name: 'nunchi' } as const

/** One call of a method by somebody whom the workspace knows. */
export interface ApiCall {
  readonly workspace: Workspace
  readonly token: Token
  readonly args: JsonObject
  /** Arguments that should have been JSON and were not. */
  readonly malformed: readonly string[]
  /** A new address for one Socket Mode connection. */
  readonly socketUrl: () => string
}

/** A Web API method: what it demands and what it does. */
export interface ApiMethod {
  /** Absent: bots and people. */
  readonly tokenKind?: 'app'
  /** The scope that it needs; private channels can need another one. */
  readonly scope?: (isPrivate: boolean) => string
  /** Names of required and optional arguments, separated by spaces. */
  readonly required: string
  readonly optional: string
  readonly run: (call: ApiCall) => ApiAnswer
}

/** Slack's way to say no. */
export function refuse(error: string, problems: readonly string[] = []): ApiAnswer {
  if (problems.length === 0) return { ok: false, error }
  const messages = problems.map((problem) => `[ERROR] ${problem}`)
  return { ok: false, error, errors: problems, response_metadata: { messages } }
}

/** A channel that the caller may see; private channels do not exist for those outside. */
export function visibleChannel(call: ApiCall): Channel | undefined {
  const { channel: name } = call.args
  const channel = typeof name === 'string' ? call.workspace.find(name) : undefined
  return channel?.isPrivate === true && !channel.isMember ? undefined : channel
}

/** A message as the API shows it, after its latest edit. */
export function viewOf(workspace: Workspace, message: SlackMessage, withMetadata: boolean): JsonObject {
  const { edits, ts, threadTs } = message
  const content = withGeneratedIds({ ...message.content }, ts)
  const replies = workspace.replies(workspace.channel(message.channel), ts)
  const lastEdit = edits.at(-1)
  const isBot = message.author === APP.userId
  return {
    type: 'message',
    ...(message.isBroadcast ? { subtype: 'thread_broadcast' } : {}),
    user: message.author,
    ...(isBot ? { bot_id: APP.botId, app_id: APP.appId } : {}),
    team: workspace.teamId,
    ts,
    text: content.text ?? '',
    ...(content.blocks === undefined ? {} : { blocks: content.blocks }),
    ...(content.attachments === undefined ? {} : { attachments: content.attachments }),
    ...(withMetadata && content.metadata !== undefined ? { metadata: content.metadata } : {}),
    ...(threadTs === undefined ? {} : { thread_ts: threadTs, parent_user_id: APP.userId }),
    ...(replies.length === 0 ? {} : { thread_ts: ts, reply_count: replies.length, latest_reply: replies.at(-1)?.ts }),
    ...(lastEdit === undefined
      ? {}
      : { edited: { user: message.author, ts: `${Math.floor(lastEdit.replacedAt / 1000)}.000000` } }),
  }
}
