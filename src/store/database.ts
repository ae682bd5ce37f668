import { readFileSync } from 'node:fs'
import { type Dialect, Kysely, type Transaction } from 'kysely'
import { parseDatabaseUrl } from './database-url.ts'
import { MysqlServerDialect } from './dialects/mysql/mysql-dialect.ts'
import { PostgresServerDialect } from './dialects/postgres/postgres-dialect.ts'
import { SERVER_DEFAULTS, type ServerLocation } from './dialects/server/server-location.ts'
import { NodeSqliteDialect } from './dialects/sqlite/sqlite-dialect.ts'
import { type SqliteFile, SqliteSession } from './dialects/sqlite/sqlite-session.ts'
import { type SpawnThread, SqliteThread } from './dialects/sqlite/sqlite-thread.ts'
import { WriteGate } from './dialects/sqlite/write-gate.ts'
import type { Migratable } from './migrate.ts'
import type { Schema } from './schema.ts'

export type Db = Kysely<Schema>
export type Tx = Transaction<Schema>

/** Where the main database is: plain data that can be handed to another thread. The gate of a SQLite file is shared by all of them. */
export type DatabaseLocation = ({ readonly kind: 'sqlite' } & SqliteFile) | ServerLocation

/**
 * Where a `DATABASE_URL` leads, with the defaults for all that it does not say; relative paths start at the working directory.
 * Throws with the remedy when it is wrong.
 */
export function databaseLocation(url: string): DatabaseLocation {
  const parsed = parseDatabaseUrl(url)
  if (!parsed.ok) throw new Error(`DATABASE_URL ${parsed.problem}. ${parsed.remedy}`)
  if (parsed.value.kind === 'sqlite') return sqliteLocation(parsed.value.path)
  const { tls, ...server } = parsed.value
  const pem = (file: string | undefined): string | null => (file === undefined ? null : readFileSync(file, 'utf8'))
  const mode = tls.mode ?? 'prefer'
  return { ...SERVER_DEFAULTS, ...server, tls: { mode, ca: pem(tls.ca), cert: pem(tls.cert), key: pem(tls.key) } }
}

/** A SQLite file, with the gate that every thread which opens it must share. */
export function sqliteLocation(path: string): DatabaseLocation {
  return { kind: 'sqlite', path, gate: new WriteGate().memory }
}

/**
 * Opens the database; nothing is asked of a server before the first statement. With `spawn` the statements of SQLite run in
 * a thread of their own (for the thread that answers HTTP), without it in the caller's thread (for the one that folds). A server
 * is asked from the caller's thread either way, over a pool of its own. Close with `db.destroy()`.
 */
export function openDatabase(location: DatabaseLocation, spawn?: SpawnThread): Db {
  return new Kysely<Schema>({ dialect: dialectFor(location, spawn) })
}

function dialectFor(location: DatabaseLocation, spawn: SpawnThread | undefined): Dialect {
  switch (location.kind) {
    case 'sqlite': {
      const file = { path: location.path, gate: location.gate }
      return new NodeSqliteDialect(spawn ? new SqliteThread(spawn, file) : new SqliteSession(file))
    }
    case 'mysql':
      return new MysqlServerDialect(location)
    case 'postgres':
      return new PostgresServerDialect(location)
  }
}

/** The database as the migrator needs it. */
export function migratable(db: Db): Migratable {
  return { db }
}
