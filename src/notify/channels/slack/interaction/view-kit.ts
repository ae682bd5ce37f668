import { printableText } from '../../printable-text.ts'
import { clampPlain, clampTextObject } from '../clamp-text.ts'
import type { TextNode } from '../message-tree.ts'
import { textObject } from '../message-tree.ts'

/** A block or an element of a view as Slack takes it. */
export type Piece = Readonly<Record<string, unknown>>

/** A choice in a menu. */
export interface Option {
  readonly value: string
  readonly text: string
}

// https://docs.slack.dev/reference/block-kit
const LIMITS = { title: 24, button: 75, option: 75, label: 2_000, hint: 150, section: 3_000, input: 3_000 } as const

/** Stands where there is nothing: Slack refuses empty texts. */
const NOTHING = '–'

function plain(text: string, most: number): Piece {
  return { type: 'plain_text', text: clampPlain(printableText(text, 'many'), most) || NOTHING, emoji: false }
}

export function headerBlock(text: string): Piece {
  return { type: 'header', text: plain(text, 150) }
}

/** Text of several kinds, escaped here and nowhere else. */
export function sectionBlock(nodes: readonly TextNode[]): Piece {
  return { type: 'section', text: clampTextObject(textObject(nodes), LIMITS.section) }
}

/** Plain text as it is, without any markup. */
export function plainSection(text: string): Piece {
  return { type: 'section', text: plain(text, LIMITS.section) }
}

export function contextBlock(text: string): Piece {
  return { type: 'context', elements: [plain(text, 2_000)] }
}

export const DIVIDER: Piece = { type: 'divider' }

export function actionsBlock(blockId: string, elements: readonly Piece[]): Piece {
  return { type: 'actions', block_id: blockId, elements }
}

export function button(actionId: string, text: string, value: string, style?: 'primary' | 'danger'): Piece {
  return {
    type: 'button',
    action_id: actionId,
    text: plain(text, LIMITS.button),
    value,
    ...(style !== undefined && { style }),
  }
}

/** A menu; `initial` is the value of the option that is chosen already. */
export function menu(
  actionId: string,
  options: readonly Option[],
  more: { placeholder?: string; initial?: string },
): Piece {
  const shown = options.map(({ value, text }) => ({ text: plain(text, LIMITS.option), value }))
  const initial = shown.find(({ value }) => value === more.initial)
  return {
    type: 'static_select',
    action_id: actionId,
    options: shown,
    ...(more.placeholder !== undefined && { placeholder: plain(more.placeholder, LIMITS.hint) }),
    ...(initial !== undefined && { initial_option: initial }),
  }
}

export function checkboxes(actionId: string, options: readonly Option[]): Piece {
  const shown = options.map(({ value, text }) => ({ text: plain(text, LIMITS.option), value }))
  return { type: 'checkboxes', action_id: actionId, options: shown }
}

export function textInput(
  actionId: string,
  { isLong = false, initial = '', hint }: { isLong?: boolean; initial?: string; hint?: string },
): Piece {
  return {
    type: 'plain_text_input',
    action_id: actionId,
    multiline: isLong,
    max_length: LIMITS.input,
    ...(initial !== '' && { initial_value: initial.slice(0, LIMITS.input) }),
    ...(hint !== undefined && { placeholder: plain(hint, LIMITS.hint) }),
  }
}

/** A field of a modal: its block is named like its element, which is how its value is found again. */
export function inputBlock(label: string, element: Piece, isOptional = false): Piece {
  return {
    type: 'input',
    block_id: element['action_id'],
    label: plain(label, LIMITS.label),
    element,
    optional: isOptional,
  }
}

/** A modal of ours; `context` comes back with what is submitted. */
export function modalView(parts: {
  readonly callbackId: string
  readonly title: string
  readonly submit: string
  readonly close: string
  readonly context: object
  readonly blocks: readonly Piece[]
}): Piece {
  return {
    type: 'modal',
    callback_id: parts.callbackId,
    title: plain(parts.title, LIMITS.title),
    submit: plain(parts.submit, LIMITS.title),
    close: plain(parts.close, LIMITS.title),
    private_metadata: JSON.stringify(parts.context),
    blocks: parts.blocks,
  }
}
