import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ProblemError } from './problem-error.ts'

interface KnownPath {
  readonly pattern: RegExp
  readonly methods: Set<string>
}

/** Remembers every route, so that a wrong method is told from a wrong path. Call before any route is added. */
export function answerUnknownRoutes(server: FastifyInstance): void {
  const paths = new Map<string, KnownPath>()
  server.addHook('onRoute', ({ url, method }) => {
    const known = paths.get(url) ?? { pattern: patternOf(url), methods: new Set() }
    for (const name of [method].flat()) known.methods.add(name)
    paths.set(url, known)
  })
  server.setNotFoundHandler((request: FastifyRequest, _reply: FastifyReply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const methods = new Set(
      [...paths.values()].filter(({ pattern }) => pattern.test(path)).flatMap((known) => [...known.methods]),
    )
    if (methods.size === 0)
      throw new ProblemError('route-not-found', {
        detail: 'Nothing answers at this path; `/openapi.json` lists what does.',
      })
    const allowed = [...methods].sort().join(', ')
    throw new ProblemError('method-not-allowed', { detail: `This path takes ${allowed}.`, headers: { allow: allowed } })
  })
}

function patternOf(url: string): RegExp {
  const steps = url
    .split('/')
    .map((step) =>
      step.startsWith(':') ? '[^/]+' : step === '*' ? '.*' : step.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'),
    )
  return new RegExp(`^${steps.join('/')}$`)
}
