import type { JobKind, JobPayloads, Lane } from '../domain/job-payloads.ts'
import { insertMany, type UpsertPlan, upsertMany } from '../store/bulk-write.ts'
import type { Tx } from '../store/database.ts'
import { capabilitiesOf } from '../store/dialects/engine-capabilities.ts'
import type { NewId } from '../store/new-id.ts'
import { racingWrite } from '../store/racing-write.ts'
import { lockRows } from '../store/row-locks.ts'
import type { JobTable } from '../store/tables/job-tables.ts'

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

/** For rows that are known to be there. */
const BY_ID: UpsertPlan<'job'> = { ...PLAN, key: ['tenant_id', 'id'] }

/** Stores orders in the caller's transaction: they exist exactly if it commits. Orders with the same dedupe key must not share a call. */
export async function enqueueTx(
  tx: Tx,
  tenantId: string,
  orders: readonly JobOrder[],
  { newId, now }: { newId: NewId; now: number },
): Promise<void> {
  const rows = orders.map((order) => rowOf(tenantId, order, { id: newId(now), now })).sort(byDedupeKey)
  if (capabilitiesOf(tx).upsertStyle === 'on-conflict') await upsertMany(tx, PLAN, rows)
  else await storeApartTx(tx, tenantId, rows)
}

/** All that ask for the same jobs lock them in the same order, and so never wait for each other in a circle. */
function byDedupeKey(a: JobTable, b: JobTable): number {
  const [x, y] = [a.dedupe_key ?? '', b.dedupe_key ?? '']
  return x < y ? -1 : x > y ? 1 : 0
}

function rowOf(
  tenantId: string,
  order: JobOrder,
  { id, now }: { readonly id: string; readonly now: number },
): JobTable {
  return {
    tenant_id: tenantId,
    id,
    kind: order.kind,
    dedupe_key: order.dedupeKey,
    queue: order.queue,
    busy_queue: null,
    lane: order.lane,
    state: 'waiting',
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
  }
}

/**
 * Where an upsert cannot say which unique key it means, it also locks the gap beside each key that is there, and those who
 * store the jobs of neighbouring incidents meanwhile get in each other's way: what is there and what is new are stored apart.
 */
async function storeApartTx(tx: Tx, tenantId: string, rows: readonly JobTable[]): Promise<void> {
  const ids = await lockedIdsTx(
    tx,
    tenantId,
    rows.flatMap(({ dedupe_key }) => dedupe_key ?? []),
  )
  const idOf = ({ dedupe_key }: JobTable): string | undefined => ids.get(dedupe_key ?? '')
  await upsertMany(
    tx,
    BY_ID,
    rows.flatMap((row) => {
      const id = idOf(row)
      return id === undefined ? [] : [{ ...row, id }]
    }),
  )
  await racingWrite(tx, () =>
    insertMany(
      tx,
      'job',
      COLUMNS,
      rows.filter((row) => idOf(row) === undefined),
    ),
  )
}

const LOCKED_AT_ONCE = 200

/** The jobs that have these keys, locked, by key. */
async function lockedIdsTx(tx: Tx, tenantId: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>()
  for (let from = 0; from < keys.length; from += LOCKED_AT_ONCE) {
    const found = await lockRows(
      tx
        .selectFrom('job')
        .select(['id', 'dedupe_key'])
        .where('tenant_id', '=', tenantId)
        .where('dedupe_key', 'in', keys.slice(from, from + LOCKED_AT_ONCE)),
    ).execute()
    for (const { id, dedupe_key } of found) ids.set(dedupe_key as string, id)
  }
  return ids
}
