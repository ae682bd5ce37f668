import { checkAttachment, MAX_ATTACHMENTS } from './attachment-rules.ts'
import { checkButton, checkImageElement, checkImageSource, checkText } from './element-rules.ts'
import { metadataError } from './metadata-rules.ts'
import { checkRichText } from './rich-text-rules.ts'
import {
  checkArray,
  checkObject,
  checkString,
  checkType,
  isObject,
  reportAt,
  type Spot,
  spotOf,
} from './schema-checks.ts'

const MAX_BLOCKS = 50
const MAX_POST_CHARACTERS = 40_000
// Measured by others: `chat.update` takes 4,000 bytes of text, a tenth of what `chat.postMessage` takes.
const MAX_UPDATE_BYTES = 4_000
const MAX_MARKDOWN_CHARACTERS = 12_000

/**
 * The undocumented limit behind `msg_blocks_too_long`, as far as others measured it: 13,297 characters
 * for text alone, 125 fewer with one divider more, about 100 fewer for every header.
 * https://github.com/slackapi/bolt-js/issues/2509
 */
export const MAX_BLOCKS_COST = 13_297
const COST_PER_FURTHER_BLOCK = 125
const MAX_BLOCK_TEXT = 13_200

/** What a message carries that Slack checks. */
export interface MessageContent {
  readonly text?: unknown
  readonly blocks?: unknown
  readonly attachments?: unknown
  readonly metadata?: unknown
  readonly markdown_text?: unknown
}

/** Why Slack would refuse a message: its error name, and the explanations it adds. */
export interface Refusal {
  readonly error: string
  readonly problems: readonly string[]
}

interface BlockRule {
  readonly required: string
  readonly optional?: string
  readonly check?: (spot: Spot) => void
}

// The block types that alert messages are made of. Slack knows more; add a row when the product needs one.
const BLOCK_RULES: Readonly<Record<string, BlockRule>> = {
  header: { required: 'text', check: (spot) => checkText(spotOf(spot, 'text'), { max: 150, only: 'plain_text' }) },
  section: { required: '', optional: 'text fields accessory expand', check: checkSection },
  context: { required: 'elements', check: checkContext },
  divider: { required: '' },
  actions: { required: 'elements', check: checkActions },
  image: { required: 'alt_text', optional: 'image_url slack_file title', check: checkImage },
  markdown: { required: 'text', check: (spot) => checkString(spotOf(spot, 'text'), { max: MAX_MARKDOWN_CHARACTERS }) },
  rich_text: { required: 'elements', check: checkRichText },
}

/** Everything that Slack would refuse in these blocks, in its own words; empty when it would take them. */
export function checkBlocks(blocks: unknown): string[] {
  const { problems, tooLong } = inspectBlocks([{ value: blocks, pointer: '/blocks' }])
  return tooLong === undefined ? problems : [...problems, tooLong]
}

/** Everything that Slack would refuse in a message, each with the error name before it; empty when it would take it. */
export function checkMessage(message: MessageContent, use: 'post' | 'update' = 'post'): string[] {
  const refusal = refusalOf(message, use)
  if (refusal === undefined) return []
  const { error, problems } = refusal
  return problems.length === 0 ? [error] : problems.map((problem) => `${error}: ${problem}`)
}

/** The refusal that Slack would answer to a message, or undefined when it would take it. */
export function refusalOf(message: MessageContent, use: 'post' | 'update'): Refusal | undefined {
  const { text, blocks, attachments, metadata, markdown_text: markdownText } = message
  if (blocks !== undefined && !Array.isArray(blocks)) return { error: 'invalid_blocks_format', problems: [] }
  if (attachments !== undefined && !Array.isArray(attachments)) return { error: 'invalid_attachments', problems: [] }
  if (isBlank(text) && isBlank(markdownText) && !hasContent(blocks) && !hasContent(attachments)) {
    return { error: 'no_text', problems: [] }
  }
  const textProblem = textError(message, use)
  if (textProblem !== undefined) return { error: textProblem, problems: [] }
  if (attachments !== undefined && attachments.length > MAX_ATTACHMENTS) {
    return { error: 'too_many_attachments', problems: [] }
  }
  const layout = layoutRefusal(blocks, attachments)
  if (layout !== undefined) return layout
  const error = metadataError(metadata, use === 'update')
  return error === undefined ? undefined : { error, problems: [] }
}

/** What blocks count towards `MAX_BLOCKS_COST`. */
export function costOfBlocks(blocks: readonly unknown[]): number {
  return lengthOfTexts(blocks) + COST_PER_FURTHER_BLOCK * Math.max(0, blocks.length - 1)
}

function textError(message: MessageContent, use: 'post' | 'update'): string | undefined {
  const { text, markdown_text: markdownText, blocks } = message
  if (!isBlank(markdownText)) {
    if (!isBlank(text) || blocks !== undefined) return 'markdown_text_conflict'
    return String(markdownText).length > MAX_MARKDOWN_CHARACTERS ? 'msg_too_long' : undefined
  }
  if (text === undefined) return undefined
  if (typeof text !== 'string') return 'invalid_arguments'
  const isTooLong = use === 'post' ? text.length > MAX_POST_CHARACTERS : Buffer.byteLength(text) > MAX_UPDATE_BYTES
  return isTooLong ? 'msg_too_long' : undefined
}

function layoutRefusal(blocks: unknown, attachments: readonly unknown[] = []): Refusal | undefined {
  const lists = attachments.flatMap((attachment, index) => {
    const inside = isObject(attachment) ? attachment['blocks'] : undefined
    return inside === undefined ? [] : [{ value: inside, pointer: `/attachments/${index}/blocks` }]
  })
  const { problems, tooLong } = inspectBlocks([{ value: blocks ?? [], pointer: '/blocks' }, ...lists])
  const report = (problem: string) => problems.push(problem)
  checkArray({ value: attachments, pointer: '/attachments', report }, { min: 0, max: MAX_ATTACHMENTS }, checkAttachment)
  const inAttachments = problems.filter((problem) => problem.includes('[json-pointer:/attachments'))
  const inBlocks = problems.filter((problem) => !inAttachments.includes(problem))
  if (inBlocks.length > 0) return { error: 'invalid_blocks', problems: inBlocks }
  if (inAttachments.length > 0) return { error: 'invalid_attachments', problems: inAttachments }
  return tooLong === undefined ? undefined : { error: 'msg_blocks_too_long', problems: [] }
}

function inspectBlocks(lists: readonly Omit<Spot, 'report'>[]): { problems: string[]; tooLong: string | undefined } {
  const problems: string[] = []
  const report = (problem: string) => void problems.push(problem)
  const blockIds = new Set<unknown>()
  for (const list of lists) {
    checkArray({ ...list, report }, { min: 0, max: MAX_BLOCKS }, (spot) => checkBlock(spot, blockIds))
  }
  const blocks = lists.flatMap((list) => (Array.isArray(list.value) ? list.value : []))
  const markdown = blocks.filter((block) => isObject(block) && block['type'] === 'markdown')
  if (markdown.length > 1 && lengthOfTexts(markdown) > MAX_MARKDOWN_CHARACTERS) {
    report(
      `markdown blocks together must be less than ${MAX_MARKDOWN_CHARACTERS + 1} characters [json-pointer:/blocks]`,
    )
  }
  const isTooLong = lengthOfTexts(blocks) > MAX_BLOCK_TEXT || costOfBlocks(blocks) > MAX_BLOCKS_COST
  const tooLong = isTooLong ? `msg_blocks_too_long: ${costOfBlocks(blocks)} of ${MAX_BLOCKS_COST}` : undefined
  return { problems, tooLong }
}

function checkBlock(spot: Spot, blockIds: Set<unknown>): void {
  if (!isObject(spot.value)) return void reportAt(spot, 'must be an object')
  const { type, block_id: blockId } = spot.value
  const rule = typeof type === 'string' && Object.hasOwn(BLOCK_RULES, type) ? BLOCK_RULES[type] : undefined
  if (rule === undefined) return void reportAt(spotOf(spot, 'type'), `unsupported type: ${String(type)}`)
  checkObject(spot, { required: `type ${rule.required}`, optional: `block_id ${rule.optional ?? ''}` })
  checkString(spotOf(spot, 'block_id'), { max: 255 })
  if (blockId !== undefined && blockIds.has(blockId)) reportAt(spotOf(spot, 'block_id'), 'Block ID needs to be unique')
  blockIds.add(blockId)
  rule.check?.(spot)
}

function checkSection(spot: Spot): void {
  const [text, fields, accessory] = [spotOf(spot, 'text'), spotOf(spot, 'fields'), spotOf(spot, 'accessory')]
  if (text.value === undefined && fields.value === undefined) {
    reportAt(spotOf(spot, 'type'), 'must define either `text` or `fields`')
  }
  checkText(text, { max: 3000 })
  checkArray(fields, { min: 1, max: 10 }, (field) => checkText(field, { max: 2000 }))
  checkType(spotOf(spot, 'expand'), 'boolean')
  if (accessory.value === undefined) return
  const type = isObject(accessory.value) ? accessory.value['type'] : undefined
  if (type === 'button') checkButton(accessory)
  else if (type === 'image') checkImageElement(accessory)
  else reportAt(accessory, `unsupported type: ${String(type)}`)
}

function checkContext(spot: Spot): void {
  checkArray(spotOf(spot, 'elements'), { min: 1, max: 10 }, (element) => {
    const isImage = isObject(element.value) && element.value['type'] === 'image'
    if (isImage) checkImageElement(element)
    else checkText(element, { max: 3000 })
  })
}

function checkActions(spot: Spot): void {
  const actionIds = new Set<unknown>()
  checkArray(spotOf(spot, 'elements'), { min: 1, max: 25 }, (element) => {
    const { type, action_id: actionId } = isObject(element.value) ? element.value : {}
    if (type !== 'button') return void reportAt(element, `unsupported type: ${String(type)}`)
    checkButton(element)
    if (actionId !== undefined && actionIds.has(actionId)) reportAt(element, 'action_id needs to be unique')
    actionIds.add(actionId)
  })
}

function checkImage(spot: Spot): void {
  checkImageSource(spot)
  checkText(spotOf(spot, 'title'), { max: 2000, only: 'plain_text' })
}

function lengthOfTexts(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + lengthOfTexts(item), 0)
  if (!isObject(value)) return 0
  const own = typeof value['text'] === 'string' ? value['text'].length : 0
  return Object.values(value).reduce<number>((sum, item) => sum + lengthOfTexts(item), own)
}

function isBlank(text: unknown): boolean {
  return text === undefined || (typeof text === 'string' && text.trim() === '')
}

// An attachment with nothing but its colour shows nothing.
function hasContent(list: readonly unknown[] | undefined): boolean {
  return (list ?? []).some(
    (item) => isObject(item) && Object.keys(item).some((key) => key !== 'color' && key !== 'mrkdwn_in'),
  )
}
