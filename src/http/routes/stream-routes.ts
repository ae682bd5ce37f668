import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import { hasScope } from '../../domain/actor.ts'
import { requireScope } from '../../domain/require-scope.ts'
import { actorOfRequest } from '../actor-of-request.ts'
import { safeHeaders } from '../answer-headers.ts'
import { describeRoute, problemAnswers } from '../contract/describe-route.ts'
import type { HttpDeps } from '../http-deps.ts'
import { ProblemError } from '../problem-error.ts'
import type { RouteModule } from '../route-module.ts'
import { LiveClient } from '../stream/live-client.ts'
import type { LiveFeed } from '../stream/live-feed.ts'

const EventId = z
  .string()
  .regex(/^\d{1,15}$/, 'must be the id of an event of this stream')
  .optional()
const RECONNECT_MS = 2_000

const DESCRIPTION = `Server-sent events. \`incident\` says that an incident changed (\`id\`, \`name\`, \`title\`, \`version\`, \`status\`, \`severity\`, \`at\`); of several
changes of one incident the last may stand for all. \`heartbeat\` comes first and then every 15 seconds. \`resync\` means: too much was missed,
fetch what you show anew. Send the last \`id\` you saw as \`Last-Event-ID\` (browsers do) or \`?lastEventId=\` to go on from there.`

/** The live stream. */
export function streamRoutes(feed: LiveFeed): RouteModule {
  return (server, deps) => {
    server.get(
      '/stream',
      {
        exposeHeadRoute: false,
        schema: {
          ...describeRoute({
            operationId: 'streamChanges',
            summary: 'Follow changes live',
            tag: 'live',
            scope: 'read',
            description: DESCRIPTION,
          }),
          querystring: z.strictObject({ lastEventId: EventId }),
          headers: z.looseObject({ 'last-event-id': EventId }),
          response: {
            ...problemAnswers('too-many-streams'),
            200: {
              description: 'The stream; it stays open.',
              content: { 'text/event-stream': { schema: z.string() } },
            },
          },
        },
      },
      async (request, reply) => {
        requireScope(request.actor, 'read')
        if (!feed.hasRoom)
          throw new ProblemError('too-many-streams', {
            detail: 'No more live streams can be opened now; poll instead.',
            headers: { 'retry-after': '15' },
          })
        const lastEventId = request.headers['last-event-id'] ?? request.query.lastEventId
        const response = reply.hijack().raw
        // An ended stream ends its connection: a stopping server must not wait for the client to let go.
        response.writeHead(200, {
          ...safeHeaders(request.id),
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store, no-transform',
          'x-accel-buffering': 'no',
          connection: 'close',
        })
        response.write(`retry: ${RECONNECT_MS}\n\n`)
        const client = new LiveClient({
          response,
          lastEventId: lastEventId === undefined ? null : Number(lastEventId),
          isStillWelcome: () => mayStillRead(deps, request as FastifyRequest),
        })
        response.on('close', () => feed.leave(client))
        feed.join(client)
      },
    )
  }
}

/** Revoked keys lose their streams with the next heartbeat; when the database cannot be asked they keep them. */
async function mayStillRead(deps: HttpDeps, request: FastifyRequest): Promise<boolean> {
  try {
    return hasScope(await actorOfRequest(deps, request), 'read')
  } catch (error) {
    return !(error instanceof ProblemError)
  }
}
