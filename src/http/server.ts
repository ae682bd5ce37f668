import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { replyWithError } from './error-reply.ts'
import type { HttpDeps } from './http-deps.ts'
import type { HttpServer, RouteModule } from './route-module.ts'

/** Routes under `/api/v1`: `request.actor` is set before they run. */
const API_MODULES: readonly RouteModule[] = []

/** Routes outside of it: they find out by themselves who asks. */
const OUTER_MODULES: readonly RouteModule[] = []

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
    bodyLimit: COMMAND_BYTES,
    // A 62 MB delivery over a slow link takes its time; its headers must not.
    requestTimeout: 120_000,
    keepAliveTimeout: 75_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 2_000, maxHeaderSize: 16_384 },
    frameworkErrors: replyWithError,
  })
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  server.setErrorHandler(replyWithError)
  const typed: HttpServer = server.withTypeProvider<ZodTypeProvider>()
  typed.register(async (api) => addModules(api as HttpServer, API_MODULES, deps), { prefix: '/api/v1' })
  addModules(typed, OUTER_MODULES, deps)
  return server
}

function addModules(scope: HttpServer, modules: readonly RouteModule[], deps: HttpDeps): void {
  for (const module of modules) scope.register(async (own) => await module(own as HttpServer, deps))
}
