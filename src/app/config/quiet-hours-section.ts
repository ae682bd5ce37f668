import * as z from 'zod'
import { parseDays, parseTimeOfDay, withTimes } from '../../domain/weekly-hours.ts'
import { refuse, setting } from './setting.ts'
import { timeZoneText } from './time-zone.ts'

const DAYS = z.string().superRefine((text, ctx) => {
  const parsed = parseDays(text)
  if (!parsed.ok)
    refuse(ctx, {
      problem: `is \`${text.slice(0, 60)}\`, which ${parsed.problem}`,
      remedy: 'Write `Mon-Fri`, `Sat,Sun` or `daily`.',
    })
})

const TIME = z.string().superRefine((text, ctx) => {
  const parsed = parseTimeOfDay(text)
  if (!parsed.ok)
    refuse(ctx, {
      problem: `is \`${text.slice(0, 60)}\`, which ${parsed.problem}`,
      remedy: 'Write `07:00`, in quotes.',
    })
})

/** A time in which channels are left in peace. */
export const QUIET_HOURS = z
  .strictObject({
    name: setting(z.string().min(1).max(80).optional(), { about: 'What people call it.', examples: ['nights'] }),
    days: setting(DAYS.prefault('daily'), { about: 'The days on which it begins.', examples: ['Mon-Fri'] }),
    from: setting(TIME, { about: 'When it begins.', examples: ['22:00'] }),
    to: setting(TIME, { about: 'When it ends; not after `from` means on the next day.', examples: ['07:00'] }),
    timeZone: setting(timeZoneText().optional(), {
      about: 'The zone of these times.',
      otherwise: '`slack.timeZone`, or `UTC`',
    }),
    holdBelow: setting(z.enum(['critical', 'error']).prefault('critical'), {
      about: 'Incidents that never were this severe wait until it ends; then one message tells how they are.',
    }),
    channels: setting(z.array(z.string().min(1)).min(1).max(50).optional(), {
      about: 'The ids of the channels that are quiet.',
      otherwise: 'every channel',
      examples: [['payments']],
    }),
  })
  .superRefine(({ days, from, to }, ctx) => {
    const parsedDays = parseDays(days)
    // What is wrong with one of them alone has been said.
    if (!parsedDays.ok || !parseTimeOfDay(from).ok || !parseTimeOfDay(to).ok) return
    const parsed = withTimes(parsedDays.value, from, to)
    if (!parsed.ok) refuse(ctx, { problem: parsed.problem, remedy: 'Write when it begins and when it ends.' })
    else if (parsed.value.days.length === 7 && parsed.value.from === 0 && parsed.value.to === 1440)
      refuse(ctx, {
        problem: 'never ends: it is every day from midnight to midnight',
        remedy: 'Leave some time in which incidents can be told, or remove the channel from the routes.',
      })
  })

export type ParsedQuietHours = z.output<typeof QUIET_HOURS>
