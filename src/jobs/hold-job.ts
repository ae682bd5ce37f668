import type { Tx } from '../store/database.ts'
import { lockRows } from '../store/row-locks.ts'
import type { ClaimedJob } from './claim-due-jobs.ts'

/** What proves that a run holds its job. */
export type HeldJob = Pick<ClaimedJob, 'tenantId' | 'id' | 'fence'>

/** Somebody else holds the job by now: this run must write nothing any more. */
export class LeaseLostError extends Error {
  constructor() {
    super('The lease of the job was lost, and somebody else may be doing it')
    this.name = 'LeaseLostError'
  }
}

/**
 * Makes the caller's transaction count only while nobody else has claimed the job: throws `LeaseLostError` when somebody has,
 * or ended it, and keeps it from being claimed before the transaction ends. What a process that was stopped for a minute
 * still wants to write is refused here. Answers until when nobody can claim it (ms since 1970).
 */
export async function holdJobTx(tx: Tx, job: HeldJob): Promise<number> {
  const held = await lockRows(
    tx
      .selectFrom('job')
      .select('lease_until')
      .where('tenant_id', '=', job.tenantId)
      .where('id', '=', job.id)
      .where('fence', '=', job.fence),
  ).executeTakeFirst()
  if (held === undefined) throw new LeaseLostError()
  return Number(held.lease_until ?? 0)
}
