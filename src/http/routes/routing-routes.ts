import * as z from 'zod'
import { explainRoute, type RouteExplanation } from '../../app/explain-route.ts'
import { askedIncidents } from '../../app/route-questions.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Incident } from '../../domain/incident.ts'
import { isoTime, isoTimeOrNull } from '../../domain/iso-time.ts'
import { requireScope } from '../../domain/require-scope.ts'
import { loadIncident } from '../../incidents/load-incident.ts'
import { BODY_PROBLEMS, describeRoute, jsonAnswer, problemAnswers } from '../contract/describe-route.ts'
import { ChannelList, ExplainRouteBody, RouteExplanationList } from '../contract/routing-contract.ts'
import type { HttpDeps } from '../http-deps.ts'
import { asAnswer } from '../mutable.ts'
import { ProblemError } from '../problem-error.ts'
import type { HttpServer, RouteModule } from '../route-module.ts'
import { noSuchIncident } from './incident-routes.ts'

/** Looking at where incidents are told, and why there. */
export const routingRoutes: RouteModule = (server, deps) => {
  addChannelsRoute(server, deps)
  addExplainRoute(server, deps)
}

function addChannelsRoute(server: HttpServer, deps: HttpDeps): void {
  server.get(
    '/channels',
    {
      schema: {
        ...describeRoute({
          operationId: 'listChannels',
          summary: 'List channels',
          tag: 'notifications',
          scope: 'read',
          description: 'Every configured channel, and what a person must repair there.',
        }),
        querystring: z.strictObject({}),
        response: {
          ...problemAnswers(),
          200: jsonAnswer(ChannelList, 'The channels, in the order of the configuration.'),
        },
      },
    },
    async ({ actor }) => {
      requireScope(actor, 'read')
      const problems = await deps.problems()
      const items = deps.channels.map(({ id, kind, label }) => {
        const own = problems.filter(({ channelId }) => channelId === id)
        return {
          id,
          kind,
          label,
          isDefault: id === deps.defaultChannel,
          state: own.length === 0 ? ('ok' as const) : ('degraded' as const),
          problems: own.map(({ problem, remedy }) => ({ problem, remedy })),
        }
      })
      return asAnswer({ items, nextCursor: null })
    },
  )
}

function addExplainRoute(server: HttpServer, deps: HttpDeps): void {
  server.post(
    '/routes/explain',
    {
      schema: {
        ...describeRoute({
          operationId: 'explainRoute',
          summary: 'Explain where an incident is told',
          tag: 'notifications',
          scope: 'read',
          description:
            'Of an incident that is there (`incidentId`), of one that you describe, or of each alert of a body of Alertmanager: the tree of routes with every condition answered, the channels, whom they call, and whether quiet hours hold it back. Changes nothing.',
        }),
        body: ExplainRouteBody,
        response: {
          ...problemAnswers('not-found', ...BODY_PROBLEMS),
          200: jsonAnswer(RouteExplanationList, 'One explanation, or one for each alert.'),
        },
      },
    },
    async ({ actor, body }) => {
      requireScope(actor, 'read')
      const { incidents, more } = await askedAbout(deps, actor, body)
      const at = body.at ?? deps.now()
      const items = incidents.map((incident) => answerOf(explainRoute(deps, incident, at)))
      return asAnswer({ items, nextCursor: null, more })
    },
  )
}

async function askedAbout(
  deps: HttpDeps,
  actor: Actor,
  body: z.output<typeof ExplainRouteBody>,
): Promise<{ readonly incidents: readonly Incident[]; readonly more: number }> {
  if (body.incidentId !== undefined) {
    const incident = await loadIncident(deps.db, actor.tenantId, body.incidentId)
    return { incidents: [incident ?? noSuchIncident(body.incidentId)], more: 0 }
  }
  const { environment } = deps
  const asked = askedIncidents(body, { tenantId: actor.tenantId, environment, now: body.at ?? deps.now() })
  if (!asked.ok) throw new ProblemError('invalid-request', { detail: `The alerts cannot be read: ${asked.problem}` })
  return asked
}

function answerOf({ incident, channels, tree }: RouteExplanation) {
  return {
    incident: { ...incident, openedAt: isoTime(incident.openedAt) },
    channels: channels.map((channel) => ({ ...channel, quietUntil: isoTimeOrNull(channel.quietUntil) })),
    tree,
  }
}
