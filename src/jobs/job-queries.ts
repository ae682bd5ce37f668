import { sql } from 'kysely'
import type { Actor } from '../domain/actor.ts'
import { requireScope } from '../domain/require-scope.ts'
import { decodeCursor, encodeCursor } from '../store/cursor.ts'
import type { Db } from '../store/database.ts'
import { scanPage } from '../store/scan-page.ts'
import type { JobTable } from '../store/tables/job-tables.ts'

/** A job as people see it. Times are milliseconds since 1970. */
export interface JobView {
  readonly id: string
  readonly kind: string
  readonly state: JobTable['state']
  readonly queue: string | null
  readonly payload: unknown
  readonly attempts: number
  readonly lastError: string | null
  readonly runAt: number
  readonly createdAt: number
  readonly updatedAt: number
}

export interface JobListRequest {
  readonly state: JobTable['state']
  readonly cursor: string | null
  readonly limit: number
}

/** The jobs in a state, in the order in which they would run. Needs the scope `admin`; throws `InvalidCursorError` for a foreign cursor. */
export async function listJobs(
  db: Db,
  actor: Actor,
  { state, cursor, limit }: JobListRequest,
): Promise<{ readonly items: readonly JobView[]; readonly nextCursor: string | null }> {
  requireScope(actor, 'admin')
  const after = cursor === null ? null : decodeCursor('jobs', ['number', 'number', 'string'], cursor)
  const stretch = { where: [sql`state = ${state}`], after }
  const { rows, next } = await scanPage(db, {
    table: 'job',
    tenantId: actor.tenantId,
    orderBy: ['lane', 'run_at', 'id'],
    direction: 'asc',
    stretches: [stretch],
    filters: [],
    limit,
  })
  return { items: rows.map(viewOfJob), nextCursor: next === null ? null : encodeCursor('jobs', next.position) }
}

/** One job, or null when there is none (done jobs are gone). Needs the scope `admin`. */
export async function findJob(db: Db, actor: Actor, id: string): Promise<JobView | null> {
  requireScope(actor, 'admin')
  const row = await db
    .selectFrom('job')
    .selectAll()
    .where('tenant_id', '=', actor.tenantId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? viewOfJob(row) : null
}

function viewOfJob(row: JobTable): JobView {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    queue: row.queue,
    payload: JSON.parse(row.payload),
    attempts: row.attempts,
    lastError: row.last_error,
    runAt: Number(row.run_at),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  }
}
