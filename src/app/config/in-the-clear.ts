import { Secret } from './secret.ts'

/** Plain data that may cross threads, with secrets as what they are. Never log it. */
export function inTheClear(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal()
  if (Array.isArray(value)) return value.map(inTheClear)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inTheClear(inner)]))
}
