import type { TextObject } from './block-kit.ts'

const ELLIPSIS = '…'
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** What may only stay or go as a whole in mrkdwn: links, entities, and the placeholder below where it is part of the text. */
const ATOMS = /<[^<>]*>|&(?:amp|lt|gt);|\uFFFC/g
const PLACEHOLDER = '\uFFFC'

/** Cuts plain text to at most `max` UTF-16 units, `…` included, between characters as people see them. */
export function clampPlain(text: string, max: number): string {
  return text.length <= max ? text : cut([...pieces(text, max)], max)
}

/** Cuts mrkdwn likewise, and never inside a link or an entity. */
export function clampMrkdwn(text: string, max: number): string {
  if (text.length <= max) return text
  const atoms = text.match(ATOMS) ?? []
  let next = 0
  const restore = (piece: string): string => piece.replaceAll(PLACEHOLDER, () => atoms[next++] ?? '')
  return cut([...pieces(text.replace(ATOMS, PLACEHOLDER), max)].map(restore), max)
}

/** Cuts a text object by the rules of its type. */
export function clampTextObject<T extends TextObject>(object: T, max: number): T {
  const clamp = object.type === 'mrkdwn' ? clampMrkdwn : clampPlain
  return { ...object, text: clamp(object.text, max) }
}

function* pieces(text: string, max: number): Generator<string> {
  for (const { segment, index } of GRAPHEMES.segment(text)) {
    // A placeholder stands for at least one unit, so whatever begins after `max` cannot fit.
    if (index > max) return
    yield segment
  }
}

function cut(whole: readonly string[], max: number): string {
  let kept = ''
  for (const piece of whole) {
    if (kept.length + piece.length > max - ELLIPSIS.length) break
    kept += piece
  }
  return `${kept.trimEnd()}${ELLIPSIS}`
}
