import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { type JobKind, LANES } from '../domain/job-payloads.ts'
import type { Db, Tx } from '../store/database.ts'
import { racingWrite } from '../store/racing-write.ts'
import { lockFreeRows } from '../store/row-locks.ts'
import type { JobTable } from '../store/tables/job-tables.ts'
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
  /** Queues that must wait because the receiver asked for a pause. Those in which a job runs, on any node, are known to the database. */
  readonly closed: ClosedQueues
}

/**
 * Takes due jobs, most urgent lane first, at most one of each queue that is idle in the whole cluster. Nobody else gets
 * them until the lease ends.
 */
export async function claimDueJobs(db: Db, request: ClaimRequest): Promise<readonly ClaimedJob[]> {
  // Looking costs no lock; only when something is due is a transaction worth its while.
  if ((await dueJobs(db, { ...request, limit: 1 })).length === 0) return []
  return await inTransaction(db, (tx) => claimDueJobsTx(tx, request))
}

/**
 * `claimDueJobs` as a part of the caller's transaction. It waits for no other node: what somebody else is taking is passed
 * over. When two nodes take different jobs of one queue at the same moment, the unique key of `busy_queue` lets one
 * through and the transaction of the other is repeated.
 */
export async function claimDueJobsTx(tx: Tx, request: ClaimRequest): Promise<readonly ClaimedJob[]> {
  const rows = await lockJobsTx(tx, oneOfEachQueue(await dueJobs(tx, request)))
  if (rows.length === 0) return []
  await racingWrite(tx, async () => {
    await tx
      .updateTable('job')
      .set((eb) => ({
        state: 'running',
        busy_queue: eb.ref('queue'),
        fence: eb('fence', '+', 1),
        lease_until: request.now + request.leaseMs,
        lease_owner: request.owner,
        updated_at: request.now,
      }))
      .where('tenant_id', 'in', tenantsOf(rows))
      .where('id', 'in', idsOf(rows))
      .execute()
  })
  return rows.map(claimedJob)
}

function claimedJob(row: JobTable): ClaimedJob {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    kind: row.kind as JobKind,
    queue: row.queue,
    lane: row.lane,
    payload: JSON.parse(row.payload),
    attempts: row.attempts,
    firstFailedAt: row.first_failed_at === null ? null : Number(row.first_failed_at),
    wanted: Number(row.wanted),
    fence: Number(row.fence) + 1,
  }
}

/** What of a job decides whether it is the next: all of it is in one index, so that backlogs are passed over without their rows. */
type JobKey = Pick<JobTable, 'tenant_id' | 'id' | 'queue'>

/** What is due and may run, in its order, as it was committed: no lock is taken, so that looking disturbs nobody. */
async function dueJobs(db: Db | Tx, { now, limit, closed }: ClaimRequest): Promise<readonly JobKey[]> {
  return await db
    .selectFrom('job')
    .select(['tenant_id', 'id', 'queue'])
    .where('state', '=', 'waiting')
    .where('run_at', '<=', now)
    .where(isOpen(closed))
    .orderBy('lane')
    .orderBy('run_at')
    .orderBy('id')
    .limit(limit)
    .execute()
}

function oneOfEachQueue(keys: readonly JobKey[]): readonly JobKey[] {
  const taken = new Set<string>()
  return keys.filter(({ tenant_id, queue }) => {
    if (queue === null) return true
    const name = `${tenant_id}/${queue}`
    if (taken.has(name)) return false
    taken.add(name)
    return true
  })
}

/**
 * Locks and reads the jobs that still wait and that nobody else is taking or asking for again. By their keys: an ordered,
 * limited scan would make MySQL lock what it merely passes over.
 */
async function lockJobsTx(tx: Tx, keys: readonly JobKey[]): Promise<readonly JobTable[]> {
  if (keys.length === 0) return []
  const locked = await lockFreeRows(
    tx
      .selectFrom('job')
      .selectAll()
      .where('tenant_id', 'in', tenantsOf(keys))
      .where('id', 'in', idsOf(keys))
      .where('state', '=', 'waiting'),
  ).execute()
  const byId = new Map(locked.map((row) => [row.id, row]))
  return keys.flatMap(({ id }) => byId.get(id) ?? [])
}

// Ids are unique in the whole database; the tenants let the primary key serve the statement.
function tenantsOf(keys: readonly JobKey[]): string[] {
  return [...new Set(keys.map(({ tenant_id }) => tenant_id))]
}

function idsOf(keys: readonly JobKey[]): string[] {
  return keys.map(({ id }) => id)
}

/** No job runs in its queue, here or on another node, and it is not closed. */
function isOpen({ busy, urgentOnly }: ClosedQueues): RawBuilder<SqlBool> {
  const running = sql`select r.queue from job r where r.state = 'running' and r.queue is not null`
  const conditions: RawBuilder<unknown>[] = [sql`(queue is null or queue not in (${running}))`]
  if (busy.length > 0) conditions.push(sql`(queue is null or queue not in (${sql.join(busy)}))`)
  if (urgentOnly.length > 0)
    conditions.push(sql`(queue is null or lane = ${LANES.critical} or queue not in (${sql.join(urgentOnly)}))`)
  return sql<SqlBool>`${sql.join(conditions, sql` and `)}`
}

/** When the next waiting job is due, or null when none waits (what closed and busy queues hold back is left out). */
export async function nextDueAt(db: Db, closed: ClosedQueues): Promise<number | null> {
  const row = await db
    .selectFrom('job')
    .select((eb) => eb.fn.min('run_at').as('at'))
    .where('state', '=', 'waiting')
    .where(isOpen(closed))
    .executeTakeFirst()
  return row?.at === null || row?.at === undefined ? null : Number(row.at)
}
