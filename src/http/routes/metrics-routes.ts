import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { Metrics } from '../../app/metrics.ts'
import { describeRoute, problemAnswers } from '../contract/describe-route.ts'
import type { RouteModule } from '../route-module.ts'

const ENGINE_WAIT_MS = 2_000
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** `GET /metrics` for Prometheus: this thread's, the database's and the engine's in one document. */
export function metricsRoutes(metrics: Metrics): RouteModule {
  let isEngineUp = 1
  metrics.addGauge(
    'nunchi_engine_up',
    'Whether the thread that folds and notifies answered this scrape.',
    () => isEngineUp,
  )
  return (server, deps) => {
    server.get(
      '/metrics',
      {
        schema: {
          ...describeRoute({
            operationId: 'scrapeMetrics',
            summary: 'Metrics in the Prometheus format',
            tag: 'operations',
            scope: null,
          }),
          response: {
            ...problemAnswers(),
            200: { description: 'The metrics.', content: { 'text/plain': { schema: z.string() } } },
          },
        },
      },
      async (_request, reply) => {
        const engine = await Promise.race([
          deps.engineMetrics().catch(() => null),
          sleep(ENGINE_WAIT_MS, null, { ref: false }),
        ])
        isEngineUp = engine === null ? 0 : 1
        const watch = await deps.watchMetrics()
        const text = await metrics.text(engine === null ? [watch] : [watch, engine])
        return await reply
          .header('content-type', CONTENT_TYPE)
          .serializer((body) => body as string)
          .send(text)
      },
    )
  }
}
