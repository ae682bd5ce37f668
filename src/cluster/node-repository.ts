import { sql } from 'kysely'
import type { Db } from '../store/database.ts'
import { databaseNow } from '../store/database-time.ts'
import type { NodeTable } from '../store/tables/cluster-tables.ts'

/** What a process says of itself when it joins. */
export interface NodeIdentity {
  /** Made anew at every start. */
  readonly id: string
  /** What the machine is called. */
  readonly name: string
  /** Where it listens. */
  readonly address: string
  readonly version: string
  readonly pid: number
  /** Names the running kernel and its space of process ids. */
  readonly machine: string
  /** Names of the steps of the schema that it knows. */
  readonly steps: readonly string[]
}

/** A node as the database sees it at this moment. `dead`: it said nothing for so long that others do its work. */
export interface NodeView extends NodeIdentity {
  readonly state: NodeTable['state'] | 'dead'
  readonly stateReason: string | null
  readonly clockOffsetMs: number
  /** Milliseconds since 1970, by the database's clock. */
  readonly startedAt: number
  readonly heartbeatAgeMs: number
}

/** A node that was not heard for so long is dead. */
export const DEAD_AFTER_MS = 10_000
const FORGOTTEN_AFTER_MS = 86_400_000

/** All nodes that were heard within a day, the oldest first. */
export async function readNodes(db: Db, deadAfterMs: number = DEAD_AFTER_MS): Promise<readonly NodeView[]> {
  const rows = await db.selectFrom('node').selectAll().select(databaseNow(db).as('now')).orderBy('id').execute()
  return rows.map((row) => {
    const heartbeatAgeMs = Math.max(0, Number(row.now) - Number(row.heartbeat_at))
    return {
      id: row.id,
      name: row.name,
      address: row.address,
      version: row.version,
      pid: Number(row.pid),
      machine: row.machine,
      steps: JSON.parse(row.steps) as readonly string[],
      state: row.state !== 'stopped' && heartbeatAgeMs > deadAfterMs ? 'dead' : row.state,
      stateReason: row.state_reason,
      clockOffsetMs: Number(row.clock_offset_ms),
      startedAt: Number(row.started_at),
      heartbeatAgeMs,
    }
  })
}

/** Adds a node that works from now on. */
export async function addNode(db: Db, { steps, ...node }: NodeIdentity): Promise<void> {
  const now = databaseNow(db)
  await db
    .insertInto('node')
    .values({
      ...node,
      steps: JSON.stringify(steps),
      state: 'working',
      state_reason: null,
      clock_offset_ms: 0,
      started_at: now,
      heartbeat_at: now,
    })
    .execute()
}

/** What changes of a node with time. */
export interface NodeState {
  readonly state: NodeTable['state']
  readonly stateReason: string | null
  readonly clockOffsetMs: number
}

/** Says that a node is there and how it is; false when the database does not know it (any more). */
export async function beatNode(db: Db, id: string, { state, stateReason, clockOffsetMs }: NodeState): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('node')
    .set({
      heartbeat_at: databaseNow(db),
      state,
      state_reason: stateReason,
      clock_offset_ms: Math.round(clockOffsetMs),
    })
    .where('id', '=', id)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Says that a node listens somewhere else than it said when it joined. */
export async function noteAddress(db: Db, id: string, address: string): Promise<void> {
  await db.updateTable('node').set({ address }).where('id', '=', id).execute()
}

/** Notes of processes that are known to have ended that they did, and gives what they held to whoever wants it. */
export async function buryNodes(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const now = databaseNow(db)
  await db
    .updateTable('node')
    .set({ state: 'stopped', state_reason: 'It was killed.' })
    .where('id', 'in', ids)
    .execute()
  await db.updateTable('lease').set({ owner: null, held_until: now }).where('owner', 'in', ids).execute()
}

/** Forgets nodes that were not heard for a day. */
export async function forgetNodes(db: Db): Promise<void> {
  await db
    .deleteFrom('node')
    .where('heartbeat_at', '<', sql<number>`${databaseNow(db)} - ${FORGOTTEN_AFTER_MS}`)
    .execute()
}

/** Steps of the schema that a program which does not know them must not run on, as the database has them. */
export async function readBreakingSteps(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ name: unknown }>`select name from schema_step where breaking = 1 order by name`.execute(
    db,
  )
  return rows.map(({ name }) => String(name))
}
