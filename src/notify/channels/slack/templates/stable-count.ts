/** Up to here a count is told as it is. */
const EXACT_UP_TO = 100

/**
 * A count for people, the same for many numbers: above a hundred it keeps two digits and says `~`, so that a message
 * about a growing storm need not be edited with every alert. `12,345` style in every language.
 */
export function stableCount(count: number): string {
  if (count <= EXACT_UP_TO) return String(count)
  const step = 10 ** (Math.floor(Math.log10(count)) - 1)
  return `~${groupDigits(Math.floor(count / step) * step)}`
}

/** `1234567` → `1,234,567` */
export function groupDigits(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}
