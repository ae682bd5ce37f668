/** Below the width of the column (`LONGEST_NAME` in column-types.ts), because a width once chosen names rows that are stored. */
const MOST_UNITS = 250

/**
 * A text as a column of type `name` holds it on every engine: what senders wrote is cut, so that one long word never makes a whole
 * transaction fail, and never between the halves of a sign. The same text always gives the same name.
 */
export function fitName(text: string): string {
  if (text.length <= MOST_UNITS) return text
  const isSplit = /[\ud800-\udbff]/.test(text.charAt(MOST_UNITS - 1))
  return text.slice(0, isSplit ? MOST_UNITS - 1 : MOST_UNITS)
}
