import { roundedCount } from '../../../../domain/rounded-count.ts'

/** From here on a count is told rounded. */
const ROUNDED_FROM = 100

/** A count for people, the same for many numbers: `99`, then `~100`, `~12,000`, in every language. */
export function stableCount(count: number): string {
  return count < ROUNDED_FROM ? String(count) : `~${groupDigits(roundedCount(count))}`
}

/** `1234567` → `1,234,567` */
export function groupDigits(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}
