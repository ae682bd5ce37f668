import * as z from 'zod'
import { readSeverityChoice } from '../../domain/severity-choice.ts'
import { parseWeeklyHours } from '../../domain/weekly-hours.ts'
import { matcherText } from './matcher-text.ts'
import { MENTIONS } from './mention-setting.ts'
import { refuse, setting } from './setting.ts'
import { timeZoneText } from './time-zone.ts'

const SEVERITY = z.string().superRefine((text, ctx) => {
  if (readSeverityChoice(text).ok) return
  const remedy = 'Write `>=error`, or some of `critical`, `error`, `warning`, `info`, `debug`.'
  refuse(ctx, { problem: `is \`${shown(text)}\`, which is no severity`, remedy })
})

const HOURS = z.string().superRefine((text, ctx) => {
  const parsed = parseWeeklyHours(text)
  if (parsed.ok) return
  refuse(ctx, { problem: `is \`${shown(text)}\`, which ${parsed.problem}`, remedy: 'Write `Mon-Fri 09:00-18:00`.' })
})

function shown(text: string): string {
  return text.replaceAll(/[\p{C}`]/gu, '?').slice(0, 80)
}

/** One, or a list of them; a list when read. */
function oneOrMore<S extends z.ZodType<string>>(element: S) {
  return z.union([element.transform((one): readonly string[] => [one]), z.array(element).min(1).max(100)]).optional()
}

function fieldSetting(about: string, example: string) {
  return setting(oneOrMore(z.string()), { about: `${about} One, or any of a list.`, examples: [example] })
}

const MATCH = z.strictObject({
  labels: setting(z.array(matcherText()).max(50).prefault([]), {
    about:
      'Labels of the alert that opened it, as Alertmanager matches them: `=`, `!=`, `=~`, `!~`; expressions fit the whole value. All must hold.',
    examples: [['team="payments"', 'tier!="dev"']],
  }),
  severity: setting(oneOrMore(SEVERITY), {
    about: 'The highest severity that it had: `>=error`, one, or any of a list.',
    examples: ['>=error'],
  }),
  source: fieldSetting('The name of the source.', 'alertmanager-eu'),
  service: fieldSetting('The service.', 'checkout'),
  environment: fieldSetting('The environment.', 'production'),
  cluster: fieldSetting('The cluster.', 'eu-1'),
  namespace: fieldSetting('The namespace.', 'shop'),
  tenant: fieldSetting('The organisation.', 'default'),
  hours: setting(oneOrMore(HOURS), {
    about: 'When it was opened: `Mon-Fri 09:00-18:00`, or any of a list. Before the first hour means the day after.',
    examples: ['Mon-Fri 09:00-18:00'],
  }),
  timeZone: setting(timeZoneText().optional(), {
    about: 'The zone of `hours`.',
    otherwise: '`slack.timeZone`, or `UTC`',
  }),
})

/** A route as it is written; `routes` below it are of the same form. */
export interface ParsedRoute {
  readonly name?: string | undefined
  readonly match: z.output<typeof MATCH>
  readonly channels?: readonly string[] | undefined
  readonly mentions?: z.output<typeof MENTIONS> | undefined
  readonly continue: boolean
  readonly routes: readonly ParsedRoute[]
}

/** A branch of the tree that says who hears of an incident. */
export const ROUTE: z.ZodType<ParsedRoute> = z.strictObject({
  name: setting(z.string().min(1).max(80).optional(), {
    about: 'What people call it; it is shown where the way of an incident is explained.',
    examples: ['payments'],
  }),
  match: setting(MATCH.prefault({}), { about: 'What an incident must be; all that is said must hold.' }),
  channels: setting(z.array(z.string().min(1)).min(1).max(20).optional(), {
    about: 'The ids of the channels that are told.',
    otherwise: 'those of the route above it',
    examples: [['payments']],
  }),
  mentions: setting(MENTIONS.optional(), {
    about: 'Whom its messages call, by severity.',
    otherwise: 'those of the route above it, then those of the channel',
    examples: [{ critical: ['S0123ABC'] }],
  }),
  continue: setting(z.boolean().prefault(false), {
    about: 'Ask the routes after it as well; otherwise the first that matches takes the incident.',
  }),
  routes: setting(z.lazy(() => z.array(ROUTE)).prefault([]), {
    about: 'Routes below it, of the same form: the deepest that matches sends.',
  }),
})
