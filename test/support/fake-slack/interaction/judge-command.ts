import { APP } from '../api-method.ts'
import { type MessageContent, refusalOf } from '../block-rules.ts'
import { contentOf } from '../message-content.ts'
import { parseObject } from '../parse-object.ts'
import type { JsonObject } from '../schema-checks.ts'
import type { StoredContent, Workspace } from '../workspace.ts'
import type { Answer } from './delivery.ts'

/** What somebody sees after a slash command: an error, something, or nothing. */
export interface CommandVerdict {
  readonly error?: string
  readonly shown?: StoredContent
}

/** Shows what an app answered to a slash command, or says why Slack would show an error instead. */
export function judgeCommand(
  workspace: Workspace,
  answer: Answer | undefined,
  place: { readonly channel: string; readonly userId: string },
): CommandVerdict {
  if (answer?.kind === 'timeout') return { error: 'operation_timeout: no answer within three seconds' }
  if (answer?.kind !== 'answered') return { error: `dispatch_failed: ${answer?.reason}` }
  // Unlike other deliveries a command must be answered with 200 exactly.
  if (answer.status !== 200) return { error: `http_service_error: status ${answer.status}` }
  if (answer.text.trim() === '') return {}
  const payload = answer.type.startsWith('application/json') ? parseObject(answer.text) : { text: answer.text }
  if (payload === undefined) return { error: `invalid JSON: ${answer.text.slice(0, 200)}` }
  // What the Socket Mode client sends for an answer without content.
  if (Object.keys(payload).length === 0) return {}
  const refusal = refusalOf(payload as MessageContent, 'post')
  if (refusal !== undefined) return { error: `${refusal.error}: ${refusal.problems.join('; ')}` }
  return { shown: show(workspace, payload, place) }
}

function show(workspace: Workspace, payload: JsonObject, place: { channel: string; userId: string }): StoredContent {
  const content = contentOf(payload)
  if (payload['response_type'] === 'in_channel') {
    workspace.post(workspace.channel(place.channel), { author: APP.userId, content })
  } else workspace.ephemerals.show({ ...place, content, by: 'command' })
  return content
}
