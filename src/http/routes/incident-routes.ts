import * as z from 'zod'
import { listAlerts } from '../../incidents/alert-queries.ts'
import { findIncident, incidentIdOf } from '../../incidents/find-incident.ts'
import { countIncidents } from '../../incidents/incident-counts.ts'
import type { IncidentFilter } from '../../incidents/incident-filter.ts'
import { listIncidents } from '../../incidents/incident-queries.ts'
import { listTimeline } from '../../incidents/timeline-queries.ts'
import { IncidentAlertsQuery, PageQuery } from '../contract/alert-contract.ts'
import { describeRoute, jsonAnswer, problemAnswers } from '../contract/describe-route.ts'
import { IdInPath, readChoice } from '../contract/fields.ts'
import {
  AlertPage,
  IncidentCounts,
  IncidentDetail,
  IncidentListQuery,
  IncidentPage,
  TimelinePage,
} from '../contract/incident-contract.ts'
import { asAnswer } from '../mutable.ts'
import { ProblemError } from '../problem-error.ts'
import type { RouteModule } from '../route-module.ts'

const IncidentPath = z.object({ incidentId: IdInPath.meta({ description: 'An id, or a name such as `INC-1042`.' }) })

/** Looking at incidents. */
export const incidentRoutes: RouteModule = (server, deps) => {
  server.get(
    '/incidents',
    {
      schema: {
        ...describeRoute({
          operationId: 'listIncidents',
          summary: 'List incidents',
          tag: 'incidents',
          scope: 'read',
          description: 'Filters may be repeated, and `!` in front of a value excludes it.',
        }),
        querystring: IncidentListQuery,
        response: { ...problemAnswers(), 200: jsonAnswer(IncidentPage, 'A page of incidents.') },
      },
    },
    async ({ actor, query }) => {
      const { sort, cursor = null, limit } = query
      return asAnswer(await listIncidents(deps.db, actor, { filter: filterOf(query), sort, cursor, limit }))
    },
  )

  server.get(
    '/incidents/counts',
    {
      schema: {
        ...describeRoute({
          operationId: 'countIncidents',
          summary: 'Count incidents',
          tag: 'incidents',
          scope: 'read',
          description: 'The counters of the inbox.',
        }),
        querystring: z.strictObject({}),
        response: { ...problemAnswers(), 200: jsonAnswer(IncidentCounts, 'The counts.') },
      },
    },
    async ({ actor }) => asAnswer(await countIncidents(deps.db, actor, deps.now())),
  )

  server.get(
    '/incidents/:incidentId',
    {
      schema: {
        ...describeRoute({ operationId: 'getIncident', summary: 'Get an incident', tag: 'incidents', scope: 'read' }),
        params: IncidentPath,
        response: { ...problemAnswers('not-found'), 200: jsonAnswer(IncidentDetail, 'The incident.') },
      },
    },
    async ({ actor, params }) =>
      asAnswer((await findIncident(deps.db, actor, params.incidentId)) ?? noSuchIncident(params.incidentId)),
  )

  server.get(
    '/incidents/:incidentId/alerts',
    {
      schema: {
        ...describeRoute({
          operationId: 'listIncidentAlerts',
          summary: 'List the alerts of an incident',
          tag: 'incidents',
          scope: 'read',
          description: 'In the order they came.',
        }),
        params: IncidentPath,
        querystring: IncidentAlertsQuery,
        response: { ...problemAnswers('not-found'), 200: jsonAnswer(AlertPage, 'A page of alerts.') },
      },
    },
    async ({ actor, params, query }) => {
      const incidentId = (await incidentIdOf(deps.db, actor, params.incidentId)) ?? noSuchIncident(params.incidentId)
      const { status, cursor = null, limit } = query
      return asAnswer(await listAlerts(deps.db, actor, { incidentId, ...(status && { status }) }, { cursor, limit }))
    },
  )

  server.get(
    '/incidents/:incidentId/timeline',
    {
      schema: {
        ...describeRoute({
          operationId: 'listTimeline',
          summary: 'Read the timeline of an incident',
          tag: 'incidents',
          scope: 'read',
          description: 'Newest first.',
        }),
        params: IncidentPath,
        querystring: PageQuery,
        response: { ...problemAnswers('not-found'), 200: jsonAnswer(TimelinePage, 'A page of the timeline.') },
      },
    },
    async ({ actor, params, query }) => {
      const incidentId = (await incidentIdOf(deps.db, actor, params.incidentId)) ?? noSuchIncident(params.incidentId)
      return asAnswer(
        await listTimeline(deps.db, actor, incidentId, { cursor: query.cursor ?? null, limit: query.limit }),
      )
    },
  )
}

function filterOf({
  status,
  severity,
  service,
  cluster,
  namespace,
  environment,
  source,
  owner,
  q,
  from,
  to,
}: z.output<typeof IncidentListQuery>): IncidentFilter {
  const choices = Object.entries({ status, severity, service, cluster, namespace, environment, source, owner }).flatMap(
    ([field, values]) => (values ? [[field, readChoice(values)]] : []),
  )
  return {
    ...Object.fromEntries(choices),
    ...(q !== undefined && { text: q }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  }
}

/** Throws: there is no such incident. */
export function noSuchIncident(idOrName: string): never {
  throw new ProblemError('not-found', {
    detail: `There is no incident ${JSON.stringify(idOrName.slice(0, 60))}. Use its id, or its name such as INC-1042.`,
  })
}
