import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { WriteGate } from './write-gate.ts'

/** What a statement gave. Rows are empty for statements that give none. */
export interface StatementResult {
  readonly rows: Record<string, unknown>[]
  readonly changes: number
}

/** Runs statements for logical connections. The same interface in this thread and across a thread boundary. */
export interface SqliteExecutor {
  readonly query: (connection: number, sql: string, parameters: readonly unknown[]) => Promise<StatementResult>
  readonly begin: (connection: number) => Promise<void>
  readonly end: (connection: number, how: 'commit' | 'rollback') => Promise<void>
  readonly close: () => Promise<void>
}

export interface SqliteFile {
  readonly path: string
  readonly gate: SharedArrayBuffer
}

const STATEMENT_CACHE_SIZE = 400
const SQLITE_BUSY_WAIT_MS = 250
/** Fingerprints are random, so a storm touches every page of their index: what is not in the cache is read again for each batch. */
const WRITER_CACHE_KIB = 32 * 1024
const READER_CACHE_KIB = 16 * 1024
/** 64 MB of log. Each batch of a storm changes the same pages of the indexes again: the rarer a checkpoint, the fewer times they are copied into the file. */
const CHECKPOINT_PAGES = 16_000

/**
 * One SQLite file with two handles: one that writes, inside transactions that begin immediately (a deferred
 * transaction that first reads and then writes fails under contention, whatever its timeout), and one that
 * reads the last committed state without waiting for anybody.
 */
export class SqliteSession implements SqliteExecutor {
  readonly #writer: CachedHandle
  readonly #reader: CachedHandle
  readonly #gate: WriteGate
  readonly #inTransaction = new Set<number>()

  constructor(file: SqliteFile) {
    this.#gate = new WriteGate(file.gate)
    this.#writer = new CachedHandle(openHandle(file.path, WRITER_CACHE_KIB))
    this.#reader = new CachedHandle(openHandle(file.path, READER_CACHE_KIB))
  }

  async query(connection: number, sql: string, parameters: readonly unknown[]): Promise<StatementResult> {
    if (this.#inTransaction.has(connection)) return this.#writer.run(sql, parameters)
    if (READS.test(sql)) return this.#reader.run(sql, parameters)
    await this.#gate.enter()
    try {
      return this.#writer.run(sql, parameters)
    } finally {
      this.#gate.leave()
    }
  }

  async begin(connection: number): Promise<void> {
    await this.#gate.enter()
    try {
      this.#writer.run('begin immediate', [])
      this.#inTransaction.add(connection)
    } catch (error) {
      this.#gate.leave()
      throw error
    }
  }

  async end(connection: number, how: 'commit' | 'rollback'): Promise<void> {
    if (!this.#inTransaction.has(connection)) return
    try {
      this.#writer.run(how, [])
    } catch (error) {
      // A commit that failed (disk full) leaves the transaction open: it must not leak into the next one.
      this.#writer.rollbackQuietly()
      throw error
    } finally {
      this.#inTransaction.delete(connection)
      this.#gate.leave()
    }
  }

  async close(): Promise<void> {
    this.#reader.close()
    this.#writer.close()
  }
}

const READS = /^\s*(?:select|with|explain|pragma)\b/i

function openHandle(path: string, cacheKiB: number): DatabaseSync {
  const handle = new DatabaseSync(path)
  handle.exec(`
    pragma busy_timeout = ${SQLITE_BUSY_WAIT_MS};
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma temp_store = memory;
    pragma cache_size = -${cacheKiB};
    pragma mmap_size = 0;
    pragma journal_size_limit = 67108864;
    pragma wal_autocheckpoint = ${CHECKPOINT_PAGES};
  `)
  return handle
}

/** A handle with its prepared statements, least recently used dropped. */
class CachedHandle {
  readonly #handle: DatabaseSync
  readonly #statements = new Map<string, { statement: StatementSync; givesRows: boolean }>()

  constructor(handle: DatabaseSync) {
    this.#handle = handle
  }

  run(sql: string, parameters: readonly unknown[]): StatementResult {
    const { statement, givesRows } = this.#prepare(sql)
    const values = bindableAll(parameters)
    if (givesRows) return { rows: statement.all(...values) as Record<string, unknown>[], changes: 0 }
    return { rows: [], changes: Number(statement.run(...values).changes) }
  }

  rollbackQuietly(): void {
    try {
      this.#handle.exec('rollback')
    } catch {
      // SQLite has already rolled back by itself: nothing is open, which is what was wanted.
    }
  }

  close(): void {
    this.#statements.clear()
    this.#handle.close()
  }

  #prepare(sql: string): { statement: StatementSync; givesRows: boolean } {
    const known = this.#statements.get(sql)
    if (known) {
      this.#statements.delete(sql)
      this.#statements.set(sql, known)
      return known
    }
    const statement = this.#handle.prepare(sql)
    const prepared = { statement, givesRows: statement.columns().length > 0 }
    this.#statements.set(sql, prepared)
    if (this.#statements.size > STATEMENT_CACHE_SIZE)
      this.#statements.delete(this.#statements.keys().next().value as string)
    return prepared
  }
}

/** The values as SQLite takes them; the list itself where none needs a change, which is nearly always and thousands at a time. */
function bindableAll(values: readonly unknown[]): readonly SQLInputValue[] {
  return values.every(isBindable) ? values : values.map(bindable)
}

function isBindable(value: unknown): value is SQLInputValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
      return true
    default:
      return value === null || value instanceof Uint8Array
  }
}

/** node:sqlite takes a Date or a plain object in first place for *named* parameters and shifts the others: refuse both. */
function bindable(value: unknown): SQLInputValue {
  if (isBindable(value)) return value
  if (value === undefined) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  throw new TypeError(
    `A ${Object.prototype.toString.call(value)} cannot be stored: turn it into text or milliseconds first`,
  )
}
