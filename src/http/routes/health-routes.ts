import * as z from 'zod'
import type { HealthProblem } from '../../app/health-problem.ts'
import { describeRoute, jsonAnswer, problemAnswers } from '../contract/describe-route.ts'
import type { HttpDeps } from '../http-deps.ts'
import type { IntakeDoor } from '../intake-door.ts'
import { asAnswer } from '../mutable.ts'
import type { HttpServer, RouteModule } from '../route-module.ts'

const Ready = z
  .object({ status: z.enum(['ready', 'not-ready']), reasons: z.array(z.string()) })
  .meta({ id: 'Readiness' })

/** Parts without which nothing can be taken in or folded. A channel that is down is told on `/health`, and waited for. */
const VITAL_PARTS: ReadonlySet<HealthProblem['part']> = new Set(['database', 'delivery-log', 'engine', 'cluster'])

/** `GET /healthz` and `GET /readyz` for supervisors and load balancers. */
export function healthRoutes(door: IntakeDoor): RouteModule {
  return (server, deps) => {
    addAliveRoute(server)
    addReadyRoute(server, deps, door)
  }
}

function addAliveRoute(server: HttpServer): void {
  server.get(
    '/healthz',
    {
      schema: {
        ...describeRoute({
          operationId: 'checkAlive',
          summary: 'Whether the process is alive',
          tag: 'operations',
          scope: null,
        }),
        response: { ...problemAnswers(), 200: jsonAnswer(z.object({ status: z.literal('alive') }), 'It is.') },
      },
    },
    async () => ({ status: 'alive' as const }),
  )
}

function addReadyRoute(server: HttpServer, deps: HttpDeps, door: IntakeDoor): void {
  server.get(
    '/readyz',
    {
      schema: {
        ...describeRoute({
          operationId: 'checkReady',
          summary: 'Whether deliveries can be sent here',
          tag: 'operations',
          scope: null,
          description:
            'Not while starting or stopping, nor while the delivery log, the engine or the database fail; without the database they still can where the log is a stream.',
        }),
        response: {
          ...problemAnswers(),
          200: jsonAnswer(Ready, 'They can.'),
          503: jsonAnswer(Ready, 'They cannot, for these reasons.'),
        },
      },
    },
    async (_request, reply) => {
      const reasons = await reasonsAgainst(deps, door)
      if (reasons.length === 0) return asAnswer({ status: 'ready' as const, reasons: [] })
      return await reply
        .code(503)
        .header('retry-after', '2')
        .send(asAnswer({ status: 'not-ready' as const, reasons }))
    },
  )
}

async function reasonsAgainst(deps: HttpDeps, door: IntakeDoor): Promise<readonly string[]> {
  if (!deps.isReady()) return ['It is starting or stopping.']
  const problems = vitalProblems(await deps.problems(), deps)
  const fault = door.fault
  return [
    ...problems.map(({ part, problem, remedy }) => `${part}: ${problem}. ${remedy}`),
    ...(fault ? [`delivery-log: ${fault.reason}`] : []),
  ]
}

function vitalProblems(problems: readonly HealthProblem[], deps: HttpDeps): readonly HealthProblem[] {
  const vital = problems.filter(({ part }) => VITAL_PARTS.has(part))
  const isDatabaseAway = vital.some(({ part }) => part === 'database')
  if (!isDatabaseAway || !deps.logOutlivesDatabase || deps.standDownReason() !== null) return vital
  // It is away for every node, which is cut off from the others by it: a load balancer that took them all out would have alerts
  // refused that the log can keep.
  return vital.filter(({ part }) => part !== 'database' && part !== 'cluster')
}
