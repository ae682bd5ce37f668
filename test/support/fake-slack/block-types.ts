import { checkButton, checkConfirm, checkImageElement, checkImageSource, checkText } from './element-rules.ts'
import {
  checkCheckboxes,
  checkFilledSelect,
  checkOverflow,
  checkPlainTextInput,
  checkRadioButtons,
  checkStaticSelect,
} from './input-element-rules.ts'
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

/** Where blocks are shown: each place takes other types and other numbers of them. */
export type Surface = 'message' | 'modal' | 'home'

/** What the check of one block must know of the others. */
export interface BlockContext {
  readonly surface: Surface
  readonly blockIds: Set<unknown>
}

export const MAX_MARKDOWN_CHARACTERS = 12_000

interface BlockRule {
  readonly required: string
  readonly optional?: string
  readonly check?: (spot: Spot) => void
  /** Absent: every surface takes it. */
  readonly only?: Surface
}

// The block types of alerts and of what people answer to them. Slack knows more; add a row when the product needs one.
const BLOCK_RULES: Readonly<Record<string, BlockRule>> = {
  header: { required: 'text', check: (spot) => checkText(spotOf(spot, 'text'), { max: 150, only: 'plain_text' }) },
  section: { required: '', optional: 'text fields accessory expand', check: checkSection },
  context: { required: 'elements', check: checkContext },
  divider: { required: '' },
  actions: { required: 'elements', check: checkActions },
  image: { required: 'alt_text', optional: 'image_url slack_file title', check: checkImage },
  input: { required: 'label element', optional: 'hint optional dispatch_action', check: checkInput },
  markdown: {
    required: 'text',
    check: (spot) => checkString(spotOf(spot, 'text'), { max: MAX_MARKDOWN_CHARACTERS }),
    only: 'message',
  },
  rich_text: { required: 'elements', check: checkRichText },
}

type Place = 'actions' | 'accessory' | 'input'

interface ElementRule {
  readonly places: readonly Place[]
  readonly check: (spot: Spot) => void
}

const ANYWHERE: readonly Place[] = ['actions', 'accessory', 'input']
const CONVERSATION_KEYS = 'default_to_current_conversation response_url_enabled filter'

// The elements that people use, and the blocks in which Slack takes them.
const ELEMENT_RULES: Readonly<Record<string, ElementRule>> = {
  button: { places: ['actions', 'accessory'], check: checkButton },
  image: { places: ['accessory'], check: checkImageElement },
  overflow: { places: ['actions', 'accessory'], check: checkOverflow },
  radio_buttons: { places: ANYWHERE, check: checkRadioButtons },
  checkboxes: { places: ANYWHERE, check: checkCheckboxes },
  static_select: { places: ANYWHERE, check: checkStaticSelect },
  users_select: { places: ANYWHERE, check: checkFilledSelect('initial_user') },
  conversations_select: { places: ANYWHERE, check: checkFilledSelect('initial_conversation', CONVERSATION_KEYS) },
  channels_select: { places: ANYWHERE, check: checkFilledSelect('initial_channel', 'response_url_enabled') },
  plain_text_input: { places: ['input'], check: checkPlainTextInput },
}

/** Checks one block of any type, and that nothing else in the same message or view has its block_id. */
export function checkBlock(spot: Spot, context: BlockContext): void {
  if (!isObject(spot.value)) return void reportAt(spot, 'must be an object')
  const { type, block_id: blockId } = spot.value
  const rule = typeof type === 'string' && Object.hasOwn(BLOCK_RULES, type) ? BLOCK_RULES[type] : undefined
  if (rule === undefined || (rule.only !== undefined && rule.only !== context.surface)) {
    return void reportAt(spotOf(spot, 'type'), `unsupported type: ${String(type)}`)
  }
  checkObject(spot, { required: `type ${rule.required}`, optional: `block_id ${rule.optional ?? ''}` })
  checkString(spotOf(spot, 'block_id'), { max: 255 })
  const isTaken = blockId !== undefined && context.blockIds.has(blockId)
  if (isTaken) reportAt(spotOf(spot, 'block_id'), 'Block ID needs to be unique')
  context.blockIds.add(blockId)
  rule.check?.(spot)
}

function checkElement(spot: Spot, place: Place): void {
  const type = isObject(spot.value) ? spot.value['type'] : undefined
  const rule = typeof type === 'string' && Object.hasOwn(ELEMENT_RULES, type) ? ELEMENT_RULES[type] : undefined
  if (rule === undefined || !rule.places.includes(place))
    return void reportAt(spot, `unsupported type: ${String(type)}`)
  rule.check(spot)
  if (type !== 'image') checkConfirm(spotOf(spot, 'confirm'))
}

function checkSection(spot: Spot): void {
  const [text, fields, accessory] = [spotOf(spot, 'text'), spotOf(spot, 'fields'), spotOf(spot, 'accessory')]
  if (text.value === undefined && fields.value === undefined) {
    reportAt(spotOf(spot, 'type'), 'must define either `text` or `fields`')
  }
  checkText(text, { max: 3000 })
  checkArray(fields, { min: 1, max: 10 }, (field) => checkText(field, { max: 2000 }))
  checkType(spotOf(spot, 'expand'), 'boolean')
  if (accessory.value !== undefined) checkElement(accessory, 'accessory')
}

function checkContext(spot: Spot): void {
  checkArray(spotOf(spot, 'elements'), { min: 1, max: 10 }, (element) => {
    const isImage = isObject(element.value) && element.value['type'] === 'image'
    if (isImage) checkImageElement(element)
    else checkText(element, { max: 3000 })
  })
}

// An action_id may come again in another block, where the block_id tells the two apart, but not in the same one.
function checkActions(spot: Spot): void {
  const actionIds = new Set<unknown>()
  checkArray(spotOf(spot, 'elements'), { min: 1, max: 25 }, (element) => {
    checkElement(element, 'actions')
    const actionId = isObject(element.value) ? element.value['action_id'] : undefined
    if (actionId !== undefined && actionIds.has(actionId)) reportAt(element, 'action_id needs to be unique')
    actionIds.add(actionId)
  })
}

function checkInput(spot: Spot): void {
  checkText(spotOf(spot, 'label'), { max: 2000, only: 'plain_text' })
  checkText(spotOf(spot, 'hint'), { max: 2000, only: 'plain_text' })
  for (const flag of ['optional', 'dispatch_action']) checkType(spotOf(spot, flag), 'boolean')
  if (spotOf(spot, 'element').value !== undefined) checkElement(spotOf(spot, 'element'), 'input')
}

function checkImage(spot: Spot): void {
  checkImageSource(spot)
  checkText(spotOf(spot, 'title'), { max: 2000, only: 'plain_text' })
}
