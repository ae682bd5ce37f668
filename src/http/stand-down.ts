import type { FastifyReply, FastifyRequest } from 'fastify'
import { closeIfUnread } from './intake-door.ts'
import { ProblemError } from './problem-error.ts'
import { replyWithProblem } from './problem-reply.ts'
import type { HttpServer } from './route-module.ts'

/** Those who look after the process are still told how it is. */
const STILL_ANSWERED: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])

/**
 * Answers 503 to everything but health and metrics while `reason` gives one: a program that is older than the schema must neither
 * read nor write it. Senders and load balancers try another node.
 */
export function refuseWhileStandingDown(server: HttpServer, reason: () => string | null): void {
  server.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    const detail = reason()
    if (detail === null || STILL_ANSWERED.has(request.url.split('?', 1)[0] as string)) return
    closeIfUnread(request, reply)
    const problem = new ProblemError('unavailable', { detail, headers: { 'retry-after': '2' } })
    return await replyWithProblem(problem, request, reply)
  })
}
