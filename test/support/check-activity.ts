import { partitionIndexOfSeq } from '../../src/intake/delivery-log/partitioned-seq.ts'
import type { StoredRow } from './ask-database.ts'

type Ask = (sql: string) => Promise<StoredRow[]>

const HOUR_MS = 3_600_000
const SEVERITIES = ['success', 'debug', 'info', 'warning', 'error', 'critical']
/** Observations that leave a row, and what counts them. */
const COUNTED = [
  ['fired', 'fired'],
  ['fired-late', 'fired_late'],
  ['updated', 'updated'],
  ['cleared', 'cleared'],
  ['closed-unseen', 'closed_unseen'],
] as const

/**
 * Counts the stored events and timelines anew and answers every difference to the roll-ups, by hour, source and severity:
 * which service has a row of its own depends on how full the hour was. The raw rows must all be there still.
 */
export async function activityViolations(ask: Ask): Promise<readonly string[]> {
  return [
    ...differences('events', await rawEvents(ask), await rolledEvents(ask)),
    ...(await happeningViolations(ask)),
    ...differences('ledger', await ledgerTotals(ask), await observedTotals(ask)),
    ...differences('days', await sumsByDay(ask, 1), await sumsByDay(ask, 24)),
    ...(await seriesWithoutName(ask)),
  ]
}

async function happeningViolations(ask: Ask): Promise<readonly string[]> {
  const uncertain = new Set<string>()
  const [raw, rolled] = [await rawHappenings(ask, uncertain), await rolledHappenings(ask)]
  for (const key of uncertain) {
    raw.delete(key)
    rolled.delete(key)
  }
  return differences('incidents', raw, rolled)
}

function differences(
  what: string,
  raw: ReadonlyMap<string, number>,
  rolled: ReadonlyMap<string, number>,
): readonly string[] {
  return [...new Set([...raw.keys(), ...rolled.keys()])]
    .filter((key) => (raw.get(key) ?? 0) !== (rolled.get(key) ?? 0))
    .map((key) => `Roll-up of ${what} ${key}: ${rolled.get(key) ?? 0} instead of ${raw.get(key) ?? 0}`)
}

class Sums extends Map<string, number> {
  count(parts: readonly unknown[], n: number): void {
    const key = parts.join('/')
    if (n !== 0) this.set(key, (this.get(key) ?? 0) + n)
  }
}

async function rawEvents(ask: Ask): Promise<Sums> {
  const sums = new Sums()
  const rows = await ask(
    `select received_at - received_at % ${HOUR_MS} as hour, source, severity_rank, observation, count(*) as n
     from alert_event where observation <> 'repeated' group by received_at - received_at % ${HOUR_MS}, source, severity_rank, observation`,
  )
  for (const row of rows) sums.count([row.hour, row.source, row.severity_rank, row.observation], Number(row.n))
  return sums
}

async function hourRows(ask: Ask): Promise<readonly StoredRow[]> {
  return await ask(
    'select a.*, s.source from activity a join activity_series s on s.tenant_id = a.tenant_id and s.id = a.series_id where a.step_hours = 1',
  )
}

async function rolledEvents(ask: Ask): Promise<Sums> {
  const sums = new Sums()
  for (const row of await hourRows(ask))
    for (const [observation, column] of COUNTED)
      sums.count([row.at, row.source, row.severity_rank, observation], Number(row[column]))
  return sums
}

/**
 * What the timelines say, told in the order of the commits: opened, taken, over, opened again. Durations are in `uncertain` where that
 * order is not known, because a node that was frozen handed in late what it had received early.
 */
async function rawHappenings(ask: Ask, uncertain: Set<string>): Promise<Sums> {
  const sums = new Sums()
  const places = await placesInLog(ask)
  const rows = await ask(
    `select e.incident_id, e.kind, e.at, e.data, i.source, i.severity_rank from timeline_entry e
     join incident i on i.tenant_id = e.tenant_id and i.id = e.incident_id order by e.tenant_id, e.incident_id, e.id`,
  )
  for (const [incident, byTime] of Map.groupBy(rows, ({ incident_id }) => String(incident_id))) {
    const entries = inOrderOfCommits(byTime, places.get(incident))
    let since = 0
    const isDisordered = !isInTurns(entries)
    for (const [i, { kind, at, source, severity_rank }] of entries.entries()) {
      const place = [Number(at) - (Number(at) % HOUR_MS), source, rankBefore(entries.slice(i + 1)) ?? severity_rank]
      if (kind === 'opened' || kind === 'declared' || kind === 'reopened') {
        since = Number(at)
        sums.count([...place, kind === 'reopened' ? 'reopened' : 'opened'], 1)
      }
      if (kind !== 'acknowledged' && kind !== 'resolved') continue
      sums.count([...place, kind], 1)
      sums.count([...place, `ms until ${kind}`], Math.max(0, Number(at) - since))
      if (isDisordered) uncertain.add([...place, `ms until ${kind}`].join('/'))
    }
  }
  return sums
}

/** By incident and time of receipt: the place in the log. Only of incidents that one partition of a shared log told. */
async function placesInLog(ask: Ask): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
  const rows = await ask('select incident_id, received_at, delivery_seq from alert_event where incident_id is not null')
  const places = new Map<string, Map<number, number>>()
  for (const [incident, events] of Map.groupBy(rows, ({ incident_id }) => String(incident_id))) {
    if (new Set(events.map(({ delivery_seq }) => partitionIndexOfSeq(Number(delivery_seq)))).size > 1) continue
    const byTime = new Map<number, number>()
    for (const { received_at, delivery_seq } of events) {
      const [at, seq] = [Number(received_at), Number(delivery_seq)]
      byTime.set(at, Math.min(seq, byTime.get(at) ?? seq))
    }
    places.set(incident, byTime)
  }
  return places
}

/** One partition is folded in its own order. What no alert told, for example a person, leaves the order of the times. */
function inOrderOfCommits(
  byTime: readonly StoredRow[],
  places: ReadonlyMap<number, number> | undefined,
): readonly StoredRow[] {
  const placed = byTime.map((entry) => ({ entry, place: places?.get(Number(entry.at)) }))
  if (placed.some(({ place }) => place === undefined)) return byTime
  return placed.toSorted((a, b) => (a.place as number) - (b.place as number)).map(({ entry }) => entry)
}

/** What the severity was before it changed the next time; undefined = it did not. */
function rankBefore(later: readonly StoredRow[]): number | undefined {
  const next = later.find(({ kind }) => String(kind).startsWith('severity-'))
  return next && SEVERITIES.indexOf((JSON.parse(String(next.data)) as { readonly from: string }).from)
}

/** Whether an incident is over and opened again in turns. */
function isInTurns(entries: readonly StoredRow[]): boolean {
  let isOpen = false
  for (const { kind } of entries) {
    if (kind !== 'opened' && kind !== 'declared' && kind !== 'reopened' && kind !== 'resolved') continue
    if (isOpen !== (kind === 'resolved')) return false
    isOpen = kind !== 'resolved'
  }
  return true
}

async function rolledHappenings(ask: Ask): Promise<Sums> {
  const sums = new Sums()
  for (const row of await hourRows(ask))
    for (const column of ['opened', 'reopened', 'acknowledged', 'resolved'] as const)
      sums.count([row.at, row.source, row.severity_rank, column], Number(row[column]))
  const rows = await ask(
    'select a.*, s.source from activity_duration a join activity_series s on s.tenant_id = a.tenant_id and s.id = a.series_id where a.step_hours = 1',
  )
  for (const row of rows)
    sums.count(
      [row.at, row.source, row.severity_rank, `ms until ${row.kind === 'resolve' ? 'resolved' : 'acknowledged'}`],
      Number(row.sum_ms),
    )
  return sums
}

/** Each event that was read and not put into quarantine was observed once, or taken as a sign of life. */
async function ledgerTotals(ask: Ask): Promise<Sums> {
  const sums = new Sums()
  for (const row of await ask('select source, events_linked + events_suppressed as n from source_ledger'))
    sums.count([row.source], Number(row.n))
  return sums
}

async function observedTotals(ask: Ask): Promise<Sums> {
  const sums = new Sums()
  for (const row of await hourRows(ask))
    for (const column of ['fired', 'fired_late', 'updated', 'repeated', 'cleared', 'closed_unseen', 'stale'] as const)
      sums.count([row.source], Number(row[column]))
  for (const { name, events } of await ask('select name, events from sign_of_life where events > 0'))
    sums.count([String(name).replace(/^.*?\//, '')], Number(events))
  return sums
}

async function sumsByDay(ask: Ask, stepHours: 1 | 24): Promise<Sums> {
  const sums = new Sums()
  const columns = [
    ...COUNTED.map(([, column]) => column),
    'repeated',
    'stale',
    'opened',
    'reopened',
    'acknowledged',
    'resolved',
  ]
  const rows = await ask(`select * from activity where step_hours = ${stepHours}`)
  for (const row of rows)
    for (const column of columns)
      sums.count([Math.floor(Number(row.at) / (24 * HOUR_MS)), row.severity_rank, column], Number(row[column]))
  return sums
}

async function seriesWithoutName(ask: Ask): Promise<readonly string[]> {
  const rows = await ask(
    'select distinct a.series_id from activity a left join activity_series s on s.tenant_id = a.tenant_id and s.id = a.series_id where s.id is null',
  )
  return rows.map(({ series_id }) => `Roll-up of the series ${series_id}, which has no name`)
}
