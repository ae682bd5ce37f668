import { parseObject } from '../parse-object.ts'
import { isObject, type JsonObject } from '../schema-checks.ts'
import { refusalOfView } from '../view-rules.ts'
import type { SlackView } from '../view-store.ts'
import type { Workspace } from '../workspace.ts'
import type { Answer } from './delivery.ts'

/** What somebody sees after they submitted a modal: "We had some trouble connecting", errors at fields, or neither. */
export interface SubmissionVerdict {
  readonly error?: string
  readonly fieldErrors?: Readonly<Record<string, string>>
}

/** Does with a modal what the app answered to its submission, or says why Slack would show an error instead. */
export function judgeSubmission(workspace: Workspace, answer: Answer | undefined, view: SlackView): SubmissionVerdict {
  if (answer?.kind !== 'answered')
    return { error: answer?.kind === 'timeout' ? 'no answer within three seconds' : 'no answer' }
  if (answer.status !== 200) return { error: `status ${answer.status}` }
  const body = answer.text.trim() === '' ? {} : parseObject(answer.text)
  if (body === undefined) return { error: `neither empty nor a response_action: ${answer.text.slice(0, 200)}` }
  const { views } = workspace
  const action = body['response_action']
  if (action === undefined && Object.keys(body).length === 0) return nothing(views.close(view))
  if (action === 'clear') return nothing(views.close(view, true))
  if (action === 'errors') return judgeErrors(body['errors'], view)
  if (action !== 'update' && action !== 'push') return { error: `unknown response_action: ${String(action)}` }
  const refusal = refusalOfView(body['view'], 'modal')
  if (refusal !== undefined) return { error: `invalid view: ${refusal.problems.join('; ')}` }
  const content = body['view'] as JsonObject
  return nothing(action === 'update' ? views.update(view, content) : views.open(view.userId, content, false))
}

// Slack shows an error beside an input block, by its block_id; anything else makes it show none at all.
function judgeErrors(errors: unknown, view: SlackView): SubmissionVerdict {
  const blocks = Array.isArray(view.content['blocks']) ? view.content['blocks'].filter(isObject) : []
  const inputs = blocks.filter((block) => block['type'] === 'input').map((block) => block['block_id'])
  if (!isObject(errors) || Object.keys(errors).length === 0) return { error: 'response_action errors without errors' }
  const wrong = Object.entries(errors).filter(([key, text]) => !inputs.includes(key) || typeof text !== 'string')
  if (wrong.length > 0) return { error: `errors for what is no input block: ${wrong.map(([key]) => key).join(', ')}` }
  return { fieldErrors: errors as Record<string, string> }
}

function nothing(_done: unknown): SubmissionVerdict {
  return {}
}
