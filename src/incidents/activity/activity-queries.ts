import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '../../domain/actor.ts'
import { type DurationBucket, durationPercentile } from '../../domain/duration-buckets.ts'
import { isoTime } from '../../domain/iso-time.ts'
import { requireScope } from '../../domain/require-scope.ts'
import { type Severity, severityOfRank, severityRank } from '../../domain/severity.ts'
import type { Db } from '../../store/database.ts'
import { REST } from './activity-repository.ts'
import { COUNTERS, type Counter, HOUR_MS } from './activity-tally.ts'

export const ACTIVITY_GROUPS = ['service', 'severity', 'source', 'cluster'] as const
export type ActivityGroup = (typeof ACTIVITY_GROUPS)[number]

export interface ActivityRequest {
  readonly step: 'hour' | 'day'
  /** Rounded down to the step. */
  readonly from: number
  /** Rounded up to the step. */
  readonly to: number
  readonly groupBy: ActivityGroup | null
  /** Most groups that are told apart; the others are one. */
  readonly groups: number
  /** Any of these; absent = all. */
  readonly filter: Readonly<Partial<Record<ActivityGroup, readonly string[]>>>
}

/** How long something took, over all of the kind. Percentiles are read from logarithmic buckets: at most 19 % off. */
export interface DurationFigures {
  readonly count: number
  readonly meanMs: number
  readonly leastMs: number
  readonly mostMs: number
  readonly p50Ms: number
  readonly p95Ms: number
}

/** What happened: see `ActivityTally` for what each number counts. */
export interface ActivityFigures {
  readonly alerts: {
    /** Episodes that began. */
    readonly opened: number
    readonly updated: number
    readonly repeated: number
    readonly cleared: number
    readonly closedUnseen: number
    readonly stale: number
  }
  readonly incidents: Readonly<Record<'opened' | 'reopened' | 'acknowledged' | 'resolved', number>>
  readonly timeToAcknowledge: DurationFigures | null
  readonly timeToResolve: DurationFigures | null
}

export interface ActivitySeriesView {
  /** The service, severity, source or cluster; null for everything together, and for the rest. */
  readonly value: string | null
  readonly isRest: boolean
  readonly total: ActivityFigures
  /** Steps in which nothing happened are left out. */
  readonly points: readonly (ActivityFigures & { readonly at: string })[]
}

export interface ActivityView {
  readonly from: string
  readonly to: string
  readonly step: 'hour' | 'day'
  readonly groupBy: ActivityGroup | null
  /** Most active first, the rest last. */
  readonly groups: readonly ActivitySeriesView[]
}

/**
 * Reads how much happened over time, from the roll-ups alone: however many events there were, it reads at most some
 * hundred rows for each step. Needs the scope `read`.
 */
export async function readActivity(db: Db, actor: Actor, request: ActivityRequest): Promise<ActivityView> {
  requireScope(actor, 'read')
  const range = rangeOf(actor.tenantId, request)
  const told = request.groupBy === null ? [] : await busiestGroups(db, range, request)
  const label = labelOf(request.groupBy, told)
  const points = await pointsOf(db, range, label)
  const durations = await durationsOf(db, range, label)
  return {
    from: isoTime(range.from),
    to: isoTime(range.to),
    step: request.step,
    groupBy: request.groupBy,
    groups: viewsOf({ points, durations, told, groupBy: request.groupBy }),
  }
}

type Condition = RawBuilder<unknown>

interface Range {
  readonly from: number
  readonly to: number
  readonly where: Condition
}

function rangeOf(tenantId: string, { step, from, to, filter }: ActivityRequest): Range {
  const stepHours = step === 'hour' ? 1 : 24
  const stepMs = stepHours * HOUR_MS
  const first = Math.floor(from / stepMs) * stepMs
  const end = Math.ceil(to / stepMs) * stepMs
  const filters = Object.entries(filter).flatMap(([group, values]) =>
    values && values.length > 0 ? [filterOf(group as ActivityGroup, values)] : [],
  )
  const conditions = [
    sql`a.tenant_id = ${tenantId}`,
    sql`a.step_hours = ${stepHours}`,
    sql`a.at >= ${first}`,
    sql`a.at < ${end}`,
    ...filters,
  ]
  return { from: first, to: end, where: sql.join(conditions, sql` and `) }
}

function filterOf(group: ActivityGroup, values: readonly string[]): Condition {
  const wanted = group === 'severity' ? values.map((value) => severityRank(value as Severity)) : values
  return sql`${COLUMN_OF[group]} in (${sql.join(wanted)})`
}

const COLUMN_OF: Readonly<Record<ActivityGroup, Condition>> = {
  service: sql`s.service`,
  cluster: sql`s.cluster`,
  source: sql`s.source`,
  severity: sql`a.severity_rank`,
}

const SUMS = sql.raw(COUNTERS.map((counter) => `sum(a.${counter}) as ${counter}`).join(', '))
const WITH_SERIES = sql.raw('join activity_series s on s.tenant_id = a.tenant_id and s.id = a.series_id')

type CountRow = Record<Counter, number> & { readonly label: string | number | null; readonly at: number }
type DurationRow = {
  readonly label: string | number | null
  readonly at: number
  readonly kind: 'acknowledge' | 'resolve'
  readonly bucket: number
  readonly n: number
  readonly sum_ms: number
  readonly least_ms: number
  readonly most_ms: number
}

/** The groups to be told apart, most active first. What was counted together already is never one of them. */
async function busiestGroups(
  db: Db,
  { where }: Range,
  { groupBy, groups }: ActivityRequest,
): Promise<readonly (string | number)[]> {
  const column = COLUMN_OF[groupBy as ActivityGroup]
  const { rows } = await sql<{ label: string | number }>`
    select ${column} as label, sum(a.opened) as incidents, sum(a.fired + a.fired_late) as alerts
    from activity a ${WITH_SERIES} where ${where} and s.service <> ${REST}
    group by 1 order by 2 desc, 3 desc, 1 limit ${groups}`.execute(db)
  return rows.map(({ label }) => label)
}

/** The group of a row where it is told apart, else NULL. */
function labelOf(groupBy: ActivityGroup | null, told: readonly (string | number)[]): Condition {
  if (groupBy === null || told.length === 0) return sql`null`
  const column = COLUMN_OF[groupBy]
  return sql`case when ${column} in (${sql.join(told)}) then ${column} end`
}

async function pointsOf(db: Db, { where }: Range, label: Condition): Promise<readonly CountRow[]> {
  const { rows } = await sql<CountRow>`
    select ${label} as label, a.at as at, ${SUMS} from activity a ${WITH_SERIES} where ${where} group by 1, 2`.execute(
    db,
  )
  return rows
}

async function durationsOf(db: Db, { where }: Range, label: Condition): Promise<readonly DurationRow[]> {
  const { rows } = await sql<DurationRow>`
    select ${label} as label, a.at as at, a.kind as kind, a.bucket as bucket,
      sum(a.n) as n, sum(a.sum_ms) as sum_ms, min(a.least_ms) as least_ms, max(a.most_ms) as most_ms
    from activity_duration a ${WITH_SERIES} where ${where} group by 1, 2, 3, 4`.execute(db)
  return rows
}

interface Found {
  readonly points: readonly CountRow[]
  readonly durations: readonly DurationRow[]
  readonly told: readonly (string | number)[]
  readonly groupBy: ActivityGroup | null
}

function viewsOf({ points, durations, told, groupBy }: Found): readonly ActivitySeriesView[] {
  const pointsOf = Map.groupBy(points, ({ label }) => keyOf(label))
  const durationsOf = Map.groupBy(durations, ({ label }) => keyOf(label))
  const viewOf = (label: string | number | null): ActivitySeriesView => {
    const rows = pointsOf.get(keyOf(label)) ?? []
    const took = durationsOf.get(keyOf(label)) ?? []
    const tookAt = Map.groupBy(took, ({ at }) => Number(at))
    return {
      value: groupBy === 'severity' && label !== null ? severityOfRank(Number(label)) : (label as string | null),
      isRest: groupBy !== null && label === null,
      total: figuresOf(rows, took),
      points: rows
        .toSorted((a, b) => Number(a.at) - Number(b.at))
        .map((row) => ({ at: isoTime(Number(row.at)), ...figuresOf([row], tookAt.get(Number(row.at)) ?? []) })),
    }
  }
  const hasRest = groupBy === null || pointsOf.has(keyOf(null))
  return [...told.map(viewOf), ...(hasRest ? [viewOf(null)] : [])]
}

function keyOf(label: string | number | null): string {
  return label === null ? '' : `=${label}`
}

function figuresOf(rows: readonly CountRow[], took: readonly DurationRow[]): ActivityFigures {
  const sum = (counter: Counter): number => rows.reduce((total, row) => total + Number(row[counter]), 0)
  return {
    alerts: {
      opened: sum('fired') + sum('fired_late'),
      updated: sum('updated'),
      repeated: sum('repeated'),
      cleared: sum('cleared'),
      closedUnseen: sum('closed_unseen'),
      stale: sum('stale'),
    },
    incidents: {
      opened: sum('opened'),
      reopened: sum('reopened'),
      acknowledged: sum('acknowledged'),
      resolved: sum('resolved'),
    },
    timeToAcknowledge: durationFigures(took.filter(({ kind }) => kind === 'acknowledge')),
    timeToResolve: durationFigures(took.filter(({ kind }) => kind === 'resolve')),
  }
}

function durationFigures(rows: readonly DurationRow[]): DurationFigures | null {
  const buckets = rows.map(
    ({ bucket, n, least_ms, most_ms }): DurationBucket => ({
      bucket,
      n: Number(n),
      leastMs: Number(least_ms),
      mostMs: Number(most_ms),
    }),
  )
  const count = buckets.reduce((total, { n }) => total + n, 0)
  if (count === 0) return null
  const sumMs = rows.reduce((total, { sum_ms }) => total + Number(sum_ms), 0)
  return {
    count,
    meanMs: Math.round(sumMs / count),
    leastMs: Math.min(...buckets.map(({ leastMs }) => leastMs)),
    mostMs: Math.max(...buckets.map(({ mostMs }) => mostMs)),
    p50Ms: durationPercentile(mergedBuckets(buckets), 0.5) ?? 0,
    p95Ms: durationPercentile(mergedBuckets(buckets), 0.95) ?? 0,
  }
}

/** Rows of several steps: one bucket each. */
function mergedBuckets(buckets: readonly DurationBucket[]): readonly DurationBucket[] {
  return [...Map.groupBy(buckets, ({ bucket }) => bucket)].map(([bucket, same]) => ({
    bucket,
    n: same.reduce((total, { n }) => total + n, 0),
    leastMs: Math.min(...same.map(({ leastMs }) => leastMs)),
    mostMs: Math.max(...same.map(({ mostMs }) => mostMs)),
  }))
}
