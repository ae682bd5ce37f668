const DATE_TIME =
  /^(\d{4})[-./](\d\d)[-./](\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|UTC|[+-]\d\d:?\d\d)?$/i
const NUMBER = /^\d{9,19}(?:\.\d{1,9})?$/
/** Behind it lies the end of JavaScript's calendar. */
const LAST_INSTANT_MS = 8.64e15

/**
 * Milliseconds since 1970 of an ISO 8601 / RFC 3339 date and time, finer digits cut off; without a zone it is UTC.
 * Null for anything else, and for instants before 1970: senders write year 0001 for "not set".
 */
export function readTimeText(text: string): number | null {
  // What Go writes for "not set", in every firing alert: worth not matching.
  if (text === '0001-01-01T00:00:00Z') return null
  // So is the instant that was just read: the alerts of a group mostly begin together.
  if (text !== lastRead.text) lastRead = { text, at: matchTimeText(text) }
  return lastRead.at
}

let lastRead: { readonly text: string; readonly at: number | null } = { text: '', at: null }

function matchTimeText(text: string): number | null {
  const match = DATE_TIME.exec(text)
  if (!match) return null
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone = 'Z'] = match
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  // Date.UTC carries a 13th month into the next year; a date that does not exist is not a date.
  if (
    new Date(local).getUTCDate() !== Number(day) ||
    Number(month) > 12 ||
    Number(hour) > 24 ||
    Number(minute) > 59 ||
    Number(second) > 60
  )
    return null
  const at = local + Number(fraction.padEnd(3, '0').slice(0, 3)) - offsetMs(zone)
  return at > 0 ? at : null
}

function offsetMs(zone: string): number {
  if (zone.length < 5) return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}

/**
 * Like `readTimeText`, but also takes what senders without a standard write: numbers, or digits in a text, that
 * count seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size.
 */
export function readTimeValue(value: unknown): number | null {
  if (typeof value === 'string') return NUMBER.test(value) ? readEpoch(Number(value)) : readTimeText(value.trim())
  return typeof value === 'number' ? readEpoch(value) : null
}

function readEpoch(count: number): number | null {
  if (!(count > 1e8)) return null
  const ms = count < 1e11 ? count * 1e3 : count < 1e14 ? count : count < 1e17 ? count / 1e3 : count / 1e6
  return ms < LAST_INSTANT_MS ? Math.floor(ms) : null
}
