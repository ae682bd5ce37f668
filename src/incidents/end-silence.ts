import { systemActor } from '../domain/actor.ts'
import { endSilence } from '../domain/incident-lifecycle.ts'
import type { JobPayloads } from '../domain/job-payloads.ts'
import type { ClaimedJob } from '../jobs/claim-due-jobs.ts'
import type { JobOutcome } from '../jobs/finish-job.ts'
import { inTransaction } from '../store/transaction.ts'
import type { ActionDeps } from './apply-action.ts'
import { lockIncidentTx } from './load-incident.ts'
import { saveChangeTx } from './save-change.ts'

type Job = Pick<ClaimedJob, 'tenantId'> & { readonly payload: JobPayloads['end-silence'] }

/**
 * Ends a silence whose time is over, so that the channels say so. A silence that was made longer has a timer of its
 * own; one that was taken back, or an incident that is resolved, needs nothing any more.
 */
export function endSilenceOf(deps: ActionDeps): (job: Job) => Promise<JobOutcome> {
  return async ({ tenantId, payload }) =>
    await inTransaction(deps.db, async (tx): Promise<JobOutcome> => {
      const incident = await lockIncidentTx(tx, tenantId, payload.incidentId)
      const now = deps.now()
      const change = incident === null ? null : endSilence(incident, now)
      if (change === null || (await saveChangeTx(tx, change, systemActor(tenantId), deps))) return { kind: 'done' }
      return { kind: 'again', at: now, reason: 'Somebody moved the incident meanwhile', counts: false }
    })
}
