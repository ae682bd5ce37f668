import { ROUTE_FIELDS, type RouteField } from '../../domain/route-matching.ts'
import { readSeverityChoice } from '../../domain/severity-choice.ts'
import { parseDays, parseWeeklyHours, type WeeklyHours, withTimes } from '../../domain/weekly-hours.ts'
import { parseMention } from '../../notify/channels/slack/parse-mention.ts'
import { type LabelMatcher, parseLabelMatcher } from '../../notify/label-matcher.ts'
import type { MentionRules } from '../../notify/mention-rules.ts'
import type { QuietHoursSpec, RouteMatch, RouteSpec } from '../../notify/route-spec.ts'
import type { Config } from './config-shape.ts'
import type { MentionTexts } from './mention-setting.ts'
import type { ParsedRoute } from './route-section.ts'

/** The zone of hours where nobody named one. */
const HOURS_ZONE = 'UTC'

// The schema has checked every text that is read here; a fault means that it let something pass.

/**
 * The tree of the configuration: its root is the default channel, and takes everything. `indexes` says where in the file
 * the routes stand, when some of them could not be read.
 */
export function routeTreeOf(
  config: Pick<Config, 'routes' | 'defaultChannel'> & {
    readonly slack: { readonly timeZone?: string | null | undefined }
  },
  indexes: readonly number[] = [],
): RouteSpec {
  const root: RouteSpec = {
    path: 'defaultChannel',
    name: null,
    match: { labels: [], severity: null, fields: [], hours: [] },
    channels: [config.defaultChannel],
    mentions: null,
    continues: false,
    routes: [],
  }
  const above = { parent: root, path: 'routes', indexes, timeZone: config.slack.timeZone ?? HOURS_ZONE }
  return { ...root, routes: specsOf(config.routes, above) }
}

interface Above {
  readonly indexes: readonly number[]
  readonly parent: RouteSpec
  readonly path: string
  readonly timeZone: string
}

function specsOf(routes: readonly ParsedRoute[], above: Above): readonly RouteSpec[] {
  return routes.map((route, index) => {
    const path = `${above.path}[${above.indexes[index] ?? index}]`
    const own: RouteSpec = {
      path,
      name: route.name ?? null,
      match: matchOf(route.match, above.timeZone),
      channels: route.channels ?? above.parent.channels,
      mentions: route.mentions === undefined ? above.parent.mentions : mentionRulesOf(route.mentions),
      continues: route.continue,
      routes: [],
    }
    const below = { parent: own, path: `${path}.routes`, indexes: [], timeZone: above.timeZone }
    return { ...own, routes: specsOf(route.routes, below) }
  })
}

function matchOf(match: ParsedRoute['match'], defaultZone: string): RouteMatch {
  const timeZone = match.timeZone ?? defaultZone
  const fields = ROUTE_FIELDS.flatMap((field: RouteField) => {
    const among = match[field]
    return among === undefined ? [] : [{ field, among }]
  })
  return {
    labels: match.labels.map(matcherOf),
    severity: severityOf(match.severity),
    fields,
    hours: (match.hours ?? []).map((text) => hoursOf(text, timeZone)),
  }
}

function matcherOf(text: string): LabelMatcher {
  const parsed = parseLabelMatcher(text)
  if (!parsed.ok) throw new Error(`A matcher of a route ${parsed.problem}`)
  return parsed.matcher
}

function severityOf(texts: readonly string[] | undefined): RouteMatch['severity'] {
  if (texts === undefined) return null
  const choice = readSeverityChoice(texts)
  if (!choice.ok) throw new Error(`A route names the severity ${choice.word}`)
  return { text: texts.join(' or '), among: choice.severities }
}

function hoursOf(text: string, timeZone: string): WeeklyHours {
  const parsed = parseWeeklyHours(text)
  if (!parsed.ok) throw new Error(`The hours of a route ${parsed.problem}`)
  return { ...parsed.value, timeZone }
}

/** Mentions as the channels read them. */
export function mentionRulesOf(texts: MentionTexts): MentionRules {
  return Object.fromEntries(
    Object.entries(texts).map(([severity, ids]) => [
      severity,
      ids.flatMap((id) => {
        const parsed = parseMention(id)
        return parsed.ok ? [parsed.mention] : []
      }),
    ]),
  )
}

/** The quiet hours as they are asked. */
export function quietHoursOf({ quietHours, slack }: Pick<Config, 'quietHours' | 'slack'>): readonly QuietHoursSpec[] {
  return quietHours.map(({ name, days, from, to, timeZone, holdBelow, channels }) => {
    const parsedDays = parseDays(days)
    const hours = parsedDays.ok ? withTimes(parsedDays.value, from, to) : parsedDays
    if (!hours.ok) throw new Error(`Quiet hours: that ${hours.problem}`)
    return {
      name: name ?? null,
      hours: { ...hours.value, timeZone: timeZone ?? slack.timeZone ?? HOURS_ZONE },
      holdBelow,
      channels: channels ?? null,
    }
  })
}
