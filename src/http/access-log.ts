import type { FastifyReply, FastifyRequest } from 'fastify'

/** One line per answer, at level debug. The query is left out: it may hold a token. */
export async function logAccess(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  request.log.debug(
    {
      method: request.method,
      path: request.url.split('?', 1)[0],
      route: request.routeOptions.url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      from: request.ip,
    },
    'answered',
  )
}
