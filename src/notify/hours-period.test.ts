import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseWeeklyHours, type WeeklyHours } from '../domain/weekly-hours.ts'
import { periodAt } from './hours-period.ts'

function hours(text: string, timeZone: string): WeeklyHours {
  const parsed = parseWeeklyHours(text)
  if (!parsed.ok) throw new Error(parsed.problem)
  return { ...parsed.value, timeZone }
}

function endAt(text: string, timeZone: string, at: string): string | null {
  const period = periodAt(hours(text, timeZone), Date.parse(at))
  return period === null ? null : new Date(period.end).toISOString()
}

const BERLIN = 'Europe/Berlin'
const NEW_YORK = 'America/New_York'
const SEOUL = 'Asia/Seoul'

describe('a stretch of weekly hours', () => {
  const cases: readonly [text: string, zone: string, at: string, end: string | null, why: string][] = [
    ['09:00-18:00', 'UTC', '2026-01-05T12:00:00Z', '2026-01-05T18:00:00.000Z', 'in the middle'],
    ['09:00-18:00', 'UTC', '2026-01-05T09:00:00Z', '2026-01-05T18:00:00.000Z', 'its first instant belongs to it'],
    ['09:00-18:00', 'UTC', '2026-01-05T18:00:00Z', null, 'its end does not'],
    ['22:00-07:00', 'UTC', '2026-01-05T23:00:00Z', '2026-01-06T07:00:00.000Z', 'over midnight, before it'],
    ['22:00-07:00', 'UTC', '2026-01-06T06:59:59Z', '2026-01-06T07:00:00.000Z', 'over midnight, after it'],
    ['22:00-00:00', 'UTC', '2026-01-05T23:59:00Z', '2026-01-06T00:00:00.000Z', 'until midnight'],
    ['22:00-24:00', 'UTC', '2026-01-05T23:59:00Z', '2026-01-06T00:00:00.000Z', 'until midnight, said otherwise'],
    [
      'Fri 22:00-07:00',
      'UTC',
      '2026-01-10T03:00:00Z',
      '2026-01-10T07:00:00.000Z',
      'Saturday morning belongs to Friday night',
    ],
    ['Fri 22:00-07:00', 'UTC', '2026-01-09T03:00:00Z', null, 'Friday morning belongs to Thursday night'],
    ['Mon-Fri 09:00-18:00', SEOUL, '2026-01-05T00:00:00Z', '2026-01-05T09:00:00.000Z', 'Monday morning in Seoul'],
    ['Mon-Fri 09:00-18:00', SEOUL, '2026-01-04T23:59:00Z', null, 'a minute too early'],
    ['Mon 00:00-24:00', SEOUL, '2026-01-04T15:00:00Z', '2026-01-05T15:00:00.000Z', 'Monday begins on Sunday in UTC'],
    // Berlin: 02:00 → 03:00 on 29 March 2026, 03:00 → 02:00 on 25 October 2026.
    ['22:00-07:00', BERLIN, '2026-03-28T22:00:00Z', '2026-03-29T05:00:00.000Z', 'an hour shorter in spring'],
    ['22:00-07:00', BERLIN, '2026-10-24T22:00:00Z', '2026-10-25T06:00:00.000Z', 'an hour longer in autumn'],
    [
      '22:00-02:30',
      BERLIN,
      '2026-03-29T00:59:00Z',
      '2026-03-29T01:30:00.000Z',
      'an end that is skipped is as long after the last one',
    ],
    ['22:00-02:30', BERLIN, '2026-10-25T00:29:00Z', '2026-10-25T00:30:00.000Z', 'an end that comes twice is the first'],
    ['22:00-02:30', BERLIN, '2026-10-25T01:10:00Z', null, 'and does not begin anew when the clock shows it again'],
    ['02:30-04:00', BERLIN, '2026-03-29T01:15:00Z', null, 'a beginning that is skipped is not before the clock jumps'],
    ['00:00-24:00', BERLIN, '2026-10-25T12:00:00Z', '2026-10-25T23:00:00.000Z', 'a day of 25 hours'],
    // New York: 02:00 → 03:00 on 8 March 2026, 02:00 → 01:00 on 1 November 2026.
    ['22:00-07:00', NEW_YORK, '2026-03-08T04:00:00Z', '2026-03-08T11:00:00.000Z', 'an hour shorter in spring'],
    ['22:00-07:00', NEW_YORK, '2026-11-01T04:00:00Z', '2026-11-01T12:00:00.000Z', 'an hour longer in autumn'],
    [
      '22:00-01:30',
      NEW_YORK,
      '2026-11-01T05:29:00Z',
      '2026-11-01T05:30:00.000Z',
      'an end that comes twice is the first',
    ],
    ['22:00-07:00', SEOUL, '2026-03-28T13:00:00Z', '2026-03-28T22:00:00.000Z', 'Seoul has no change of the clocks'],
    ['22:00-07:00', SEOUL, '2026-10-24T13:00:00Z', '2026-10-24T22:00:00.000Z', 'Seoul has no change of the clocks'],
  ]
  for (const [text, zone, at, end, why] of cases) {
    test(`${text} ${zone} at ${at} ${end === null ? 'is not' : `lasts until ${end}`} (${why})`, () => {
      expect(endAt(text, zone, at)).toBe(end)
    })
  }

  test('holds the instant that it was found for, whatever the clocks do', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1439 }),
        fc.integer({ min: 0, max: 1440 }),
        fc.constantFrom(BERLIN, NEW_YORK, SEOUL, 'Australia/Lord_Howe', 'Pacific/Apia'),
        fc.integer({ min: Date.parse('2011-12-01T00:00:00Z'), max: Date.parse('2027-01-01T00:00:00Z') }),
        (from, to, timeZone, at) => {
          fc.pre(from !== to)
          const period = periodAt({ days: [1, 2, 3, 4, 5, 6, 7], from, to, timeZone }, at)
          return period === null || (period.start <= at && at < period.end && period.end - at <= 50 * 3_600_000)
        },
      ),
    )
  })
})
