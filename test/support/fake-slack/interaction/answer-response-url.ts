import { APP } from '../api-method.ts'
import { type MessageContent, refusalOf } from '../block-rules.ts'
import { contentOf, mergeContent } from '../message-content.ts'
import type { JsonObject } from '../schema-checks.ts'
import type { SlackMessage, Workspace } from '../workspace.ts'
import type { ResponseTarget } from './response-urls.ts'

/** The answer to what an app sent to a response_url; `ts` names what everybody sees of it. */
export interface ResponseAnswer {
  readonly status: number
  readonly error?: string
  readonly ts?: string
}

/** Carries out what an app sent to a response_url: something new for one person or all, or a change of what was clicked. */
export function answerResponseUrl(
  workspace: Workspace,
  target: ResponseTarget,
  payload: JsonObject | undefined,
): ResponseAnswer {
  if (payload === undefined) return { status: 400, error: 'invalid_payload' }
  const { original } = target
  if (isTrue(payload['delete_original'])) {
    if (original !== undefined) remove(workspace, original)
    return { status: 200 }
  }
  const refusal = refusalOf(payload as MessageContent, 'post')
  if (refusal !== undefined) return { status: 400, error: refusal.error }
  // The answer to a command has nothing to replace: https://github.com/slackapi/bolt-js/issues/2287
  if (isTrue(payload['replace_original']) && original !== undefined) return replace(workspace, original, payload)
  return showNew(workspace, target, payload)
}

function showNew(workspace: Workspace, target: ResponseTarget, payload: JsonObject): ResponseAnswer {
  const { channel, userId } = target
  const thread = payload['thread_ts']
  const threadTs = typeof thread === 'string' ? thread : undefined
  if (payload['response_type'] === 'in_channel') {
    const message = { author: APP.userId, content: contentOf(payload), threadTs }
    return { status: 200, ts: workspace.post(workspace.channel(channel), message).ts }
  }
  const place = { channel, userId, ...(threadTs === undefined ? {} : { threadTs }) }
  workspace.ephemerals.show({ ...place, content: contentOf(payload), by: 'response_url' })
  return { status: 200 }
}

function replace(
  workspace: Workspace,
  original: NonNullable<ResponseTarget['original']>,
  payload: JsonObject,
): ResponseAnswer {
  const content = mergeContent(original.content, contentOf(payload))
  if ('userId' in original) {
    workspace.ephemerals.replace(original, content)
    return { status: 200 }
  }
  if (original.deletedAt !== undefined) return { status: 404, error: 'message_not_found' }
  workspace.edit(original, content)
  return { status: 200, ts: original.ts }
}

function remove(workspace: Workspace, original: NonNullable<ResponseTarget['original']>): void {
  if ('userId' in original) workspace.ephemerals.delete(original)
  else workspace.delete(original satisfies SlackMessage)
}

function isTrue(flag: unknown): boolean {
  return flag === true || flag === 'true'
}
