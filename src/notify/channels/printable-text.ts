/** Whether line breaks of a value survive. */
export type Lines = 'one' | 'many'

/** No field of a message holds more than this; reading further would only cost time. */
const MOST_READ = 20_000

const LINE_BREAKS = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g

// Whole emoji come first, so that the joiners and selectors inside them are not taken for hidden characters.
const HIDDEN =
  /\p{RGI_Emoji}|[\uFE0E\uFE0F]|[[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cc}\uFFF9-\uFFFB]--\n]/gv
// Most texts hold nothing of the kind, and to look for whole emoji costs a hundred times as much.
const MAY_HIDE = /[[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cc}\uFFF9-\uFFFB]--\n]/v
const IS_HIDDEN = /^[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cc}\uFFF9-\uFFFB]$/u

/**
 * Makes an untrusted value show what it holds: characters that hide, reorder or join others print as `⟨U+202E⟩`,
 * half surrogates become `U+FFFD` (the form encoder of the client throws on them), outer white space goes.
 * Nothing visible is changed. Says nothing about markup: that is `escapeMrkdwn`.
 */
export function printableText(text: string, lines: Lines = 'one'): string {
  const broken = text.slice(0, MOST_READ).toWellFormed().replace(LINE_BREAKS, '\n').replaceAll('\t', ' ').split('\n')
  const laidOut =
    lines === 'one'
      ? broken.map((line) => line.trim()).join(' ')
      : broken
          .map((line) => line.trimEnd())
          .join('\n')
          .replace(/\n{3,}/g, '\n\n')
  return (MAY_HIDE.test(laidOut) ? laidOut.replace(HIDDEN, shown) : laidOut).trim()
}

function shown(match: string): string {
  // A lone variation selector changes how a character looks and nothing else.
  if (match === '\uFE0E' || match === '\uFE0F') return ''
  if (!IS_HIDDEN.test(match)) return match
  return `⟨U+${(match.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`
}
