import { fieldOf, labelOf, type Route, type RouteCondition } from '../domain/route-matching.ts'
import { type WeeklyHours, weeklyHoursText } from '../domain/weekly-hours.ts'
import { periodAt } from './hours-period.ts'
import { compileLabelMatcher, type LabelMatcher, labelMatcherText } from './label-matcher.ts'
import type { MentionRules } from './mention-rules.ts'
import type { RouteMatch, RouteSpec } from './route-spec.ts'

/** A compiled route keeps whom it calls. */
export type CompiledRoute = Route<MentionRules | null>

/** Compiles a tree of routes. Throws for an expression that the configuration would have refused. */
export function compileRoutes(spec: RouteSpec): CompiledRoute {
  return {
    path: spec.path,
    name: spec.name,
    conditions: conditionsOf(spec.match),
    channels: spec.channels,
    continues: spec.continues,
    routes: spec.routes.map(compileRoutes),
    extra: spec.mentions,
  }
}

/** The conditions of a route, compiled, in the order in which they are written. */
export function conditionsOf({ labels, severity, fields, hours }: RouteMatch): readonly RouteCondition[] {
  return [
    ...labels.map(labelCondition),
    ...(severity === null ? [] : [severityCondition(severity)]),
    ...fields.map(fieldCondition),
    ...(hours.length === 0 ? [] : [hoursCondition(hours)]),
  ]
}

function labelCondition(matcher: LabelMatcher): RouteCondition {
  const fits = compileLabelMatcher(matcher)
  return {
    text: labelMatcherText(matcher),
    holds: (incident) => fits(labelOf(incident, matcher.name)),
    found: (incident) => JSON.stringify(labelOf(incident, matcher.name)),
  }
}

function severityCondition({ text, among }: NonNullable<RouteMatch['severity']>): RouteCondition {
  return {
    text: `severity ${text}`,
    holds: ({ peakSeverity }) => among.includes(peakSeverity),
    found: ({ peakSeverity }) => `${peakSeverity} at its worst`,
  }
}

function fieldCondition({ field, among }: RouteMatch['fields'][number]): RouteCondition {
  return {
    text: `${field} ${among.map((value) => JSON.stringify(value)).join(' or ')}`,
    holds: (incident) => among.includes(fieldOf(incident, field)),
    found: (incident) => JSON.stringify(fieldOf(incident, field)),
  }
}

function hoursCondition(hours: readonly WeeklyHours[]): RouteCondition {
  return {
    text: `opened ${hours.map(weeklyHoursText).join(' or ')}`,
    holds: ({ openedAt }) => hours.some((each) => periodAt(each, openedAt) !== null),
    found: ({ openedAt }) => `opened ${new Date(openedAt).toISOString()}`,
  }
}
