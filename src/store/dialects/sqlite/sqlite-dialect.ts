import {
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  type SelectModifierNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { type ColumnTypes, SQLITE_TYPES } from '../../column-types.ts'
import type { EngineCapabilities } from '../engine-capabilities.ts'
import type { SqliteExecutor } from './sqlite-session.ts'

/** Kysely over `node:sqlite`, in this thread or behind one: see `SqliteExecutor`. */
export class NodeSqliteDialect implements Dialect {
  readonly #executor: SqliteExecutor

  constructor(executor: SqliteExecutor) {
    this.#executor = executor
  }

  createDriver(): Driver {
    return new NodeSqliteDriver(this.#executor)
  }

  createQueryCompiler(): QueryCompiler {
    return new LocklessQueryCompiler()
  }

  createAdapter(): DialectAdapter {
    return new NodeSqliteAdapter()
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db)
  }
}

/** Row locks have no meaning, and no syntax, where one transaction writes at a time. */
class LocklessQueryCompiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier !== 'ForUpdate' && node.modifier !== 'SkipLocked') super.visitSelectModifier(node)
  }
}

class NodeSqliteAdapter extends SqliteAdapter implements EngineCapabilities {
  readonly wording = 'sqlite'
  readonly upsertStyle = 'on-conflict'
  readonly leastFunction = 'min'
  readonly greatestFunction = 'max'
  readonly maxParameters = 32_000
  readonly indexHint = (index: string): string => ` indexed by ${index}`
  readonly writers = 'one'
  readonly rowLock = ''
  readonly rowLockSkipping = ''
  readonly nowMs = "cast(unixepoch('subsec') * 1000 as integer)"
  readonly analyse = null
  readonly tableNames = "select name from sqlite_master where type = 'table'"
  readonly undoesSchemaChanges = true
  readonly isAlreadyThere = (): boolean => false
  /** SQLite changes schemas inside transactions; with this two booting processes migrate one after the other. */
  override get supportsTransactionalDdl(): boolean {
    return true
  }
  /** The session has a handle for readers beside the one that writes; its gate, not Kysely's mutex, keeps writers in line. */
  override get supportsMultipleConnections(): boolean {
    return true
  }
  readonly readColumnTypes = async (): Promise<ColumnTypes> => SQLITE_TYPES
  /** The transaction has begun by taking the write lock. */
  readonly takeSchemaLock = async (): Promise<() => Promise<void>> => async () => undefined
}

class NodeSqliteDriver implements Driver {
  readonly #executor: SqliteExecutor
  #lastConnection = 0

  constructor(executor: SqliteExecutor) {
    this.#executor = executor
  }

  async init(): Promise<void> {
    // The file is opened by whoever made the executor.
  }

  async acquireConnection(): Promise<LogicalConnection> {
    return new LogicalConnection(this.#executor, ++this.#lastConnection)
  }

  async beginTransaction(connection: LogicalConnection): Promise<void> {
    await this.#executor.begin(connection.id)
  }

  async commitTransaction(connection: LogicalConnection): Promise<void> {
    await this.#executor.end(connection.id, 'commit')
  }

  async rollbackTransaction(connection: LogicalConnection): Promise<void> {
    await this.#executor.end(connection.id, 'rollback')
  }

  async releaseConnection(): Promise<void> {
    // A logical connection holds nothing once its transaction has ended.
  }

  async destroy(): Promise<void> {
    await this.#executor.close()
  }
}

class LogicalConnection implements DatabaseConnection {
  readonly id: number
  readonly #executor: SqliteExecutor

  constructor(executor: SqliteExecutor, id: number) {
    this.#executor = executor
    this.id = id
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes } = await this.#executor.query(this.id, query.sql, query.parameters)
    return { rows: rows as R[], numAffectedRows: BigInt(changes) }
  }

  // biome-ignore lint/correctness/useYield: the interface asks for a generator, and nothing here streams.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('Streaming a query is not supported on SQLite: page through it with limit')
  }
}
