import type { JobKind, JobPayloads, Lane } from '../domain/job-payloads.ts'
import { type UpsertPlan, upsertMany } from '../store/bulk-write.ts'
import type { Tx } from '../store/database.ts'
import type { NewId } from '../store/new-id.ts'

/** A durable intention, to be stored in the transaction that made it due. */
export interface JobOrder<K extends JobKind = JobKind> {
  readonly kind: K
  readonly payload: JobPayloads[K]
  readonly lane: Lane
  /** Milliseconds since 1970. */
  readonly runAt: number
  /** A waiting job with the same key is asked again instead of a second one being made; a running one runs once more. */
  readonly dedupeKey: string | null
  /** Jobs of one queue run one after another. */
  readonly queue: string | null
}

const COLUMNS = [
  'tenant_id',
  'id',
  'kind',
  'dedupe_key',
  'queue',
  'lane',
  'state',
  'run_at',
  'wanted',
  'attempts',
  'first_failed_at',
  'fence',
  'lease_until',
  'lease_owner',
  'payload',
  'last_error',
  'created_at',
  'updated_at',
] as const

/**
 * What asking again does: the newest payload wins, the most urgent lane stays, a dead job comes back to life.
 * A job that waits after a failure keeps its time: asking again must not defeat the backoff.
 */
const PLAN: UpsertPlan<'job'> = {
  table: 'job',
  columns: COLUMNS,
  key: ['tenant_id', 'dedupe_key'],
  merge: {
    // MySQL assigns in this order and sees earlier assignments: columns that others read come last.
    run_at: (existing, incoming) =>
      `case when job.state = 'dead' or job.attempts = 0 and ${incoming('run_at')} < ${existing} then ${incoming('run_at')} else ${existing} end`,
    lane: 'least',
    wanted: 'add',
    payload: 'incoming',
    updated_at: 'incoming',
    first_failed_at: (existing) => `case when job.state = 'dead' then null else ${existing} end`,
    attempts: (existing) => `case when job.state = 'dead' then 0 else ${existing} end`,
    state: (existing) => `case when job.state = 'dead' then 'waiting' else ${existing} end`,
  },
}

/** Stores orders in the caller's transaction: they exist exactly if it commits. Orders with the same dedupe key must not share a call. */
export async function enqueueTx(
  tx: Tx,
  tenantId: string,
  orders: readonly JobOrder[],
  { newId, now }: { newId: NewId; now: number },
): Promise<void> {
  const rows = orders.map((order) => ({
    tenant_id: tenantId,
    id: newId(now),
    kind: order.kind,
    dedupe_key: order.dedupeKey,
    queue: order.queue,
    lane: order.lane,
    state: 'waiting' as const,
    run_at: order.runAt,
    wanted: 1,
    attempts: 0,
    first_failed_at: null,
    fence: 0,
    lease_until: null,
    lease_owner: null,
    payload: JSON.stringify(order.payload),
    last_error: null,
    created_at: now,
    updated_at: now,
  }))
  await upsertMany(tx, PLAN, rows)
}
