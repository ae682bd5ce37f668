import { sql } from 'kysely'
import type { Db } from '../store/database.ts'
import { databaseNow } from '../store/database-time.ts'
import { violatesUnique } from '../store/unique-violation.ts'

/** A lease as the database sees it at this moment. */
export interface LeaseView {
  readonly name: string
  /** Null when nobody has it: it was given back, or its time ran out. */
  readonly owner: string | null
  readonly fence: number
  /** How long it lasts unless it is renewed; 0 when nobody has it. */
  readonly leftMs: number
  /** How long the owner has had it. */
  readonly heldMs: number
  /** How long ago the work that it guards last ended; null = never, or it guards no such work. */
  readonly ranAgoMs: number | null
}

/** Every lease there ever was, by name: a few dozen. */
export async function readLeases(db: Db): Promise<readonly LeaseView[]> {
  const rows = await db.selectFrom('lease').selectAll().select(databaseNow(db).as('now')).orderBy('name').execute()
  return rows.map((row) => {
    const leftMs = Math.max(0, Number(row.held_until) - Number(row.now))
    const isHeld = row.owner !== null && leftMs > 0
    return {
      name: row.name,
      owner: isHeld ? row.owner : null,
      fence: Number(row.fence),
      leftMs: isHeld ? leftMs : 0,
      heldMs: Math.max(0, Number(row.now) - Number(row.taken_at)),
      ranAgoMs: row.ran_at === null ? null : Math.max(0, Number(row.now) - Number(row.ran_at)),
    }
  })
}

export interface LeaseRequest {
  readonly names: readonly string[]
  readonly owner: string
  readonly ttlMs: number
}

/** Takes those leases that nobody else has, for so long; answers the new fence of each that was taken. */
export async function takeLeases(db: Db, request: LeaseRequest): Promise<ReadonlyMap<string, number>> {
  const { names, owner, ttlMs } = request
  if (names.length === 0) return new Map()
  const now = databaseNow(db)
  await db
    .updateTable('lease')
    .set((eb) => ({ owner, fence: eb('fence', '+', 1), held_until: sql<number>`${now} + ${ttlMs}`, taken_at: now }))
    .where('name', 'in', names)
    .where((eb) => eb.or([eb('owner', 'is', null), eb('owner', '=', owner), eb('held_until', '<=', now)]))
    .execute()
  const rows = await db.selectFrom('lease').select(['name', 'owner', 'fence']).where('name', 'in', names).execute()
  const taken = new Map(rows.filter((row) => row.owner === owner).map(({ name, fence }) => [name, Number(fence)]))
  const known = new Set(rows.map(({ name }) => name))
  for (const name of names)
    if (!known.has(name) && (await addLease(db, { name, owner, ttlMs }))) taken.set(name, FIRST_FENCE)
  return taken
}

const FIRST_FENCE = 1

/** False: somebody else was the first. */
async function addLease(
  db: Db,
  { name, owner, ttlMs }: Omit<LeaseRequest, 'names'> & { readonly name: string },
): Promise<boolean> {
  const now = databaseNow(db)
  try {
    await db
      .insertInto('lease')
      .values({
        name,
        owner,
        fence: FIRST_FENCE,
        held_until: sql<number>`${now} + ${ttlMs}`,
        taken_at: now,
        ran_at: null,
      })
      .execute()
    return true
  } catch (error) {
    if (violatesUnique(error, 'lease', 'name')) return false
    throw error
  }
}

/** Extends leases that this owner still has; answers the names of those it has. */
export async function renewLeases(db: Db, { names, owner, ttlMs }: LeaseRequest): Promise<readonly string[]> {
  const { numUpdatedRows } = await db
    .updateTable('lease')
    .set({ held_until: sql<number>`${databaseNow(db)} + ${ttlMs}` })
    .where('owner', '=', owner)
    .where('name', 'in', names)
    .executeTakeFirst()
  if (Number(numUpdatedRows) === names.length) return names
  const rows = await db
    .selectFrom('lease')
    .select('name')
    .where('owner', '=', owner)
    .where('name', 'in', names)
    .execute()
  return rows.map(({ name }) => name)
}

/** Gives leases back, so that others have them at once. Those that somebody else has by now stay his. */
export async function releaseLeases(db: Db, owner: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  await db
    .updateTable('lease')
    .set({ owner: null, held_until: databaseNow(db) })
    .where('owner', '=', owner)
    .where('name', 'in', names)
    .execute()
}

/** Notes that the work of a lease has ended just now. */
export async function noteRun(db: Db, name: string, fence: number): Promise<void> {
  await db
    .updateTable('lease')
    .set({ ran_at: databaseNow(db) })
    .where('name', '=', name)
    .where('fence', '=', fence)
    .execute()
}
