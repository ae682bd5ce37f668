import { type Lines, printableText } from '../printable-text.ts'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

// mrkdwn has no escape for these, so a mark that could format is replaced by its look-alike. An underscore inside a
// word (`node_exporter`) and the colons of a time never format and stay.
const MARKS = new RegExp(
  [
    '[*~`]',
    '(?<![\\p{L}\\p{N}])_|_(?![\\p{L}\\p{N}])',
    ":(?=[\\p{N}_+'\\-]*\\p{L}[\\p{L}\\p{N}_+'\\-]*:|(?:100|1234):)",
    '(?<=^[ ]*)>',
  ].join('|'),
  'gmu',
)
const LOOK_ALIKES: Readonly<Record<string, string>> = { '*': '∗', _: '＿', '~': '∼', '`': 'ˋ', ':': '꞉', '>': '›' }

/**
 * The one way for text into mrkdwn. The result cannot mention, link or format: hidden characters are printed,
 * marks that would format become look-alikes, and `&`, `<`, `>` are escaped once. Not idempotent on purpose:
 * text that arrives as `&lt;` shows as `&lt;`.
 */
export function escapeMrkdwn(text: string, lines: Lines = 'one'): string {
  const inert = printableText(text, lines).replace(MARKS, (mark) => LOOK_ALIKES[mark] ?? mark)
  return inert.replace(/[&<>]/g, (character) => ENTITIES[character] ?? character)
}

/** The same for places without `verbatim`: clients that show them make links of the addresses in them, and those can be anybody's. */
export function escapeUnlinked(text: string, lines: Lines = 'one'): string {
  return escapeMrkdwn(text, lines).replaceAll('://', ':∕∕')
}

/** Whether `escapeMrkdwn` would have to alter visible characters. Where `plain_text` will do, it keeps the text as it is. */
export function hasFormattingMarks(text: string, lines: Lines = 'one'): boolean {
  return printableText(text, lines).search(MARKS) !== -1
}
