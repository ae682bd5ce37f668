import { bold, type TextNode, words } from '../message-tree.ts'

/** A place in a phrase, or text of the phrase itself. */
const PIECES = /(\{[a-z]+\}|\*[^*]+\*)/

/**
 * Fills a phrase of ours: `{name}` becomes what is given under that name, `*words*` become bold. A string is words of
 * ours; whatever came from outside is given as a node. A place that nothing is given for stays empty.
 */
export function phrase(template: string, parts: Readonly<Record<string, TextNode | string>> = {}): readonly TextNode[] {
  return template
    .split(PIECES)
    .filter((piece) => piece !== '')
    .map((piece) => {
      if (piece.startsWith('*')) return bold(fillWords(piece.slice(1, -1), parts))
      if (!piece.startsWith('{')) return words(piece)
      const part = parts[piece.slice(1, -1)] ?? ''
      return typeof part === 'string' ? words(part) : part
    })
}

/** Phrases one after the other, with `between` in between; empty ones are left out. */
export function joinPhrases(phrases: readonly (readonly TextNode[])[], between: string): readonly TextNode[] {
  const shown = phrases.filter((nodes) => nodes.length > 0)
  return shown.flatMap((nodes, index) => (index === 0 ? nodes : [words(between), ...nodes]))
}

function fillWords(text: string, parts: Readonly<Record<string, TextNode | string>>): string {
  return text.replace(/\{([a-z]+)\}/g, (_, name: string) => {
    const part = parts[name]
    return typeof part === 'string' ? part : ''
  })
}
