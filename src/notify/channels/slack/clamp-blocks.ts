import type { Block, ContextBlock, HeaderBlock, SectionBlock, TextObject } from './block-kit.ts'
import { clampTextObject } from './clamp-text.ts'

/** Slack's limits. https://docs.slack.dev/reference/block-kit/blocks */
export const SLACK_LIMITS = {
  header: 150,
  section: 3_000,
  field: 2_000,
  fields: 10,
  contextText: 2_000,
  contextElements: 10,
  blockId: 255,
  blocks: 50,
  // Undocumented: Slack answers `msg_blocks_too_long` from about 13,200 characters over all blocks, and every further
  // block costs about 125. https://github.com/slackapi/bolt-js/issues/2509
  allText: 12_000,
  perFurtherBlock: 125,
} as const

/**
 * Makes blocks that Slack takes, whatever their length: too long texts are cut with `…`, empty ones and what is
 * over a number limit are left out. Where only the sum is too long, the longest texts give way first.
 */
export function clampBlocks(blocks: readonly Block[], mostBlocks: number = SLACK_LIMITS.blocks): readonly Block[] {
  const fitting = blocks.flatMap(clampBlock).slice(0, mostBlocks)
  const budget = SLACK_LIMITS.allText - SLACK_LIMITS.perFurtherBlock * Math.max(0, fitting.length - 1)
  const lengths = fitting.flatMap(textsOf).map(({ text }) => text.length)
  const longest = longestThatFits(lengths, budget)
  return lengths.every((length) => length <= longest)
    ? fitting
    : fitting.map((block) => mapTexts(block, (text) => clampTextObject(text, longest)))
}

function clampBlock(block: Block): readonly Block[] {
  const id = block.block_id === undefined ? {} : { block_id: block.block_id.slice(0, SLACK_LIMITS.blockId) }
  if (block.type === 'header') return clampHeader({ ...block, ...id })
  if (block.type === 'actions') return block.elements.length === 0 ? [] : [{ ...block, ...id }]
  return block.type === 'section' ? clampSection({ ...block, ...id }) : clampContext({ ...block, ...id })
}

function clampHeader(block: HeaderBlock): readonly Block[] {
  return isEmpty(block.text) ? [] : [{ ...block, text: clampTextObject(block.text, SLACK_LIMITS.header) }]
}

function clampSection({ text, fields = [], ...rest }: SectionBlock): readonly Block[] {
  const shown = fields.filter((field) => !isEmpty(field)).slice(0, SLACK_LIMITS.fields)
  const hasText = text !== undefined && !isEmpty(text)
  if (!hasText && shown.length === 0) return []
  return [
    {
      ...rest,
      ...(hasText ? { text: clampTextObject(text, SLACK_LIMITS.section) } : {}),
      ...(shown.length > 0 ? { fields: shown.map((field) => clampTextObject(field, SLACK_LIMITS.field)) } : {}),
    },
  ]
}

function clampContext(block: ContextBlock): readonly Block[] {
  const shown = block.elements.filter((element) => !isEmpty(element)).slice(0, SLACK_LIMITS.contextElements)
  return shown.length === 0
    ? []
    : [{ ...block, elements: shown.map((element) => clampTextObject(element, SLACK_LIMITS.contextText)) }]
}

function isEmpty({ text }: TextObject): boolean {
  return text.trim() === ''
}

// Labels of buttons are few and short words of ours: they never give way, and the budget leaves room for them.
function textsOf(block: Block): readonly TextObject[] {
  if (block.type === 'actions') return []
  if (block.type === 'context') return block.elements
  if (block.type === 'header') return [block.text]
  return [...(block.text === undefined ? [] : [block.text]), ...(block.fields ?? [])]
}

function mapTexts(block: Block, change: <T extends TextObject>(text: T) => T): Block {
  if (block.type === 'actions') return block
  if (block.type === 'context') return { ...block, elements: block.elements.map(change) }
  if (block.type === 'header') return { ...block, text: change(block.text) }
  return {
    ...block,
    ...(block.text === undefined ? {} : { text: change(block.text) }),
    ...(block.fields === undefined ? {} : { fields: block.fields.map(change) }),
  }
}

/** The longest length that, as a bound for each of them, keeps the sum within the budget. */
function longestThatFits(lengths: readonly number[], budget: number): number {
  let left = budget
  const ascending = lengths.toSorted((a, b) => a - b)
  for (const [index, length] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index))
    if (length > share) return Math.max(1, share)
    left -= length
  }
  return Number.POSITIVE_INFINITY
}
