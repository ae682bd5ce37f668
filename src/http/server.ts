import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { Metrics } from '../app/metrics.ts'
import { logAccess } from './access-log.ts'
import { addSafeHeaders, sanePresentedId } from './answer-headers.ts'
import { prepareApiScope } from './api-scope.ts'
import { answerBrokenRequest } from './broken-request.ts'
import { replyWithError } from './error-reply.ts'
import type { HttpDeps } from './http-deps.ts'
import { IntakeDoor } from './intake-door.ts'
import { answerUnknownRoutes } from './known-paths.ts'
import { collectOpenApi } from './openapi-document.ts'
import type { HttpServer, RouteModule } from './route-module.ts'
import { activityRoutes } from './routes/activity-routes.ts'
import { alertRoutes } from './routes/alert-routes.ts'
import { apiKeyRoutes } from './routes/api-key-routes.ts'
import { clusterRoutes } from './routes/cluster-routes.ts'
import { compatStateRoutes } from './routes/compat-state-routes.ts'
import { deliveryRoutes } from './routes/delivery-routes.ts'
import { docsRoutes } from './routes/docs-routes.ts'
import { healthRoutes } from './routes/health-routes.ts'
import { incidentActionRoutes } from './routes/incident-action-routes.ts'
import { incidentRoutes } from './routes/incident-routes.ts'
import { intakeRoutes } from './routes/intake-routes.ts'
import { jobRoutes } from './routes/job-routes.ts'
import { metricsRoutes } from './routes/metrics-routes.ts'
import { notificationRoutes } from './routes/notification-routes.ts'
import { quarantineRoutes } from './routes/quarantine-routes.ts'
import { rootRoutes } from './routes/root-routes.ts'
import { routingRoutes } from './routes/routing-routes.ts'
import { slackRoutes } from './routes/slack-routes.ts'
import { sourceRoutes } from './routes/source-routes.ts'
import { streamRoutes } from './routes/stream-routes.ts'
import { refuseWhileStandingDown } from './stand-down.ts'
import { LiveFeed } from './stream/live-feed.ts'

/** Routes under `/api/v1`: `request.actor` is set before they run. */
const API_MODULES: readonly RouteModule[] = [
  deliveryRoutes,
  quarantineRoutes,
  incidentRoutes,
  incidentActionRoutes,
  activityRoutes,
  alertRoutes,
  sourceRoutes,
  notificationRoutes,
  routingRoutes,
  jobRoutes,
  clusterRoutes,
  apiKeyRoutes,
]

/** Routes outside of it: they find out by themselves who asks (`actorOfRequest`, `guardOpenDoor`). */
const OUTER_MODULES: readonly RouteModule[] = [rootRoutes, docsRoutes, compatStateRoutes, slackRoutes]

/** Commands are small; the intake sets its own limit where bodies are large. */
const COMMAND_BYTES = 1024 * 1024

/**
 * The HTTP door, not yet listening: `await server.listen(…)` opens it, `server.close()` ends live streams and
 * lets requests in flight finish.
 */
export function createHttpServer(deps: HttpDeps): FastifyInstance {
  const server = fastify({
    loggerInstance: deps.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: (request) => sanePresentedId(request.headers['x-request-id']) ?? deps.newId(deps.now()),
    bodyLimit: COMMAND_BYTES,
    // A 62 MB delivery over a slow link takes its time; its headers must not.
    requestTimeout: 120_000,
    keepAliveTimeout: 75_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 2_000, maxHeaderSize: 16_384 },
    frameworkErrors: replyWithError,
    clientErrorHandler: answerBrokenRequest,
  })
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  server.setErrorHandler(replyWithError)
  server.decorateRequest('actor')
  server.addHook('onSend', addSafeHeaders)
  server.addHook('onResponse', logAccess)
  refuseWhileStandingDown(server as HttpServer, deps.standDownReason)
  answerUnknownRoutes(server)
  collectOpenApi(server, deps)
  addRoutes(server.withTypeProvider<ZodTypeProvider>(), deps)
  return server
}

function addRoutes(server: HttpServer, deps: HttpDeps): void {
  const feed = new LiveFeed(deps)
  server.addHook('preClose', async () => await feed.close())
  // What a command of this door changed is news for the stream at once, not when the engine next commits.
  const wake: HttpDeps['wake'] = (what, partition) => {
    deps.wake(what, partition)
    feed.wake()
  }
  const own: HttpDeps = { ...deps, wake }
  server.register(
    async (api) => {
      prepareApiScope(api as HttpServer, own)
      addModules(api as HttpServer, [...API_MODULES, streamRoutes(feed)], own)
    },
    { prefix: '/api/v1' },
  )
  const metrics = new Metrics({ ...own, sources: own.sources.all().map(({ name }) => name) })
  const door = new IntakeDoor(own, metrics)
  addModules(server, [...OUTER_MODULES, intakeRoutes(door), healthRoutes(door), metricsRoutes(metrics)], own)
}

function addModules(scope: HttpServer, modules: readonly RouteModule[], deps: HttpDeps): void {
  for (const module of modules) scope.register(async (own) => await module(own as HttpServer, deps))
}
