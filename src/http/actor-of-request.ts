import type { FastifyRequest } from 'fastify'
import { authenticateKey } from '../auth/authenticate-key.ts'
import { refusalAtOpenDoor } from '../auth/open-door.ts'
import { type Actor, SCOPES } from '../domain/actor.ts'
import type { HttpDeps } from './http-deps.ts'
import { PROBLEMS } from './problem-catalogue.ts'
import { ProblemError } from './problem-error.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. Set for every route under `/api/v1`; elsewhere call `actorOfRequest`. */
    actor: Actor
  }
}

/**
 * Who sends a request. A key that was presented must be right, even where none is needed. Throws
 * `not-authenticated`, or at the open door what `guardOpenDoor` throws.
 */
export async function actorOfRequest(deps: HttpDeps, request: FastifyRequest): Promise<Actor> {
  const presented = presentedKey(request)
  if (presented === null && deps.isOpen) {
    guardOpenDoor(request)
    return {
      kind: 'anonymous',
      id: 'anonymous',
      name: 'Anonymous',
      via: 'api',
      tenantId: deps.tenantId,
      scopes: SCOPES,
    }
  }
  const actor =
    presented === null
      ? null
      : await authenticateKey(
          { ...deps, onTouchFailed: (error) => request.log.warn({ err: error }, 'the use of a key was not noted') },
          presented,
        )
  if (actor !== null) return actor
  throw new ProblemError('not-authenticated', {
    detail:
      presented === null
        ? `No credentials were sent. ${PROBLEMS['not-authenticated'].remedy}`
        : 'The key is unknown, wrong or revoked.',
    headers: { 'www-authenticate': 'Bearer realm="nunchi"' },
  })
}

/** Refuses what a browser may have been tricked into sending to this machine. For every door that stands open without credentials. */
export function guardOpenDoor(request: FastifyRequest): void {
  const { host, origin } = request.headers
  const fetchSite = request.headers['sec-fetch-site']
  const refusal = refusalAtOpenDoor({
    method: request.method,
    host,
    origin,
    fetchSite: Array.isArray(fetchSite) ? fetchSite.join() : fetchSite,
  })
  if (refusal !== null) throw new ProblemError(refusal, { detail: PROBLEMS[refusal].remedy })
}

/** The key in `Authorization: Bearer …` or `X-Api-Key: …`. Empty ones are none; credentials of another form become the empty text, which is nobody's key. */
function presentedKey({ headers }: FastifyRequest): string | null {
  const authorization = headers.authorization?.trim() ?? ''
  const bearer = /^Bearer(?: +(.*))?$/i.exec(authorization)
  if (authorization !== '' && bearer === null) return ''
  const presented = bearer?.[1] ?? String(headers['x-api-key'] ?? '').trim()
  return presented === '' ? null : presented
}
