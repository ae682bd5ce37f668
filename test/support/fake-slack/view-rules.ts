import { checkViewBlocks, type Refusal } from './block-rules.ts'
import { checkText } from './element-rules.ts'
import { checkObject, checkString, checkType, isObject, type JsonObject, type Spot, spotOf } from './schema-checks.ts'

const MAX_VIEW_BYTES = 250_000
const EVERY_VIEW = 'private_metadata callback_id external_id'
const KEYS = {
  modal: { required: 'type title blocks', optional: `${EVERY_VIEW} close submit clear_on_close notify_on_close` },
  home: { required: 'type blocks', optional: EVERY_VIEW },
} as const

/** The two places where an app shows something of its own. */
export type ViewType = keyof typeof KEYS

/** Why Slack would refuse a view of the wanted type, or undefined when it would show it. */
export function refusalOfView(view: unknown, wanted: ViewType): Refusal | undefined {
  const problems: string[] = []
  const report = (problem: string) => void problems.push(problem)
  const spot: Spot = { value: view, pointer: '/view', report }
  if (!checkObject(spot, KEYS[wanted])) return { error: 'invalid_arguments', problems }
  if (Buffer.byteLength(JSON.stringify(view)) > MAX_VIEW_BYTES) return { error: 'view_too_large', problems: [] }
  const { type, blocks } = view as JsonObject
  if (type !== wanted) report(`must be of type ${wanted} [json-pointer:/view/type]`)
  for (const label of ['title', 'close', 'submit']) checkText(spotOf(spot, label), { max: 24, only: 'plain_text' })
  checkString(spotOf(spot, 'private_metadata'), { min: 0, max: 3000 })
  checkString(spotOf(spot, 'callback_id'), { min: 0, max: 255 })
  checkString(spotOf(spot, 'external_id'), { min: 0, max: 255 })
  for (const flag of ['clear_on_close', 'notify_on_close']) checkType(spotOf(spot, flag), 'boolean')
  problems.push(...checkViewBlocks(blocks, wanted))
  if (wanted === 'modal' && hasInput(blocks) && spotOf(spot, 'submit').value === undefined) {
    report('submit is required when an input block is within blocks [json-pointer:/view/submit]')
  }
  return problems.length === 0 ? undefined : { error: 'invalid_arguments', problems }
}

function hasInput(blocks: unknown): boolean {
  return Array.isArray(blocks) && blocks.some((block) => isObject(block) && block['type'] === 'input')
}
