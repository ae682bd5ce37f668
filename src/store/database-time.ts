import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from './database.ts'
import { capabilitiesOf } from './dialects/engine-capabilities.ts'

/** The database's clock as a part of a statement: milliseconds since 1970. Nodes may disagree about the time; they all believe this one. */
export function databaseNow(db: Db | Tx): RawBuilder<number> {
  return sql<number>`${sql.raw(capabilitiesOf(db).nowMs)}`
}

/** What the database's clock says, ms since 1970. Throws what the database throws. */
export async function readDatabaseTime(db: Db): Promise<number> {
  const { rows } = await sql<{ now: unknown }>`select ${databaseNow(db)} as now`.execute(db)
  return Number(rows[0]?.now)
}
