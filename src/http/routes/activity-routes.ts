import type * as z from 'zod'
import { type ActivityRequest, readActivity } from '../../incidents/activity/activity-queries.ts'
import { Activity, ActivityQuery, MOST_STEPS } from '../contract/activity-contract.ts'
import { describeRoute, jsonAnswer, problemAnswers } from '../contract/describe-route.ts'
import { asAnswer } from '../mutable.ts'
import { ProblemError } from '../problem-error.ts'
import type { RouteModule } from '../route-module.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** How much happened over time. */
export const activityRoutes: RouteModule = (server, deps) => {
  server.get(
    '/stats',
    {
      schema: {
        ...describeRoute({
          operationId: 'readActivity',
          summary: 'Read how much happened over time',
          tag: 'incidents',
          scope: 'read',
          description: `From roll-ups, so that it is as quick for a year as for a day. At most ${MOST_STEPS} steps.`,
        }),
        querystring: ActivityQuery,
        response: { ...problemAnswers(), 200: jsonAnswer(Activity, 'The figures.') },
      },
    },
    async ({ actor, query }) => asAnswer(await readActivity(deps.db, actor, requestOf(query, deps.now()))),
  )
}

function requestOf(query: z.output<typeof ActivityQuery>, now: number): ActivityRequest {
  const { step, groupBy = null, groups, service, severity, source, cluster } = query
  // The end is not part of it, and what happens this moment is asked for.
  const to = query.to ?? now + 1
  const from = query.from ?? to - (step === 'hour' ? DAY_MS : 30 * DAY_MS)
  if (from >= to) throw new ProblemError('invalid-request', { detail: '`from` must be before `to`.' })
  if ((to - from) / (step === 'hour' ? HOUR_MS : DAY_MS) > MOST_STEPS)
    throw new ProblemError('invalid-request', {
      detail: `These are more than ${MOST_STEPS} steps: ask for less time, or with step=day.`,
    })
  const filters = Object.entries({ service, severity, source, cluster }).filter(([, values]) => values !== undefined)
  return { step, from, to, groupBy, groups, filter: Object.fromEntries(filters) }
}
