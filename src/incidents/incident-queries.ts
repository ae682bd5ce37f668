import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '../domain/actor.ts'
import { INCIDENT_STATUSES } from '../domain/incident.ts'
import { requireScope } from '../domain/require-scope.ts'
import { SEVERITIES, severityRank } from '../domain/severity.ts'
import { decodeCursor, encodeCursor } from '../store/cursor.ts'
import type { Db } from '../store/database.ts'
import { incidentFromRow } from '../store/incident-row.ts'
import { type Position, type Stretch, scanPage } from '../store/scan-page.ts'
import { type Choice, type IncidentFilter, passes } from './incident-filter.ts'
import { type IncidentView, viewOfIncident } from './incident-view.ts'
import { numberOfName } from './load-incident.ts'
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
  const parts = partsOf(request)
  const { rows, next } = await scanPage(db, {
    table: 'incident',
    tenantId: actor.tenantId,
    orderBy: ['started_at', 'id'],
    direction: 'desc',
    stretches: parts.map(({ stretch }) => stretch),
    filters: rowFilters(request),
    limit: request.limit,
  })
  const incidents = rows.map(incidentFromRow)
  const slackOf = await slackStatesOf(db, actor.tenantId, incidents)
  return {
    items: incidents.map((incident) => viewOfIncident(incident, actor, slackOf(incident.id))),
    nextCursor:
      next === null ? null : encodeCursor(request.sort, [...(parts[next.stretch]?.prefix ?? []), ...next.position]),
  }
}

interface Part {
  /** What the cursor says before the position: which stretch it is in. */
  readonly prefix: Position
  readonly stretch: Stretch
}

function partsOf(request: IncidentListRequest): readonly Part[] {
  if (request.sort === '-startedAt') return timeParts(request)
  const parts = inboxParts(request)
  const number = numberOfName(request.filter.text ?? '')
  return number === null
    ? parts
    : parts.map(({ prefix, stretch: { where, after } }) => ({
        prefix,
        stretch: { where: [...where, sql`number = ${number}`], after },
      }))
}

/** The inbox is its 3 × 6 stretches of status and severity, one after another, each an exact range of an index. */
function inboxParts({ filter, cursor }: IncidentListRequest): readonly Part[] {
  const [afterStatus, afterSeverity, ...after] =
    cursor === null
      ? [-1, SEVERITIES.length]
      : (decodeCursor('inbox', ['number', 'number', 'number', 'string'], cursor) as [number, number, number, string])
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
      const index = indexedService(filter).length > 0 ? { index: 'incident_by_service' } : {}
      parts.push({ prefix: [status, severity], stretch: { where, after: isCursorPart ? after : null, ...index } })
    }
  }
  return parts
}

function timeParts({ filter, cursor }: IncidentListRequest): readonly Part[] {
  const after = cursor === null ? null : decodeCursor('-startedAt', ['number', 'string'], cursor)
  return [{ prefix: [], stretch: { where: timeRange(filter), after } }]
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
function rowFilters({ filter, sort }: IncidentListRequest): readonly Condition[] {
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
    ...textFilters(filter.text),
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
  const value = sql`coalesce(${sql.ref(column)}, '')`
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

const MOST_WORDS = 8

/** Every word must be in the title or the correlation text; a name (`INC-12`) means that incident alone. */
function textFilters(text: string | undefined): readonly Condition[] {
  if (text === undefined || text.trim() === '') return []
  const number = numberOfName(text)
  if (number !== null) return [sql`number = ${number}`]
  const words = text.trim().toLowerCase().split(/\s+/).slice(0, MOST_WORDS)
  return words.map((word) => {
    const pattern = `%${word.replaceAll(/[!%_]/g, (char) => `!${char}`)}%`
    return sql`lower(title) like ${pattern} escape '!' or lower(correlation_text) like ${pattern} escape '!'`
  })
}
