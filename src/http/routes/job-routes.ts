import * as z from 'zod'
import { recordAuditTx } from '../../auth/audit-log.ts'
import { isoTime } from '../../domain/iso-time.ts'
import { findJob, type JobView, listJobs } from '../../jobs/job-queries.ts'
import { retryDeadJob } from '../../jobs/retry-dead-job.ts'
import { BODY_PROBLEMS, describeRoute, jsonAnswer, problemAnswers } from '../contract/describe-route.ts'
import { IdInPath } from '../contract/fields.ts'
import { Job, JobListQuery, JobPage } from '../contract/operations-contract.ts'
import type { HttpDeps } from '../http-deps.ts'
import { asAnswer } from '../mutable.ts'
import { ProblemError } from '../problem-error.ts'
import type { RouteModule } from '../route-module.ts'

/** Looking at jobs, and sending dead ones back in line. */
export const jobRoutes: RouteModule = (server, deps) => {
  server.get(
    '/jobs',
    {
      schema: {
        ...describeRoute({
          operationId: 'listJobs',
          summary: 'List jobs',
          tag: 'operations',
          scope: 'admin',
          description: 'Jobs in a state, in the order in which they would run. Done jobs are gone.',
        }),
        querystring: JobListQuery,
        response: { ...problemAnswers(), 200: jsonAnswer(JobPage, 'A page of jobs.') },
      },
    },
    async ({ actor, query }) => {
      const { items, nextCursor } = await listJobs(deps.db, actor, {
        state: query.state,
        cursor: query.cursor ?? null,
        limit: query.limit,
      })
      return asAnswer({ items: items.map(answerOf), nextCursor })
    },
  )

  server.post(
    '/jobs/:jobId/retry',
    {
      schema: {
        ...describeRoute({
          operationId: 'retryJob',
          summary: 'Send a dead job back in line',
          tag: 'operations',
          scope: 'admin',
          description: 'As if it had never failed. A job that waits or runs already stays as it is.',
        }),
        params: z.object({ jobId: IdInPath }),
        response: {
          ...problemAnswers('not-found', ...BODY_PROBLEMS),
          200: jsonAnswer(Job, 'The job as it is now.'),
        },
      },
    },
    async ({ actor, params }) => {
      const outcome = await retryDeadJob({ ...deps, recordAudit: auditOf(deps) }, actor, params.jobId)
      const job = outcome === 'not-found' ? null : await findJob(deps.db, actor, params.jobId)
      if (job === null)
        throw new ProblemError('not-found', { detail: 'There is no such job: it is done, or the id is wrong.' })
      deps.wake('jobs')
      return asAnswer(answerOf(job))
    },
  )
}

function auditOf(deps: HttpDeps): Parameters<typeof retryDeadJob>[0]['recordAudit'] {
  return async (tx, actor, draft) => {
    const at = deps.now()
    await recordAuditTx(tx, actor, draft, { id: deps.newId(at), at })
  }
}

function answerOf(job: JobView) {
  const payload = job.payload as Record<string, unknown>
  return {
    ...job,
    payload,
    runAt: isoTime(job.runAt),
    createdAt: isoTime(job.createdAt),
    updatedAt: isoTime(job.updatedAt),
  }
}
