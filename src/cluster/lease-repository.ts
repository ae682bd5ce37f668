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

/** Takes a lease that nobody has, for so long; answers its new fence, or null when somebody else has it. */
export async function takeLease(
  db: Db,
  { name, owner, ttlMs }: { readonly name: string; readonly owner: string; readonly ttlMs: number },
): Promise<number | null> {
  const row = await db
    .selectFrom('lease')
    .select(['owner', 'fence', 'held_until', databaseNow(db).as('now')])
    .where('name', '=', name)
    .executeTakeFirst()
  if (row === undefined) return await addLease(db, { name, owner, ttlMs })
  if (row.owner !== null && row.owner !== owner && Number(row.held_until) > Number(row.now)) return null
  const now = databaseNow(db)
  const { numUpdatedRows } = await db
    .updateTable('lease')
    .set({ owner, fence: Number(row.fence) + 1, held_until: sql<number>`${now} + ${ttlMs}`, taken_at: now })
    .where('name', '=', name)
    // Whoever took it since has made the fence grow; whoever renewed it since is no longer late.
    .where('fence', '=', row.fence)
    .where((eb) => eb.or([eb('owner', 'is', null), eb('owner', '=', owner), eb('held_until', '<=', now)]))
    .executeTakeFirst()
  return numUpdatedRows === 1n ? Number(row.fence) + 1 : null
}

async function addLease(
  db: Db,
  { name, owner, ttlMs }: { readonly name: string; readonly owner: string; readonly ttlMs: number },
): Promise<number | null> {
  const now = databaseNow(db)
  try {
    await db
      .insertInto('lease')
      .values({ name, owner, fence: 1, held_until: sql<number>`${now} + ${ttlMs}`, taken_at: now, ran_at: null })
      .execute()
    return 1
  } catch (error) {
    if (violatesUnique(error, 'lease', 'name')) return null
    throw error
  }
}

/** Extends leases that this owner still has; answers the names of those it has. */
export async function renewLeases(
  db: Db,
  { names, owner, ttlMs }: { readonly names: readonly string[]; readonly owner: string; readonly ttlMs: number },
): Promise<readonly string[]> {
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
