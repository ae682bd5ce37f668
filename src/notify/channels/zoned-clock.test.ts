import { expect, test } from 'vitest'
import { isTimeZone, zonedClock } from './zoned-clock.ts'

const AT = Date.UTC(2024, 0, 12, 7, 30, 5)
const IN_JULY = Date.UTC(2024, 6, 1, 12, 0, 0)

const moments: readonly [zone: string, ms: number, text: string, why: string][] = [
  ['UTC', AT, '2024-01-12 07:30:05 UTC', 'as system 2 writes it'],
  ['Asia/Seoul', AT, '2024-01-12 16:30:05 KST', 'as system 4 writes it; Intl would say GMT+9'],
  ['Asia/Tokyo', AT, '2024-01-12 16:30:05 JST', 'a zone without a name in Intl'],
  ['America/New_York', AT, '2024-01-12 02:30:05 EST', 'winter'],
  ['America/New_York', IN_JULY, '2024-07-01 08:00:00 EDT', 'summer'],
  ['Europe/Berlin', IN_JULY, '2024-07-01 14:00:00 CEST', 'named by Britons, not by Americans'],
  ['Asia/Kolkata', AT, '2024-01-12 13:00:05 IST', 'half hours'],
  ['Asia/Kathmandu', AT, '2024-01-12 13:15:05 UTC+5:45', 'nobody has a name for it'],
  ['UTC', Date.UTC(2024, 0, 1), '2024-01-01 00:00:00 UTC', 'midnight is 00, never 24'],
]
for (const [zone, ms, text, why] of moments) {
  test(`${new Date(ms).toISOString()} in ${zone} is ${text} (${why})`, () => {
    expect(zonedClock(zone).moment(ms)).toBe(text)
  })
}

test('a minute on the same day needs no date, in the zone of the reader', () => {
  const clock = zonedClock('Asia/Seoul')
  const evening = Date.UTC(2024, 0, 12, 14, 30)
  expect(clock.minute(Date.UTC(2024, 0, 12, 14, 59), evening)).toBe('23:59 KST')
  expect(clock.minute(Date.UTC(2024, 0, 12, 15, 0), evening)).toBe('2024-01-13 00:00 KST')
})

for (const ms of [null, Number.NaN, Number.POSITIVE_INFINITY, -62_135_596_800_000, 8.64e15]) {
  test(`${ms} is no time that people have a word for`, () => {
    expect(zonedClock('UTC').moment(ms)).toBeNull()
    expect(zonedClock('Asia/Seoul').minute(ms, AT)).toBeNull()
  })
}

test('zones that do not exist are told apart before a clock is made of them', () => {
  expect([isTimeZone('Asia/Seoul'), isTimeZone('Mars/Base'), isTimeZone('')]).toEqual([true, false, false])
  expect(() => zonedClock('Mars/Base')).toThrow(RangeError)
})
