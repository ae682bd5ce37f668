import type { QueryResult } from 'kysely'
import type { Connection, ConnectionOptions, ExecuteValues } from 'mysql2'
import { DatabaseError } from '../database-error.ts'
import { connectError } from '../server/connect-fault.ts'
import { connectInTime } from '../server/connect-in-time.ts'
import { fallingBackFromTls } from '../server/falling-back-from-tls.ts'
import { PreparedStatements } from '../server/prepared-statements.ts'
import type { RawConnection } from '../server/server-connection.ts'
import { IDLE_IN_TRANSACTION_MS, type ServerLocation } from '../server/server-location.ts'
import { tlsOptions } from '../server/server-tls.ts'
import { mysqlConnectReason } from './mysql-connect-reason.ts'
import { isDuplicateEntry, mysqlError } from './mysql-fault.ts'

/** Long enough for the writer before us, short enough that a sender still gets an answer in time. */
const LOCK_WAIT_S = 3
const IDLE_CONNECTION_S = 120
const SQL_MODE = 'ANSI_QUOTES,PIPES_AS_CONCAT,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'

/** Loads the driver and gives the function that connects with it. Connections throw `DatabaseError`s only. */
export async function loadMysql(location: ServerLocation): Promise<() => Promise<RawConnection>> {
  const { createConnection } = (await import('mysql2')).default
  const columnsOfKeys: ColumnsOfKeys = new Map()
  return fallingBackFromTls(location, (at) => {
    const connection = new MysqlConnection(createConnection(optionsOf(at)), columnsOfKeys)
    return connectInTime(at, connection, (raw) => raw.prepare(at))
  })
}

function optionsOf(location: ServerLocation): ConnectionOptions {
  const { host, port, user, password, database } = location
  const tls = tlsOptions(location)
  return {
    host,
    port,
    user,
    password,
    database,
    connectTimeout: location.connectTimeoutMs,
    // Of literals only: every column says its own.
    charset: 'utf8mb4_bin',
    // A sum of integers is a DECIMAL there.
    decimalNumbers: true,
    supportBigNumbers: true,
    ...(tls && { ssl: { ...tls, verifyIdentity: location.tls.mode === 'verify-full' } }),
  }
}

type ColumnsOfKeys = Map<string, readonly string[]>

interface OkPacket {
  readonly affectedRows: number
}

class MysqlConnection implements RawConnection {
  readonly #connection: Connection
  readonly #columnsOfKeys: ColumnsOfKeys
  readonly #prepared = new PreparedStatements()
  liftLimits = ''

  constructor(connection: Connection, columnsOfKeys: ColumnsOfKeys) {
    this.#connection = connection
    this.#columnsOfKeys = columnsOfKeys
  }

  /**
   * Makes the session one that our SQL is written for: read committed, because gap locks would make writers of neighbouring rows wait for
   * each other; names in double quotes and `||` as in the standard; UTC.
   */
  async prepare(location: ServerLocation): Promise<void> {
    const { version, isReadOnly } = await this.#greet(location)
    const isMariaDb = /mariadb/i.test(version)
    if (isTooOld(version, isMariaDb)) throw connectError(location, 'too-old', new Error(version))
    if (isReadOnly) throw connectError(location, 'read-only', new Error('read_only is on'))
    const limit = isMariaDb
      ? `max_statement_time = ${location.statementTimeoutMs / 1000}, idle_transaction_timeout = ${IDLE_IN_TRANSACTION_MS / 1000}`
      : // MySQL has no limit for an idle transaction, only this one for every idle connection, which our pool must outlast.
        `max_execution_time = ${location.statementTimeoutMs}, wait_timeout = ${IDLE_CONNECTION_S}`
    const noLimit = isMariaDb ? 'max_statement_time = 0, idle_transaction_timeout = 0' : 'max_execution_time = 0'
    this.liftLimits = `set session ${noLimit}, innodb_lock_wait_timeout = 3600, lock_wait_timeout = 3600`
    await this.#run('set session transaction isolation level read committed', [])
    await this.#run(
      `set session sql_mode = '${SQL_MODE}', time_zone = '+00:00', innodb_lock_wait_timeout = ${LOCK_WAIT_S}, lock_wait_timeout = ${LOCK_WAIT_S}, ${limit}`,
      [],
    )
  }

  /** The first question: it fails with whatever the server has against us. */
  async #greet(location: ServerLocation): Promise<{ version: string; isReadOnly: boolean }> {
    try {
      const { rows } = await this.#run('select version() as version, @@global.read_only as readOnly', [])
      const [row] = rows as { version: string; readOnly: number }[]
      return { version: String(row?.version), isReadOnly: Number(row?.readOnly) === 1 }
    } catch (error) {
      const cause = error instanceof DatabaseError ? error.cause : error
      throw connectError(location, mysqlConnectReason(cause), cause)
    }
  }

  async query(statement: string, values: unknown[]): Promise<QueryResult<unknown>> {
    try {
      return await this.#run(statement, values)
    } catch (error) {
      if (!(error instanceof DatabaseError) || !isDuplicateEntry(error.cause)) throw error
      throw mysqlError(error.cause, await this.#keyOf(error.message, statement))
    }
  }

  async end(): Promise<void> {
    await new Promise<void>((resolve) => this.#connection.end(() => resolve()))
  }

  destroy(): void {
    this.#connection.destroy()
    // The driver only says goodbye; a peer that answers nothing would keep the socket for a quarter of an hour.
    ;(this.#connection as { stream?: { destroy?: () => void } }).stream?.destroy?.()
  }

  onLost(listener: (error: DatabaseError) => void): void {
    this.#connection.on('error', (error) => listener(mysqlError(Object.assign(error, { fatal: true }))))
  }

  #run(statement: string, values: unknown[]): Promise<QueryResult<unknown>> {
    return new Promise((resolve, reject) => {
      const settle = (error: unknown, result: unknown): void => {
        if (error) reject(mysqlError(error))
        else if (Array.isArray(result)) resolve({ rows: result })
        else resolve({ rows: [], numAffectedRows: BigInt((result as OkPacket).affectedRows) })
      }
      if (this.#prepared.nameOf(statement, values.length) === null) this.#connection.query(statement, values, settle)
      else this.#connection.execute(statement, values as ExecuteValues[], settle)
    })
  }

  /** The server names only the key; its columns are in the catalogue. MariaDB does not name the table, the statement does. */
  async #keyOf(message: string, statement: string): Promise<DatabaseError['unique']> {
    const key = /for key '(?:[^'.]*\.)?([^'.]+)'$/.exec(message)?.[1]
    const table = /^\s*(?:insert(?:\s+ignore)?\s+into|update)\s+[`"]?(\w+)/i.exec(statement)?.[1]
    if (key === undefined || table === undefined) return undefined
    const known = this.#columnsOfKeys.get(`${table}.${key}`)
    if (known) return { table, columns: known }
    const { rows } = await this.#run(
      'select column_name as name from information_schema.statistics where table_schema = database() and table_name = ? and index_name = ?',
      [table, key],
    )
    const columns = rows.map((row) => String((row as { name: unknown }).name))
    this.#columnsOfKeys.set(`${table}.${key}`, columns)
    return { table, columns }
  }
}

function isTooOld(version: string, isMariaDb: boolean): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  return isMariaDb ? major < 10 || (major === 10 && minor < 6) : major < 8
}
