import * as z from 'zod'
import { describeRoute, jsonAnswer, problemAnswers } from '../contract/describe-route.ts'
import type { RouteModule } from '../route-module.ts'

const ServiceInformation = z
  .object({
    service: z.literal('nunchi'),
    version: z.string(),
    environment: z.string(),
    description: z.string(),
    endpoints: z.record(z.string(), z.string()),
  })
  .meta({ id: 'ServiceInformation' })

const ENDPOINTS = {
  documentation: '/docs',
  openapi: '/openapi.json',
  incidents: '/api/v1/incidents',
  stream: '/api/v1/stream',
  alertmanager: '/webhook/alertmanager',
  grafana: '/webhook/grafana',
  generic: '/webhook/generic',
  alert: '/alert',
  health: '/health',
  stats: '/stats',
  ready: '/readyz',
  metrics: '/metrics',
}

/** `GET /`: what this is, for programs; the documentation, for browsers. */
export const rootRoutes: RouteModule = (server, deps) => {
  server.get(
    '/',
    {
      schema: {
        ...describeRoute({
          operationId: 'describeService',
          summary: 'What this is',
          tag: 'operations',
          scope: null,
          description: 'Programs get service information; browsers are sent to the documentation.',
        }),
        response: {
          ...problemAnswers(),
          200: jsonAnswer(ServiceInformation, 'The service.'),
          302: z.null().meta({ description: 'To the documentation.' }),
        },
      },
    },
    async (request, reply) => {
      reply.header('vary', 'accept')
      if (prefersPage(request.headers.accept)) return await reply.redirect('/docs', 302)
      return {
        service: 'nunchi' as const,
        version: deps.version,
        environment: deps.environment,
        description: 'Takes in every alert, folds them into incidents, tells each in one thread.',
        endpoints: ENDPOINTS,
      }
    },
  )
}

/** Browsers name `text/html` and say nothing of JSON. */
function prefersPage(accept = ''): boolean {
  return accept.includes('text/html') && !accept.includes('application/json')
}
