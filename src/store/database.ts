import { Kysely, type Transaction } from 'kysely'
import { SQLITE_TYPES } from './column-types.ts'
import { NodeSqliteDialect } from './dialects/sqlite/sqlite-dialect.ts'
import { SqliteSession } from './dialects/sqlite/sqlite-session.ts'
import { type SpawnThread, SqliteThread } from './dialects/sqlite/sqlite-thread.ts'
import { WriteGate } from './dialects/sqlite/write-gate.ts'
import type { Migratable } from './migrate.ts'
import type { Schema } from './schema.ts'

export type Db = Kysely<Schema>
export type Tx = Transaction<Schema>

/** Where the main database is; `gate` is shared by every thread that opens the same SQLite file. */
export interface DatabaseLocation {
  readonly kind: 'sqlite'
  readonly path: string
  readonly gate: SharedArrayBuffer
}

/**
 * Reads a `DATABASE_URL`. `sqlite:` and a path, relative to the working directory; three slashes make it absolute.
 * Throws with the remedy when the scheme is not supported.
 */
export function databaseLocation(url: string): DatabaseLocation {
  if (!url.startsWith('sqlite:')) {
    throw new Error(
      `DATABASE_URL must begin with "sqlite:" in this version, not with "${url.slice(0, url.indexOf(':') + 1)}"`,
    )
  }
  const path = url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '')
  return { kind: 'sqlite', path, gate: new WriteGate().memory }
}

/**
 * Opens the database. With `spawn` its statements run in a thread of their own (for the thread that answers
 * HTTP), without it they run in the caller's thread (for the one that folds). Close with `db.destroy()`.
 */
export function openDatabase(location: DatabaseLocation, spawn?: SpawnThread): Db {
  const executor = spawn ? new SqliteThread(spawn, location) : new SqliteSession(location)
  return new Kysely<Schema>({ dialect: new NodeSqliteDialect(executor) })
}

/** The database as the migrator needs it. */
export function migratable(db: Db): Migratable {
  return { db, types: SQLITE_TYPES }
}
