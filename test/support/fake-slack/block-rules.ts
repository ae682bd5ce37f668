import { checkAttachment, MAX_ATTACHMENTS } from './attachment-rules.ts'
import { checkBlock, MAX_MARKDOWN_CHARACTERS, type Surface } from './block-types.ts'
import { metadataError } from './metadata-rules.ts'
import { checkArray, isObject, type Spot } from './schema-checks.ts'

const MAX_BLOCKS: Readonly<Record<Surface, number>> = { message: 50, modal: 100, home: 100 }
const MAX_POST_CHARACTERS = 40_000
// Measured by others: `chat.update` takes 4,000 bytes of text, a tenth of what `chat.postMessage` takes.
const MAX_UPDATE_BYTES = 4_000

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

/** Everything that Slack would refuse in these blocks, in its own words; empty when it would take them. */
export function checkBlocks(blocks: unknown): string[] {
  const { problems, tooLong } = inspectBlocks([{ value: blocks, pointer: '/blocks' }], 'message')
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
  const { problems, tooLong } = inspectBlocks([{ value: blocks ?? [], pointer: '/blocks' }, ...lists], 'message')
  const report = (problem: string) => problems.push(problem)
  checkArray({ value: attachments, pointer: '/attachments', report }, { min: 0, max: MAX_ATTACHMENTS }, checkAttachment)
  const inAttachments = problems.filter((problem) => problem.includes('[json-pointer:/attachments'))
  const inBlocks = problems.filter((problem) => !inAttachments.includes(problem))
  if (inBlocks.length > 0) return { error: 'invalid_blocks', problems: inBlocks }
  if (inAttachments.length > 0) return { error: 'invalid_attachments', problems: inAttachments }
  return tooLong === undefined ? undefined : { error: 'msg_blocks_too_long', problems: [] }
}

/** Everything that Slack would refuse in the blocks of a modal or of the App Home. The sum rule is for messages. */
export function checkViewBlocks(blocks: unknown, surface: Surface): string[] {
  return inspectBlocks([{ value: blocks, pointer: '/view/blocks' }], surface).problems
}

function inspectBlocks(
  lists: readonly Omit<Spot, 'report'>[],
  surface: Surface,
): { problems: string[]; tooLong: string | undefined } {
  const problems: string[] = []
  const report = (problem: string) => void problems.push(problem)
  const context = { surface, blockIds: new Set<unknown>() }
  for (const list of lists) {
    checkArray({ ...list, report }, { min: 0, max: MAX_BLOCKS[surface] }, (spot) => checkBlock(spot, context))
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
