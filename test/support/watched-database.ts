import { type CompiledQuery, type Dialect, Kysely } from 'kysely'
import type { DatabaseLocation, Db } from '../../src/store/database.ts'
import { MysqlServerDialect } from '../../src/store/dialects/mysql/mysql-dialect.ts'
import { PostgresServerDialect } from '../../src/store/dialects/postgres/postgres-dialect.ts'
import { NodeSqliteDialect } from '../../src/store/dialects/sqlite/sqlite-dialect.ts'
import { SqliteSession } from '../../src/store/dialects/sqlite/sqlite-session.ts'
import type { Schema } from '../../src/store/schema.ts'

/** A handle that remembers the statements that go through it. */
export interface WatchedDatabase {
  readonly db: Db
  /** What was asked since the last call. */
  readonly taken: () => readonly CompiledQuery[]
}

/** Opens a database as the product does, in this thread. Close with `db.destroy()`. */
export function openWatched(location: DatabaseLocation): WatchedDatabase {
  let queries: CompiledQuery[] = []
  const db = new Kysely<Schema>({
    dialect: dialectFor(location),
    log: ({ query }) => void queries.push(query),
  })
  const taken = (): readonly CompiledQuery[] => {
    const before = queries
    queries = []
    return before
  }
  return { db, taken }
}

function dialectFor(location: DatabaseLocation): Dialect {
  if (location.kind === 'sqlite') return new NodeSqliteDialect(new SqliteSession(location))
  return location.kind === 'mysql' ? new MysqlServerDialect(location) : new PostgresServerDialect(location)
}
