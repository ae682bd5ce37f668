const YEAR_ONE = Date.parse('0001-01-01T00:00:00.000Z')
const YEAR_9999 = Date.parse('9999-12-31T23:59:59.999Z')

/** An instant as answers carry it: ISO 8601, UTC, milliseconds. Senders write impossible years; those become the nearest possible one. */
export function isoTime(ms: number): string {
  return new Date(Math.min(YEAR_9999, Math.max(YEAR_ONE, ms))).toISOString()
}

export function isoTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms)
}
