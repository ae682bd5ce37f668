import { Temporal } from 'temporal-polyfill'
import { MINUTES_OF_DAY, type Weekday, type WeeklyHours } from '../domain/weekly-hours.ts'

/** A stretch of time, ms since 1970; the end does not belong to it. */
export interface Period {
  readonly start: number
  readonly end: number
}

/**
 * The stretch of weekly hours that an instant lies in, or null. Begin and end are what the clocks of that zone show: a
 * time that a change of the clocks skips is when they jump, one that they show twice is its first showing.
 */
export function periodAt(hours: WeeklyHours, at: number): Period | null {
  const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(hours.timeZone).toPlainDate()
  // Yesterday's stretch may reach into today.
  for (const day of [today.subtract({ days: 1 }), today]) {
    if (!hours.days.includes(day.dayOfWeek as Weekday)) continue
    const period = { start: instantOf(day, hours.from, hours.timeZone), end: endOf(day, hours) }
    if (at >= period.start && at < period.end) return period
  }
  return null
}

function endOf(day: Temporal.PlainDate, { from, to, timeZone }: WeeklyHours): number {
  return instantOf(to <= from ? day.add({ days: 1 }) : day, to, timeZone)
}

function instantOf(day: Temporal.PlainDate, minute: number, timeZone: string): number {
  if (minute === MINUTES_OF_DAY) return instantOf(day.add({ days: 1 }), 0, timeZone)
  const time = new Temporal.PlainTime(Math.floor(minute / 60), minute % 60)
  return day.toZonedDateTime({ timeZone, plainTime: time }).epochMilliseconds
}
