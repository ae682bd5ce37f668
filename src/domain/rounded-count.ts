/** Counts below this are told as they are. */
const EXACT_BELOW = 100

/**
 * A count as messages tell it: exact while it is small, two leading digits once it is not, so that a message about a
 * growing storm stays the same for a while. `rounded(1234)` is 1200. Non-negative whole numbers only.
 */
export function roundedCount(count: number): number {
  if (count < EXACT_BELOW) return count
  const unit = 10 ** (String(count).length - 2)
  return Math.floor(count / unit) * unit
}
