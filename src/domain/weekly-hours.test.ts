import { describe, expect, test } from 'vitest'
import { parseDays, parseWeeklyHours, weeklyHoursText } from './weekly-hours.ts'

describe('weekdays', () => {
  const cases: readonly [text: string, days: readonly number[] | null, why: string][] = [
    ['Mon-Fri', [1, 2, 3, 4, 5], 'a run'],
    ['Sat,Sun', [6, 7], 'a list'],
    ['Fri-Mon', [1, 5, 6, 7], 'a run over the end of the week'],
    ['mon , WED-thu', [1, 3, 4], 'spaces and case do not matter'],
    ['Monday-Tuesday', [1, 2], 'whole names'],
    ['Wednesday,Saturday', [3, 6], 'whole names'],
    ['daily', [1, 2, 3, 4, 5, 6, 7], 'every day'],
    ['Mon-Sun', [1, 2, 3, 4, 5, 6, 7], 'every day'],
    ['Tue-Tue', [2], 'a run of one'],
    ['', null, 'nothing'],
    ['Mon-Wed-Fri', null, 'no run has three ends'],
    ['Mon,', null, 'a comma too many'],
    ['weekdays', null, 'not a word of this language'],
    ['Mo-Fr', null, 'too short to be sure'],
    ['Monster', null, 'only looks like a day'],
  ]
  for (const [text, days, why] of cases) {
    test(`${JSON.stringify(text)} is ${days === null ? 'refused' : days.join(' ')} (${why})`, () => {
      const parsed = parseDays(text)
      expect(parsed.ok ? parsed.value : null).toEqual(days)
    })
  }
})

describe('hours of a week', () => {
  const cases: readonly [text: string, shown: string | RegExp, why: string][] = [
    ['Mon-Fri 09:00-18:00', 'Mon-Fri 09:00-18:00 UTC', 'days and hours'],
    ['22:00-07:00', '22:00-07:00 UTC', 'without days: every day, over midnight'],
    ['Sat,Mon 0:30 - 24:00', 'Mon,Sat 00:30-24:00 UTC', 'up to midnight'],
    ['Mon 09:00-09:00', /never is/, 'an empty stretch is a mistake'],
    ['24:00-07:00', /next day begins/, '24:00 is an end, no beginning'],
    ['09:00-24:01', /no day has/, 'later than midnight'],
    ['09:60-10:00', /no day has/, 'an hour has 60 minutes'],
    ['9-18', /no time of day/, 'minutes are missing'],
    ['Mon-Fri', /no stretch of hours/, 'hours are missing'],
    ['Mon-Fry 09:00-18:00', /weekdays/, 'a day misspelt'],
  ]
  for (const [text, shown, why] of cases) {
    test(`${text} is ${String(shown)} (${why})`, () => {
      const parsed = parseWeeklyHours(text)
      const words = parsed.ok ? weeklyHoursText({ ...parsed.value, timeZone: 'UTC' }) : parsed.problem
      if (typeof shown === 'string') expect(words).toBe(shown)
      else expect(words).toMatch(shown)
    })
  }
})
