import * as z from 'zod'
import { type AlertEventView, findAlertEvent, listAlertEvents } from '../../incidents/alert-event-queries.ts'
import { type AlertView, findAlert, listAlerts } from '../../incidents/alert-queries.ts'
import { rawAlertOf } from '../../intake/raw-alert.ts'
import {
  AlertDetail,
  AlertEventPage,
  AlertEventWithRaw,
  AlertListQuery,
  PageQuery,
} from '../contract/alert-contract.ts'
import { describeRoute, jsonAnswer, problemAnswers } from '../contract/describe-route.ts'
import { IdInPath } from '../contract/fields.ts'
import { AlertPage } from '../contract/incident-contract.ts'
import type { HttpDeps } from '../http-deps.ts'
import { asAnswer } from '../mutable.ts'
import { ProblemError } from '../problem-error.ts'
import type { RouteModule } from '../route-module.ts'

const AlertPath = z.object({ alertId: IdInPath })
const FIRST_EVENTS = { cursor: null, limit: 50 } as const

/** Looking at what senders really said. */
export const alertRoutes: RouteModule = (server, deps) => {
  server.get(
    '/alerts',
    {
      schema: {
        ...describeRoute({
          operationId: 'listAlerts',
          summary: 'List alerts',
          tag: 'alerts',
          scope: 'read',
          description: 'Newest first; those of one incident in the order they came.',
        }),
        querystring: AlertListQuery,
        response: { ...problemAnswers(), 200: jsonAnswer(AlertPage, 'A page of alerts.') },
      },
    },
    async ({ actor, query }) => {
      const { status, source, incidentId, cursor = null, limit } = query
      const filter = {
        ...(status && { status }),
        ...(source !== undefined && { source }),
        ...(incidentId !== undefined && { incidentId }),
      }
      return asAnswer(await listAlerts(deps.db, actor, filter, { cursor, limit }))
    },
  )

  server.get(
    '/alerts/:alertId',
    {
      schema: {
        ...describeRoute({ operationId: 'getAlert', summary: 'Get an alert', tag: 'alerts', scope: 'read' }),
        params: AlertPath,
        response: { ...problemAnswers('not-found'), 200: jsonAnswer(AlertDetail, 'The alert.') },
      },
    },
    async ({ actor, params }) => {
      const alert = (await findAlert(deps.db, actor, params.alertId)) ?? noSuch('alert')
      return asAnswer({ ...alert, events: await listAlertEvents(deps.db, actor, alert.id, FIRST_EVENTS) })
    },
  )

  server.get(
    '/alerts/:alertId/events',
    {
      schema: {
        ...describeRoute({
          operationId: 'listAlertEvents',
          summary: 'List the observations of an alert',
          tag: 'alerts',
          scope: 'read',
          description: 'Newest first.',
        }),
        params: AlertPath,
        querystring: PageQuery,
        response: { ...problemAnswers('not-found'), 200: jsonAnswer(AlertEventPage, 'A page of observations.') },
      },
    },
    async ({ actor, params, query }) => {
      const alert = (await findAlert(deps.db, actor, params.alertId)) ?? noSuch('alert')
      return asAnswer(
        await listAlertEvents(deps.db, actor, alert.id, { cursor: query.cursor ?? null, limit: query.limit }),
      )
    },
  )

  server.get(
    '/alerts/:alertId/events/:eventId',
    {
      schema: {
        ...describeRoute({
          operationId: 'getAlertEvent',
          summary: 'Get an observation with what was sent',
          tag: 'alerts',
          scope: 'read',
        }),
        params: z.object({ alertId: IdInPath, eventId: IdInPath }),
        response: { ...problemAnswers('not-found'), 200: jsonAnswer(AlertEventWithRaw, 'The observation.') },
      },
    },
    async ({ actor, params }) => {
      const alert = (await findAlert(deps.db, actor, params.alertId)) ?? noSuch('alert')
      const event = (await findAlertEvent(deps.db, actor, alert.id, params.eventId)) ?? noSuch('observation')
      return asAnswer({ ...event, raw: event.raw || (await sentJson(deps, alert, event)) })
    },
  )
}

/** Most sources keep the sender's JSON in the delivery log only. */
async function sentJson(
  deps: HttpDeps,
  { fingerprint }: AlertView,
  { delivery: { seq, index }, startsAt }: AlertEventView,
): Promise<string | null> {
  return await rawAlertOf(deps.log, deps.sources, {
    seq: Number(seq),
    index,
    fingerprint,
    startsAt: Date.parse(startsAt),
  })
}

function noSuch(what: string): never {
  throw new ProblemError('not-found', {
    detail: `There is no such ${what}: the id is wrong, or retention has removed it.`,
  })
}
