import { hash } from 'node:crypto'
import { type UpsertPlan, upsertMany } from '../../store/bulk-write.ts'
import type { Tx } from '../../store/database.ts'
import type { ActivityDurationTable, ActivitySeriesTable, ActivityTable } from '../../store/tables/activity-tables.ts'
import { type ActivityTally, COUNTERS, type Increment, type Series } from './activity-tally.ts'
import type { Period } from './series-queries.ts'
import type { SeriesRoster } from './series-roster.ts'

const DAY_MS = 86_400_000

/** The service and the cluster of what is counted together because its period was full. */
export const REST = '\u{2026}'

const SERIES_COLUMNS = ['tenant_id', 'id', 'source', 'service', 'cluster'] as const
const SERIES_PLAN: UpsertPlan<'activity_series'> = {
  table: 'activity_series',
  columns: SERIES_COLUMNS,
  key: ['tenant_id', 'id'],
  merge: { source: 'incoming' },
}
const ACTIVITY_KEY = ['tenant_id', 'step_hours', 'at', 'series_id', 'severity_rank'] as const
const ACTIVITY_PLAN: UpsertPlan<'activity'> = {
  table: 'activity',
  columns: [...ACTIVITY_KEY, ...COUNTERS],
  key: ACTIVITY_KEY,
  merge: Object.fromEntries(COUNTERS.map((counter) => [counter, 'add'])),
}
const DURATION_KEY = [...ACTIVITY_KEY, 'kind', 'bucket'] as const
const DURATION_PLAN: UpsertPlan<'activity_duration'> = {
  table: 'activity_duration',
  columns: [...DURATION_KEY, 'n', 'sum_ms', 'least_ms', 'most_ms'],
  key: DURATION_KEY,
  merge: { n: 'add', sum_ms: 'add', least_ms: 'least', most_ms: 'greatest' },
}

/**
 * Adds what a tally gathered to the roll-ups of its hours and days. Belongs at the end of the transaction that made it
 * happen: every node adds to the same few rows, and whoever comes second waits for this commit. Rows are written in the
 * order of their keys, so that two transactions never wait for each other.
 */
export async function addActivityTx(
  tx: Tx,
  tenantId: string,
  tally: ActivityTally,
  roster: SeriesRoster,
): Promise<void> {
  if (tally.isEmpty) return
  const increments = tally.increments()
  const series = new Map<string, ActivitySeriesTable>()
  const rows: ActivityTable[] = []
  const durations: ActivityDurationTable[] = []
  for (const [period, parts] of byPeriod(tenantId, increments)) {
    const ids = [...new Set(parts.map((part) => seriesRow(tenantId, part.series).id))]
    const { admitted, added } = await roster.admit(tx, period, ids)
    const isNew = new Set(added)
    for (const part of parts) {
      const own = seriesRow(tenantId, part.series)
      const row = admitted.has(own.id) ? own : seriesRow(tenantId, { ...part.series, service: REST, cluster: REST })
      if (isNew.has(row.id) || row !== own) series.set(row.id, row)
      const key = { ...keyOfPeriod(period), series_id: row.id, severity_rank: part.severityRank }
      rows.push({ ...key, ...part.counts })
      for (const { kind, bucket, ms } of part.durations)
        durations.push({ ...key, kind, bucket, n: 1, sum_ms: ms, least_ms: ms, most_ms: ms })
    }
  }
  await upsertMany(
    tx,
    SERIES_PLAN,
    inOrder([...series.values()], ({ id }) => id),
  )
  await upsertMany(tx, ACTIVITY_PLAN, merged(rows, activityKey, addActivity))
  await upsertMany(tx, DURATION_PLAN, merged(durations, durationKey, addDuration))
}

function byPeriod(tenantId: string, increments: readonly Increment[]): readonly [Period, readonly Increment[]][] {
  const of = (stepHours: 1 | 24, startOf: (hour: number) => number): [Period, readonly Increment[]][] =>
    [...Map.groupBy(increments, ({ hour }) => startOf(hour))].map(([at, parts]) => [{ tenantId, stepHours, at }, parts])
  return [...of(1, (hour) => hour), ...of(24, (hour) => Math.floor(hour / DAY_MS) * DAY_MS)]
}

function keyOfPeriod({ tenantId, stepHours, at }: Period): Pick<ActivityTable, 'tenant_id' | 'step_hours' | 'at'> {
  return { tenant_id: tenantId, step_hours: stepHours, at }
}

const MOST_KEPT_IDS = 10_000
const seriesIds = new Map<string, string>()

function seriesRow(tenantId: string, { source, service, cluster }: Series): ActivitySeriesTable {
  const name = JSON.stringify([source, service, cluster])
  let id = seriesIds.get(name)
  if (id === undefined) {
    id = hash('sha256', name).slice(0, 20)
    if (seriesIds.size >= MOST_KEPT_IDS) seriesIds.clear()
    seriesIds.set(name, id)
  }
  return { tenant_id: tenantId, id, source, service, cluster }
}

function activityKey({ step_hours, at, series_id, severity_rank }: Omit<ActivityTable, 'tenant_id'>): string {
  // Times of today have 13 digits, so that the order of these texts is the order of the keys.
  return `${step_hours} ${String(at).padStart(16, '0')} ${series_id} ${severity_rank}`
}

function durationKey(row: ActivityDurationTable): string {
  return `${row.step_hours} ${String(row.at).padStart(16, '0')} ${row.series_id} ${row.severity_rank} ${row.kind} ${row.bucket}`
}

function addActivity(sum: ActivityTable, row: ActivityTable): void {
  for (const counter of COUNTERS) sum[counter] += row[counter]
}

function addDuration(sum: ActivityDurationTable, row: ActivityDurationTable): void {
  sum.n += row.n
  sum.sum_ms += row.sum_ms
  sum.least_ms = Math.min(sum.least_ms, row.least_ms)
  sum.most_ms = Math.max(sum.most_ms, row.most_ms)
}

/** One row per key, in the order of keys. */
function merged<R extends object>(
  rows: readonly R[],
  keyOf: (row: R) => string,
  add: (sum: R, row: R) => void,
): readonly R[] {
  const byKey = new Map<string, R>()
  for (const row of rows) {
    const sum = byKey.get(keyOf(row))
    if (sum === undefined) byKey.set(keyOf(row), { ...row })
    else add(sum, row)
  }
  return inOrder([...byKey], ([key]) => key).map(([, row]) => row)
}

function inOrder<R>(rows: readonly R[], keyOf: (row: R) => string): readonly R[] {
  return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}
