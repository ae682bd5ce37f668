import type { RouteField } from '../domain/route-matching.ts'
import type { Severity } from '../domain/severity.ts'
import type { WeeklyHours } from '../domain/weekly-hours.ts'
import type { LabelMatcher } from './label-matcher.ts'
import type { MentionRules } from './mention-rules.ts'

/** What an incident must be for a route. Everything that is said must hold; plain data. */
export interface RouteMatch {
  readonly labels: readonly LabelMatcher[]
  /** Null: any. The text is how it was written. */
  readonly severity: { readonly text: string; readonly among: readonly Severity[] } | null
  readonly fields: readonly { readonly field: RouteField; readonly among: readonly string[] }[]
  /** When it was opened: in one of these; empty = whenever. */
  readonly hours: readonly WeeklyHours[]
}

/** A route as it is configured, with what it has from its parent filled in; plain data that may cross threads. */
export interface RouteSpec {
  readonly path: string
  readonly name: string | null
  readonly match: RouteMatch
  readonly channels: readonly string[]
  readonly mentions: MentionRules | null
  readonly continues: boolean
  readonly routes: readonly RouteSpec[]
}

/** A time in which a channel is left in peace, but for what is severe; plain data. */
export interface QuietHoursSpec {
  readonly name: string | null
  readonly hours: WeeklyHours
  /** What is less severe than this waits. */
  readonly holdBelow: Severity
  /** Null: every channel. */
  readonly channels: readonly string[] | null
}
