import type { JobPayloads } from '../../domain/job-payloads.ts'
import type { ClaimedJob } from '../../jobs/claim-due-jobs.ts'
import type { JobOutcome } from '../../jobs/finish-job.ts'
import type { Db } from '../../store/database.ts'
import { noteSigns } from './sign-of-life-repository.ts'

type Job = Pick<ClaimedJob, 'tenantId'> & { readonly payload: JobPayloads['note-self-test'] }

/** The sign that a self-test has gone all the way. */
export const SELF_TEST_SIGN = 'self-test'

/** The job at the end of the way: it notes when the self-test that led to it was appended to the log. */
export function noteSelfTest(db: Db): (job: Job) => Promise<JobOutcome> {
  return async ({ tenantId, payload }) => {
    await noteSigns(db, tenantId, new Map([[SELF_TEST_SIGN, payload.testedAt]]))
    return { kind: 'done' }
  }
}
