import { type Dialect, Kysely, type Transaction } from 'kysely'
import { MysqlServerDialect } from './dialects/mysql/mysql-dialect.ts'
import { PostgresServerDialect } from './dialects/postgres/postgres-dialect.ts'
import type { ServerLocation } from './dialects/server/server-location.ts'
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

const POOL_SIZE = 10
const CONNECT_TIMEOUT_MS = 2000
const STATEMENT_TIMEOUT_MS = 5000

/**
 * Reads a `DATABASE_URL`: `sqlite:` and a path, relative to the working directory (three slashes make it absolute), or
 * `mysql://`, `mariadb://`, `postgres://`, `postgresql://` with user, password, host, port and database.
 * Throws with the remedy when the scheme is not supported.
 */
export function databaseLocation(url: string): DatabaseLocation {
  const scheme = url.slice(0, Math.max(0, url.indexOf(':')))
  if (scheme === 'sqlite') {
    const path = url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '')
    return { kind: 'sqlite', path, gate: new WriteGate().memory }
  }
  if (scheme === 'mysql' || scheme === 'mariadb') return serverLocation('mysql', url, 3306)
  if (scheme === 'postgres' || scheme === 'postgresql') return serverLocation('postgres', url, 5432)
  throw new Error(`DATABASE_URL must begin with "sqlite:", "mysql:" or "postgres:", not with "${scheme}:"`)
}

function serverLocation(kind: ServerLocation['kind'], url: string, defaultPort: number): ServerLocation {
  const { hostname, port, username, password, pathname } = new URL(url)
  return {
    kind,
    host: hostname,
    port: port === '' ? defaultPort : Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    poolSize: POOL_SIZE,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  }
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
