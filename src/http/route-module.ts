import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { HttpDeps } from './http-deps.ts'

/** The server as route modules see it: schemas are zod. */
export type HttpServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** Adds the routes of one subject. Each module has a scope of its own: its parsers and hooks reach nobody else. */
export type RouteModule = (server: HttpServer, deps: HttpDeps) => void | Promise<void>
