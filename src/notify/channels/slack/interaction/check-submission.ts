import { INPUTS } from './modal-inputs.ts'
import type { SlackRequest } from './slack-request.ts'
import { textsOf } from './texts-of-language.ts'

const LONGEST_TITLE = 300
const INCIDENT = /^\s*(?:INC-)?\d{1,15}\s*$/i

/** What is wrong with a submitted modal, by its input; null when nothing is. Pure: it must be answered while Slack waits. */
export function checkSubmission(
  request: Extract<SlackRequest, { kind: 'submission' }>,
): Readonly<Record<string, string>> | null {
  const texts = textsOf(request.context.language)
  const text = (input: string): string => {
    const value = request.values[input]
    return typeof value === 'string' ? value.trim() : ''
  }
  const errors: Record<string, string> = {}
  if (request.modal === 'nunchi:declare') {
    if (text(INPUTS.title) === '') errors[INPUTS.title] = texts.titleMissing
    else if (text(INPUTS.title).length > LONGEST_TITLE) errors[INPUTS.title] = texts.titleTooLong(LONGEST_TITLE)
  }
  if (request.modal === 'nunchi:add-to-timeline' && !INCIDENT.test(text(INPUTS.incident)))
    errors[INPUTS.incident] = texts.incidentMissing
  return Object.keys(errors).length === 0 ? null : errors
}
