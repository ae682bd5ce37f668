import { systemActor } from '../domain/actor.ts'
import { firingTotal, type Incident } from '../domain/incident.ts'
import { endHoldOff } from '../domain/incident-lifecycle.ts'
import type { JobPayloads } from '../domain/job-payloads.ts'
import type { ClaimedJob } from '../jobs/claim-due-jobs.ts'
import type { JobOutcome } from '../jobs/finish-job.ts'
import { inTransaction } from '../store/transaction.ts'
import type { ActionDeps } from './apply-action.ts'
import { lockIncidentTx } from './load-incident.ts'
import { saveChangeTx } from './save-change.ts'

type Job = Pick<ClaimedJob, 'tenantId'> & { readonly payload: JobPayloads['resolve-when-clear'] }

/**
 * Resolves an incident whose hold-off has ended, if nothing fired meanwhile. A hold-off that was begun anew is
 * waited for; everything else (fired again, resolved by a person, gone) needs nothing any more.
 */
export function resolveWhenClear(deps: ActionDeps): (job: Job) => Promise<JobOutcome> {
  return async ({ tenantId, payload }) =>
    await inTransaction(deps.db, async (tx): Promise<JobOutcome> => {
      const incident = await lockIncidentTx(tx, tenantId, payload.incidentId)
      if (incident === null) return { kind: 'done' }
      const now = deps.now()
      const change = endHoldOff(incident, now)
      if (change === null)
        return isHoldingOff(incident)
          ? { kind: 'again', at: incident.clearsAt, reason: 'The hold-off began anew', counts: false }
          : { kind: 'done' }
      if (await saveChangeTx(tx, change, systemActor(tenantId), deps)) return { kind: 'done' }
      return { kind: 'again', at: now, reason: 'Somebody moved the incident meanwhile', counts: false }
    })
}

function isHoldingOff(incident: Incident): boolean {
  return incident.clearsAt !== null && incident.status !== 'resolved' && firingTotal(incident.firing) === 0
}
