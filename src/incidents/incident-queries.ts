import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '../domain/actor.ts'
import { INCIDENT_STATUSES } from '../domain/incident.ts'
import { requireScope } from '../domain/require-scope.ts'
import { SEVERITIES, severityOfRank, severityRank } from '../domain/severity.ts'
import { decodeCursor, encodeCursor, type PositionShape } from '../store/cursor.ts'
import type { Db } from '../store/database.ts'
import { INCIDENT_COLUMNS, type IncidentRow, incidentFromRow } from '../store/incident-row.ts'
import { type Position, type Stretch, scanPage } from '../store/scan-page.ts'
import { selectByKeys } from '../store/select-by-keys.ts'
import { type Choice, type IncidentFilter, passes } from './incident-filter.ts'
import { type IncidentView, viewOfIncident } from './incident-view.ts'
import { planSearch } from './search-queries.ts'
import { slackStatesOf } from './slack-state.ts'

export const INCIDENT_SORTS = ['inbox', '-startedAt'] as const
/** `inbox`: needs action, acknowledged, resolved; then severity; then start, newest first. */
export type IncidentSort = (typeof INCIDENT_SORTS)[number]

export interface IncidentListRequest {
  readonly filter: IncidentFilter
  readonly sort: IncidentSort
  readonly cursor: string | null
  readonly limit: number
}

/** One page of a list. `nextCursor` is null at the end; a page may be short, even empty, and not be the last. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

/**
 * Lists incidents. Paging is by position, so rows that arrive never shift a page; the work of one page is
 * bounded, however rare the match. Needs the scope `read`; throws `InvalidCursorError` for a foreign cursor.
 */
export async function listIncidents(db: Db, actor: Actor, request: IncidentListRequest): Promise<Page<IncidentView>> {
  requireScope(actor, 'read')
  const { tenantId } = actor
  const search = await planSearch(db, tenantId, request.filter.text)
  const { rows, next } =
    search?.kind === 'among'
      ? await pageAmong(db, tenantId, request, search)
      : await pageOfWalk(db, tenantId, request, search?.words ?? [])
  const incidents = rows.map(incidentFromRow)
  const slackOf = await slackStatesOf(db, tenantId, incidents)
  return {
    items: incidents.map((incident) => viewOfIncident(incident, actor, slackOf(incident.id))),
    nextCursor: next === null ? null : encodeCursor(request.sort, next),
  }
}

interface Rows {
  readonly rows: readonly IncidentRow[]
  readonly next: Position | null
}

async function pageOfWalk(
  db: Db,
  tenantId: string,
  request: IncidentListRequest,
  words: readonly string[],
): Promise<Rows> {
  const parts = partsOf(request)
  const { rows, next } = await scanPage(db, {
    table: 'incident',
    tenantId,
    orderBy: ['started_at', 'id'],
    direction: 'desc',
    stretches: parts.map(({ stretch }) => stretch),
    filters: [...rowFilters(request), ...wordFilters(words)],
    limit: request.limit,
  })
  return {
    // What moved on while the page was read does not belong to it any more.
    rows: rows.filter(
      ({ status_rank, severity_rank }) =>
        passes(request.filter.status, INCIDENT_STATUSES[status_rank] ?? 'active') &&
        passes(request.filter.severity, severityOfRank(severity_rank)),
    ),
    next: next === null ? null : [...(parts[next.stretch]?.prefix ?? []), ...next.position],
  }
}

/** Few incidents can be meant: those that pass are put in order here. */
async function pageAmong(
  db: Db,
  tenantId: string,
  request: IncidentListRequest,
  { ids, words }: { readonly ids: readonly string[]; readonly words: readonly string[] },
): Promise<Rows> {
  const { sort, cursor, limit, filter } = request
  const conditions = [...rowFilters({ filter, sort: '-startedAt' }), ...timeRange(filter), ...wordFilters(words)]
  const order = ORDERS[sort]
  const after = cursor === null ? null : decodeCursor(sort, order.shape, cursor)
  const places = await placesAmong(db, { tenantId, ids, conditions })
  const left = places
    .map((place) => ({ id: place.id, position: order.positionOf(place) }))
    .filter(({ position }) => after === null || order.compare(position, after) > 0)
    .sort((a, b) => order.compare(a.position, b.position))
  const page = left.slice(0, limit)
  const found = await selectByKeys(
    db,
    WHOLE_SELECT,
    tenantId,
    page.map(({ id }) => id),
  )
  const byId = new Map(found.map((row) => [row.id, row]))
  return {
    rows: page.flatMap(({ id }) => byId.get(id) ?? []),
    next: left.length > limit ? (page.at(-1)?.position ?? null) : null,
  }
}

const WHOLE_SELECT = { table: 'incident', columns: INCIDENT_COLUMNS, keyColumn: 'id' } as const
type Place = Pick<IncidentRow, 'id' | 'status_rank' | 'severity_rank' | 'started_at'>
const MOST_IDS = 250

async function placesAmong(
  db: Db,
  {
    tenantId,
    ids,
    conditions,
  }: { readonly tenantId: string; readonly ids: readonly string[]; readonly conditions: readonly Condition[] },
): Promise<readonly Place[]> {
  const places: Place[] = []
  for (let from = 0; from < ids.length; from += MOST_IDS) {
    const chunk = sql.join(ids.slice(from, from + MOST_IDS))
    const all = sql.join(
      [sql`tenant_id = ${tenantId}`, sql`id in (${chunk})`, ...conditions].map((condition) => sql`(${condition})`),
      sql` and `,
    )
    const { rows } =
      await sql<Place>`select id, status_rank, severity_rank, started_at from incident where ${all}`.execute(db)
    places.push(...rows)
  }
  return places
}

interface Order {
  readonly shape: PositionShape
  readonly positionOf: (place: Place) => Position
  /** Below zero when the first comes first. */
  readonly compare: (a: Position, b: Position) => number
}

/** Status first to last, everything else from the largest down. */
const ORDERS: Readonly<Record<IncidentSort, Order>> = {
  inbox: {
    shape: ['number', 'number', 'number', 'string'],
    positionOf: ({ status_rank, severity_rank, started_at, id }) => [
      status_rank,
      severity_rank,
      Number(started_at),
      id,
    ],
    compare: ([statusA = 0, ...a], [statusB = 0, ...b]) => Number(statusA) - Number(statusB) || descending(a, b),
  },
  '-startedAt': {
    shape: ['number', 'string'],
    positionOf: ({ started_at, id }) => [Number(started_at), id],
    compare: descending,
  },
}

function descending(a: Position, b: Position): number {
  for (const [i, value] of a.entries()) {
    const other = b[i] as string | number
    if (value !== other) return value > other ? -1 : 1
  }
  return 0
}

interface Part {
  /** What the cursor says before the position: which stretch it is in. */
  readonly prefix: Position
  readonly stretch: Stretch
}

function partsOf(request: IncidentListRequest): readonly Part[] {
  return request.sort === '-startedAt' ? timeParts(request) : inboxParts(request)
}

/** The inbox is its 3 × 6 stretches of status and severity, one after another, each an exact range of an index. */
function inboxParts({ filter, cursor }: IncidentListRequest): readonly Part[] {
  const [afterStatus, afterSeverity, ...after] =
    cursor === null
      ? [-1, SEVERITIES.length]
      : (decodeCursor('inbox', ORDERS.inbox.shape, cursor) as [number, number, number, string])
  const parts: Part[] = []
  for (const [status, statusName] of INCIDENT_STATUSES.entries()) {
    for (const severityName of SEVERITIES.toReversed()) {
      const severity = severityRank(severityName)
      const isBefore = status < afterStatus || (status === afterStatus && severity > afterSeverity)
      if (isBefore || !passes(filter.status, statusName) || !passes(filter.severity, severityName)) continue
      const isCursorPart = status === afterStatus && severity === afterSeverity
      const where = [
        sql`status_rank = ${status}`,
        sql`severity_rank = ${severity}`,
        ...timeRange(filter),
        ...indexedService(filter),
      ]
      const index = indexedService(filter).length > 0 ? 'incident_by_service' : 'incident_inbox'
      parts.push({ prefix: [status, severity], stretch: { where, after: isCursorPart ? after : null, index } })
    }
  }
  return parts
}

function timeParts({ filter, cursor }: IncidentListRequest): readonly Part[] {
  const after = cursor === null ? null : decodeCursor('-startedAt', ORDERS['-startedAt'].shape, cursor)
  return [{ prefix: [], stretch: { where: timeRange(filter), after, index: 'incident_by_time' } }]
}

type Condition = RawBuilder<unknown>

function timeRange({ from, to }: IncidentFilter): readonly Condition[] {
  return [
    ...(from === undefined ? [] : [sql`started_at >= ${from}`]),
    ...(to === undefined ? [] : [sql`started_at < ${to}`]),
  ]
}

/** One wanted service has an index in the order of the inbox. */
function indexedService({ service }: IncidentFilter): readonly Condition[] {
  return service?.is.length === 1 ? [sql`service = ${service.is[0]}`] : []
}

/** Tested row by row. `coalesce` also keeps engines from preferring an index that does not yield the order of the list. */
function rowFilters({ filter, sort }: Pick<IncidentListRequest, 'filter' | 'sort'>): readonly Condition[] {
  const isServiceIndexed = sort === 'inbox' && indexedService(filter).length > 0
  return [
    ...(sort === 'inbox'
      ? []
      : [
          ...choiceOf('status_rank', ranks(filter.status, INCIDENT_STATUSES)),
          ...choiceOf('severity_rank', ranks(filter.severity, SEVERITIES)),
        ]),
    ...choiceOf('service', isServiceIndexed ? { is: [], isNot: filter.service?.isNot ?? [] } : filter.service),
    ...choiceOf('cluster', filter.cluster),
    ...choiceOf('namespace', filter.namespace),
    ...choiceOf('environment', filter.environment),
    ...choiceOf('source', filter.source),
    ...choiceOf('owner_id', filter.owner),
  ]
}

type RowColumn =
  | 'status_rank'
  | 'severity_rank'
  | 'service'
  | 'cluster'
  | 'namespace'
  | 'environment'
  | 'source'
  | 'owner_id'

function choiceOf(
  column: RowColumn,
  choice: { readonly is: readonly unknown[]; readonly isNot: readonly unknown[] } | undefined,
): readonly Condition[] {
  const nothing = column === 'status_rank' || column === 'severity_rank' ? sql`-1` : sql`''`
  const value = sql`coalesce(${sql.ref(column)}, ${nothing})`
  return [
    ...(choice && choice.is.length > 0 ? [sql`${value} in (${sql.join(choice.is)})`] : []),
    ...(choice && choice.isNot.length > 0 ? [sql`${value} not in (${sql.join(choice.isNot)})`] : []),
  ]
}

function ranks<V extends string>(
  choice: Choice<V> | undefined,
  order: readonly V[],
): { is: readonly number[]; isNot: readonly number[] } | undefined {
  return (
    choice && {
      is: choice.is.map((name) => order.indexOf(name)),
      isNot: choice.isNot.map((name) => order.indexOf(name)),
    }
  )
}

/** Each word must begin a term of the incident. */
function wordFilters(words: readonly string[]): readonly Condition[] {
  return words.map((word) => {
    const pattern = `% ${word.replaceAll(/[!%_]/g, (char) => `!${char}`)}%`
    return sql`words like ${pattern} escape '!'`
  })
}
