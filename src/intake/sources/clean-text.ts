const CONTROL_CHARACTERS = /[\p{Cc}\u2028\u2029]+/gu
const ESCAPED_UNIT =
  /\\(?:\\|u0000|u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[dD][89a-fA-F][\da-fA-F]{2})/g

/** Text that every database and encoder takes: NUL and lone surrogates become U+FFFD. */
export function cleanText(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  return whole.includes('\0') ? whole.replaceAll('\0', '\ufffd') : whole
}

/**
 * JSON text whose strings every database takes when it parses them: the escapes of NUL and of lone surrogates
 * become `\ufffd`. PostgreSQL's jsonb refuses both.
 */
export function cleanJsonText(json: string): string {
  if (!json.includes('\\u')) return cleanText(json)
  // Escaped backslashes and whole pairs are matched only to be stepped over.
  return cleanText(json).replace(ESCAPED_UNIT, (match) =>
    match.length === 2 || match.length === 12 ? match : '\\ufffd',
  )
}

/** At most `length` UTF-16 units, never ending inside a surrogate pair. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text
  const lastUnit = text.charCodeAt(length - 1)
  return text.slice(0, lastUnit >= 0xd800 && lastUnit < 0xdc00 ? length - 1 : length)
}

/** One trimmed line of at most `length` UTF-16 units: line ends and control characters become a space. */
export function oneLine(text: string, length: number): string {
  // What is far behind the cut is never looked at: a title of 8 MB costs no more than its first line.
  return cutText(
    cutText(text, length * 4)
      .replace(CONTROL_CHARACTERS, ' ')
      .trim(),
    length,
  )
}
