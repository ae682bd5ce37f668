/** 1 = Monday … 7 = Sunday, as ISO 8601 counts. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7

/** A time that comes back every week, as clocks on the wall show it. Minutes count from midnight of the day it begins on. */
export interface WeeklyHours {
  readonly days: readonly Weekday[]
  readonly from: number
  /** At most 1440 (midnight) later than 0; not after `from` means on the day after. */
  readonly to: number
  readonly timeZone: string
}

/** What a text about hours means, or what is wrong with it, to be read behind its value. */
export type ParsedHours<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string }

const DAY_NAMES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const EVERY_DAY: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7]

/** Reads `Mon-Fri`, `Sat,Sun`, `Fri-Mon` or `daily`. */
export function parseDays(text: string): ParsedHours<readonly Weekday[]> {
  if (/^\s*daily\s*$/i.test(text)) return { ok: true, value: EVERY_DAY }
  const days = new Set<Weekday>()
  for (const part of text.split(',')) {
    const [first = '', last = first, ...more] = part.split('-').map((name) => name.trim().toLowerCase().slice(0, 12))
    const start = dayOf(first)
    const end = dayOf(last)
    if (start === null || end === null || more.length > 0) return { ok: false, problem: 'is no list of weekdays' }
    for (let day = start; ; day = day === 7 ? 1 : ((day + 1) as Weekday)) {
      days.add(day)
      if (day === end) break
    }
  }
  return { ok: true, value: EVERY_DAY.filter((day) => days.has(day)) }
}

function dayOf(name: string): Weekday | null {
  const isWord = /^(?:mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?$/.test(name)
  return isWord ? ((DAY_NAMES.findIndex((day) => name.startsWith(day)) + 1) as Weekday) : null
}

/** Reads `09:00` or `24:00` as minutes since midnight. */
export function parseTimeOfDay(text: string): ParsedHours<number> {
  const [, hours, minutes] = /^\s*(\d{1,2}):(\d{2})\s*$/.exec(text) ?? []
  if (hours === undefined || minutes === undefined) return { ok: false, problem: 'is no time of day' }
  const total = Number(hours) * 60 + Number(minutes)
  if (Number(minutes) > 59 || total > MINUTES_OF_DAY) return { ok: false, problem: 'is a time that no day has' }
  return { ok: true, value: total }
}

/** How long a day is on a wall; days with a change of the clocks are longer or shorter. */
export const MINUTES_OF_DAY = 1440

/** Reads `Mon-Fri 09:00-18:00`, or `22:00-07:00` for every day. An empty stretch is refused: nobody means it. */
export function parseWeeklyHours(text: string): ParsedHours<Omit<WeeklyHours, 'timeZone'>> {
  const [, dayText = '', fromText = '', toText = ''] = /^\s*(.*?)\s*([\d:]+)\s*-\s*([\d:]+)\s*$/.exec(text) ?? []
  if (fromText === '') return { ok: false, problem: 'is no stretch of hours' }
  const days = parseDays(dayText === '' ? 'daily' : dayText)
  if (!days.ok) return days
  return withTimes(days.value, fromText, toText)
}

/** Puts days and times of day together; refuses a stretch that never is. */
export function withTimes(
  days: readonly Weekday[],
  fromText: string,
  toText: string,
): ParsedHours<Omit<WeeklyHours, 'timeZone'>> {
  const from = parseTimeOfDay(fromText)
  const to = parseTimeOfDay(toText)
  if (!from.ok) return from
  if (!to.ok) return to
  if (from.value === MINUTES_OF_DAY) return { ok: false, problem: 'begins at 24:00, where the next day begins' }
  if (from.value === to.value) return { ok: false, problem: 'ends when it begins, so that it never is' }
  return { ok: true, value: { days, from: from.value, to: to.value } }
}

/** As people write it: `Mon-Fri 09:00-18:00 Europe/Berlin`. */
export function weeklyHoursText({ days, from, to, timeZone }: WeeklyHours): string {
  const dayText = days.length === 7 ? '' : `${daysText(days)} `
  return `${dayText}${clock(from)}-${clock(to)} ${timeZone}`
}

function daysText(days: readonly Weekday[]): string {
  const names = days.map((day) => capital(DAY_NAMES[day - 1] as string))
  const isRun = days.length > 2 && days.every((day, index) => index === 0 || day === (days[index - 1] as number) + 1)
  return isRun ? `${names[0]}-${names.at(-1)}` : names.join(',')
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}
