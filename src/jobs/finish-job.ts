import type { Db, Tx } from '../store/database.ts'
import type { ClaimedJob } from './claim-due-jobs.ts'

/** What a handler says of a run. */
export type JobOutcome =
  | { readonly kind: 'done' }
  /** Try again: at `at`, or after the usual backoff when it is null. `counts` false = not the job's fault (a paused channel). */
  | { readonly kind: 'again'; readonly at: number | null; readonly reason: string; readonly counts: boolean }
  /** Trying again cannot help until a person acts. */
  | { readonly kind: 'give-up'; readonly reason: string }

export interface RetryPolicy {
  readonly firstWaitMs: number
  readonly longestWaitMs: number
  /** A job that has failed for so long is dead: visible, and retryable by a person. */
  readonly giveUpAfterMs: number
}

export const DEFAULT_RETRY: RetryPolicy = { firstWaitMs: 500, longestWaitMs: 5 * 60_000, giveUpAfterMs: 24 * 3_600_000 }

/** Exponential backoff with full jitter on its upper half: `random` in [0, 1). */
export function backoffMs(attempts: number, random: number, policy: RetryPolicy = DEFAULT_RETRY): number {
  const full = Math.min(policy.longestWaitMs, policy.firstWaitMs * 2 ** Math.min(attempts, 30))
  return Math.round(full * (0.5 + random / 2))
}

export interface FinishContext {
  readonly now: number
  readonly random: number
  readonly policy: RetryPolicy
}

/**
 * Writes down how a run ended. Returns false when the lease was lost meanwhile: somebody else holds the job,
 * and this run's outcome counts for nothing. A job that was asked for again while it ran goes back in line.
 */
export async function finishJob(
  db: Db | Tx,
  job: ClaimedJob,
  outcome: JobOutcome,
  context: FinishContext,
): Promise<boolean> {
  if (outcome.kind === 'done') return await endJob(db, job, context.now)
  const firstFailedAt = job.firstFailedAt ?? context.now
  const countsAs = outcome.kind === 'again' && !outcome.counts ? job.attempts : job.attempts + 1
  const isDead =
    outcome.kind === 'give-up' || (outcome.counts && context.now - firstFailedAt >= context.policy.giveUpAfterMs)
  const at =
    outcome.kind === 'again' && outcome.at !== null
      ? outcome.at
      : context.now + backoffMs(job.attempts, context.random, context.policy)
  const { numUpdatedRows } = await db
    .updateTable('job')
    .set({
      state: isDead ? 'dead' : 'waiting',
      run_at: at,
      attempts: countsAs,
      first_failed_at: countsAs === 0 ? null : firstFailedAt,
      last_error: outcome.reason,
      busy_queue: null,
      lease_until: null,
      lease_owner: null,
      updated_at: context.now,
    })
    .where('tenant_id', '=', job.tenantId)
    .where('id', '=', job.id)
    .where('fence', '=', job.fence)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

async function endJob(db: Db | Tx, job: ClaimedJob, now: number): Promise<boolean> {
  const ended = await db
    .deleteFrom('job')
    .where('tenant_id', '=', job.tenantId)
    .where('id', '=', job.id)
    .where('fence', '=', job.fence)
    .where('wanted', '=', job.wanted)
    .executeTakeFirst()
  if (ended.numDeletedRows === 1n) return true
  const again = await db
    .updateTable('job')
    .set({
      state: 'waiting',
      run_at: now,
      attempts: 0,
      first_failed_at: null,
      busy_queue: null,
      lease_until: null,
      lease_owner: null,
      updated_at: now,
    })
    .where('tenant_id', '=', job.tenantId)
    .where('id', '=', job.id)
    .where('fence', '=', job.fence)
    .executeTakeFirst()
  return again.numUpdatedRows === 1n
}

/** Makes the holder's lease longer. Returns false when the lease was lost. */
export async function extendLease(db: Db, job: ClaimedJob, leaseUntil: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('job')
    .set({ lease_until: leaseUntil })
    .where('tenant_id', '=', job.tenantId)
    .where('id', '=', job.id)
    .where('fence', '=', job.fence)
    .where('state', '=', 'running')
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
