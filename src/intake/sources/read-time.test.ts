import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readTimeText, readTimeValue } from './read-time.ts'

const NOON = Date.UTC(2026, 0, 5, 12)

const texts: readonly [text: string, at: number | null, why: string][] = [
  ['2026-01-05T12:00:00Z', NOON, 'RFC 3339'],
  ['2026-01-05T12:00:00.819209792Z', NOON + 819, 'nanoseconds are cut, not rounded'],
  ['2026-01-05T12:00:00.5Z', NOON + 500, 'a short fraction'],
  ['2026-01-05T21:00:00+09:00', NOON, 'an offset'],
  ['2026-01-05T12:00:00.000+0000', NOON, 'an offset without colon: CloudWatch, PagerDuty'],
  ['2026-01-05T06:30:00-05:30', NOON, 'west, with half an hour'],
  ['2026-01-05 12:00:00', NOON, 'a blank instead of T, no zone: UTC'],
  ['2026.01.05 12:00:00', NOON, 'Zabbix'],
  ['2026-01-05T12:00Z', NOON, 'no seconds'],
  ['2026-01-05 12:00:00 UTC', NOON, 'the zone as a word'],
  ['0001-01-01T00:00:00Z', null, 'Go’s way to say not set'],
  ['0001-01-01T00:00:00.000Z', null, 'the same, written by others'],
  ['1970-01-01T00:00:00Z', null, 'the epoch itself is a number that nobody filled in'],
  ['2026-02-30T12:00:00Z', null, 'no such day'],
  ['2026-13-01T12:00:00Z', null, 'no such month'],
  ['2026-01-05T25:00:00Z', null, 'no such hour'],
  ['2026-01-05', null, 'a date is no instant'],
  ['{EVENT.DATE} {EVENT.TIME}', null, 'a macro that was not filled in'],
  ['5', null, 'what Date.parse would take for May'],
  ['', null, 'empty'],
]

for (const [text, at, why] of texts) {
  test(`${JSON.stringify(text)} → ${at} (${why})`, () => {
    expect(readTimeText(text)).toBe(at)
  })
}

const values: readonly [value: unknown, at: number | null, why: string][] = [
  [NOON / 1000, NOON, 'seconds'],
  [NOON / 1000 + 0.25, NOON + 250, 'seconds with a fraction'],
  [NOON, NOON, 'milliseconds'],
  [String(NOON), NOON, 'digits in a text'],
  [NOON * 1e3, NOON, 'microseconds'],
  [NOON * 1e6, NOON, 'nanoseconds'],
  [' 2026-01-05T12:00:00Z ', NOON, 'a text with blanks around'],
  [0, null, 'zero is not set'],
  [-1, null, 'before 1970'],
  [1e300, null, 'behind the end of the calendar'],
  [Number.NaN, null, 'no number'],
  [true, null, 'no time'],
  [null, null, 'nothing'],
]

for (const [value, at, why] of values) {
  test(`${JSON.stringify(value)} as a value → ${at} (${why})`, () => {
    expect(readTimeValue(value)).toBe(at)
  })
}

test('every instant of four-digit years reads back from its ISO text', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date(1), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
      (date) => readTimeText(date.toISOString()) === date.getTime(),
    ),
  )
})
