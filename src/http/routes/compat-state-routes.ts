import * as z from 'zod'
import { requireScope } from '../../domain/require-scope.ts'
import type { RedisFacts } from '../../notify/threads/thread-store.ts'
import { actorOfRequest } from '../actor-of-request.ts'
import { BODY_PROBLEMS, describeRoute, jsonAnswer, problemAnswers } from '../contract/describe-route.ts'
import type { HttpDeps } from '../http-deps.ts'
import { asAnswer } from '../mutable.ts'
import type { HttpServer, RouteModule } from '../route-module.ts'

const MOST_LISTED = 10_000

const Health = z
  .object({
    status: z.enum(['healthy', 'degraded']),
    environment: z.string(),
    channel: z.string(),
    thread_store: z.string(),
    cached_threads: z.int().nullable().meta({ description: 'Null while the thread store does not answer.' }),
    timestamp: z.string(),
    redis_status: z
      .enum(['connected', 'disconnected'])
      .optional()
      .meta({ description: 'With the thread store `redis`.' }),
    problems: z
      .array(z.object({ part: z.string(), problem: z.string(), remedy: z.string() }))
      .optional()
      .meta({ description: 'When degraded: what is wrong and what to do.' }),
  })
  .meta({ id: 'Health' })

const Stats = z
  .object({
    cached_threads: z.int(),
    thread_store: z.string(),
    environment: z.string(),
    uptime: z.string(),
    redis: z
      .object({
        connected_clients: z.int(),
        used_memory_human: z.string(),
        keyspace_hits: z.int(),
        keyspace_misses: z.int(),
      })
      .nullable()
      .optional()
      .meta({ description: 'With the thread store `redis`; null while Redis is away.' }),
  })
  .meta({ id: 'Stats' })

const ThreadCache = z
  .object({ cached_threads: z.int(), thread_store: z.string(), threads: z.record(z.string(), z.string()) })
  .meta({ id: 'ThreadCache', description: 'Thread keys and the threads they lead to; at most 10,000 of them.' })

/** `GET /health`, `GET /stats`, `GET /cache` and `DELETE /cache` as system 2 has them. */
export const compatStateRoutes: RouteModule = (server, deps) => {
  addHealthRoute(server, deps)
  addStatsRoute(server, deps)
  addCacheRoutes(server, deps)
}

function addHealthRoute(server: HttpServer, deps: HttpDeps): void {
  server.get(
    '/health',
    {
      schema: {
        ...describeRoute({
          operationId: 'getHealth',
          summary: 'How it does, for people',
          tag: 'operations',
          scope: null,
          description: 'Always 200; `degraded` names what to repair. Load balancers ask `/readyz`.',
        }),
        response: { ...problemAnswers(), 200: jsonAnswer(Health, 'Healthy or degraded.') },
      },
    },
    async () => {
      const [problems, count, redis] = await Promise.all([
        deps.problems(),
        deps.threads.count().catch(() => null),
        deps.threads.redis?.().catch(() => null),
      ])
      return asAnswer({
        status: problems.length === 0 ? ('healthy' as const) : ('degraded' as const),
        environment: deps.environment,
        channel: deps.channelLabel,
        thread_store: deps.threads.kind,
        cached_threads: count,
        timestamp: new Date(deps.now()).toISOString(),
        ...(redis !== undefined && {
          redis_status: redis === null ? ('disconnected' as const) : ('connected' as const),
        }),
        ...(problems.length > 0 && { problems }),
      })
    },
  )
}

function addStatsRoute(server: HttpServer, deps: HttpDeps): void {
  server.get(
    '/stats',
    {
      schema: {
        ...describeRoute({
          operationId: 'getStats',
          summary: 'How many threads are known',
          tag: 'operations',
          scope: null,
        }),
        response: { ...problemAnswers(), 200: jsonAnswer(Stats, 'Counts.') },
      },
    },
    async () => {
      const redis = await deps.threads.redis?.()
      return asAnswer({
        cached_threads: await deps.threads.count(),
        thread_store: deps.threads.kind,
        environment: deps.environment,
        uptime: uptimeText(deps.now() - deps.startedAt),
        ...(redis !== undefined && { redis: redis === null ? null : infoOf(redis) }),
      })
    },
  )
}

function infoOf(redis: RedisFacts) {
  return {
    connected_clients: redis.connectedClients,
    used_memory_human: redis.usedMemory,
    keyspace_hits: redis.keyspaceHits,
    keyspace_misses: redis.keyspaceMisses,
  }
}

function addCacheRoutes(server: HttpServer, deps: HttpDeps): void {
  server.get(
    '/cache',
    {
      schema: {
        ...describeRoute({
          operationId: 'listThreads',
          summary: 'List the known threads',
          tag: 'operations',
          scope: 'read',
          description: 'For debugging.',
        }),
        response: { ...problemAnswers(), 200: jsonAnswer(ThreadCache, 'Thread keys and their threads.') },
      },
    },
    async (request) => {
      requireScope(await actorOfRequest(deps, request), 'read')
      const [entries, count] = await Promise.all([deps.threads.list(MOST_LISTED), deps.threads.count()])
      return {
        cached_threads: count,
        thread_store: deps.threads.kind,
        threads: Object.fromEntries(entries.map(({ threadKey, ts }) => [threadKey, ts])),
      }
    },
  )

  server.delete(
    '/cache',
    {
      schema: {
        ...describeRoute({
          operationId: 'forgetThreads',
          summary: 'Forget the known threads',
          tag: 'operations',
          scope: 'admin',
          description:
            'For debugging. Incidents that have a thread keep it; only threads carried over from elsewhere are forgotten.',
        }),
        response: {
          ...problemAnswers(...BODY_PROBLEMS),
          200: jsonAnswer(z.object({ ok: z.literal(true), cleared: z.int() }), 'They are forgotten.'),
        },
      },
    },
    async (request) => {
      requireScope(await actorOfRequest(deps, request), 'admin')
      return { ok: true as const, cleared: await deps.threads.clear() }
    },
  )
}

/** `3d 4h 5m 6s`, without leading zeroes. */
export function uptimeText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  return parts
    .slice(first < 0 ? 3 : first)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ')
}
