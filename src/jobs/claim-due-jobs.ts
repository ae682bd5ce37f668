import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { type JobKind, LANES } from '../domain/job-payloads.ts'
import type { Db, Tx } from '../store/database.ts'
import { inTransaction } from '../store/transaction.ts'

/** A job that this worker holds until the lease ends. */
export interface ClaimedJob {
  readonly tenantId: string
  readonly id: string
  readonly kind: JobKind
  readonly queue: string | null
  readonly lane: number
  readonly payload: unknown
  /** Tries before this one that failed. */
  readonly attempts: number
  readonly firstFailedAt: number | null
  readonly wanted: number
  /** Proof of holding it: every later write names it, and a newer claim makes it worthless. */
  readonly fence: number
}

/** A queue that must wait. */
export interface QueuePause {
  /** Milliseconds since 1970. */
  readonly until: number
  /** Its most urgent lane goes on all the same. */
  readonly sparesUrgent: boolean
}

/** Queues that nothing is taken from now, or only what is most urgent. */
export interface ClosedQueues {
  readonly busy: readonly string[]
  readonly urgentOnly: readonly string[]
}

export interface ClaimRequest {
  readonly now: number
  readonly limit: number
  readonly leaseMs: number
  readonly owner: string
  /** Queues that must wait: one of their jobs runs already, or the receiver asked for a pause. */
  readonly closed: ClosedQueues
}

/**
 * Takes due jobs, most urgent lane first, at most one of each queue, and jobs whose holder died (its lease
 * ran out). Nobody else gets them until the lease ends.
 */
export async function claimDueJobs(db: Db, request: ClaimRequest): Promise<readonly ClaimedJob[]> {
  // Looking costs no lock; only when something is due is the write lock worth taking.
  if ((await dueRows(db, { ...request, limit: 1 })).length === 0) return []
  return await inTransaction(db, (tx) => claimDueJobsTx(tx, request))
}

/** `claimDueJobs` as a part of the caller's transaction. */
export async function claimDueJobsTx(tx: Tx, request: ClaimRequest): Promise<readonly ClaimedJob[]> {
  const claimed: ClaimedJob[] = []
  const taken = new Set<string>()
  for (const row of await dueRows(tx, request)) {
    if (row.queue !== null && taken.has(row.queue)) continue
    if (row.queue !== null) taken.add(row.queue)
    await tx
      .updateTable('job')
      .set({
        state: 'running',
        fence: row.fence + 1,
        lease_until: request.now + request.leaseMs,
        lease_owner: request.owner,
        updated_at: request.now,
      })
      .where('tenant_id', '=', row.tenant_id)
      .where('id', '=', row.id)
      .execute()
    claimed.push({
      tenantId: row.tenant_id,
      id: row.id,
      kind: row.kind as JobKind,
      queue: row.queue,
      lane: row.lane,
      payload: JSON.parse(row.payload),
      attempts: row.attempts,
      firstFailedAt: row.first_failed_at,
      wanted: row.wanted,
      fence: row.fence + 1,
    })
  }
  return claimed
}

async function dueRows(db: Db | Tx, request: ClaimRequest) {
  return await db
    .selectFrom('job')
    .selectAll()
    .where('state', '=', 'waiting')
    .where('run_at', '<=', request.now)
    .where(isOpen(request.closed))
    .orderBy('lane')
    .orderBy('run_at')
    .orderBy('id')
    .limit(request.limit)
    .execute()
}

function isOpen({ busy, urgentOnly }: ClosedQueues): RawBuilder<SqlBool> {
  const conditions: RawBuilder<unknown>[] = []
  if (busy.length > 0) conditions.push(sql`(queue is null or queue not in (${sql.join(busy)}))`)
  if (urgentOnly.length > 0)
    conditions.push(sql`(queue is null or lane = ${LANES.critical} or queue not in (${sql.join(urgentOnly)}))`)
  return conditions.length === 0 ? sql<SqlBool>`1 = 1` : sql<SqlBool>`${sql.join(conditions, sql` and `)}`
}

/** Returns jobs of dead holders to the line: their lease ran out. Answers how many. */
export async function releaseExpiredLeases(db: Db, now: number): Promise<number> {
  const expired = await db
    .selectFrom('job')
    .select('id')
    .where('state', '=', 'running')
    .where('lease_until', '<', now)
    .limit(1)
    .execute()
  if (expired.length === 0) return 0
  const { numUpdatedRows } = await db
    .updateTable('job')
    .set({ state: 'waiting', lease_until: null, lease_owner: null, updated_at: now })
    .where('state', '=', 'running')
    .where('lease_until', '<', now)
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** When the next waiting job is due, or null when none waits (what closed queues hold back is left out). */
export async function nextDueAt(db: Db, closed: ClosedQueues): Promise<number | null> {
  const row = await db
    .selectFrom('job')
    .select((eb) => eb.fn.min('run_at').as('at'))
    .where('state', '=', 'waiting')
    .where(isOpen(closed))
    .executeTakeFirst()
  return row?.at === null || row?.at === undefined ? null : Number(row.at)
}
