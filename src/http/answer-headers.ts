import type { FastifyReply, FastifyRequest } from 'fastify'

/** What every answer carries, unless its route says otherwise: it is data for programs, never a page, a frame or a script. */
export function safeHeaders(requestId: string): Readonly<Record<string, string>> {
  return {
    'x-request-id': requestId,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  }
}

/** Adds the safe headers that the route has not set itself. */
export async function addSafeHeaders(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  for (const [name, value] of Object.entries(safeHeaders(request.id)))
    if (!reply.hasHeader(name)) reply.header(name, value)
}

const SANE_REQUEST_ID = /^[A-Za-z0-9._:-]{1,100}$/

/** The id that the caller gave, when it cannot do harm in a log; null otherwise. */
export function sanePresentedId(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && SANE_REQUEST_ID.test(header) ? header : null
}
