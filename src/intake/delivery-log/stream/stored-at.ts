/** Nanoseconds since 1970, or a time as RFC 3339 with as many digits of a second as NATS leaves of nine. */
const RFC_3339 = /^(.*T\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/

/**
 * When NATS stored a message, milliseconds since 1970 to the microsecond, from either of the two ways in which it says so; the same number
 * for both. Several messages are stored in a millisecond, and their order must not be guessed.
 */
export function storedAt(text: string): number {
  const [, seconds, digits = '', zone = ''] = RFC_3339.exec(text) ?? []
  if (seconds === undefined) return inMilliseconds(Number(text.slice(0, -9)), text.slice(-9))
  return inMilliseconds(Date.parse(seconds + zone) / 1000, digits.padEnd(9, '0'))
}

function inMilliseconds(seconds: number, nanos: string): number {
  return (seconds * 1_000_000 + Math.floor(Number(nanos) / 1000)) / 1000
}
