import type { QueryResult } from 'kysely'
import type { Client, ClientConfig, CustomTypesConfig, QueryConfig } from 'pg'
import type { DatabaseError } from '../database-error.ts'
import { connectError } from '../server/connect-fault.ts'
import { connectInTime } from '../server/connect-in-time.ts'
import { fallingBackFromTls } from '../server/falling-back-from-tls.ts'
import { PreparedStatements } from '../server/prepared-statements.ts'
import type { RawConnection } from '../server/server-connection.ts'
import { IDLE_IN_TRANSACTION_MS, type ServerLocation } from '../server/server-location.ts'
import { tlsOptions } from '../server/server-tls.ts'
import { postgresConnectReason } from './postgres-connect-reason.ts'
import { postgresError } from './postgres-fault.ts'

/** Long enough for the writer before us, short enough that a sender still gets an answer in time. */
const LOCK_WAIT_MS = 3000
const OLDEST_VERSION = 140_000

/** Loads the driver and gives the function that connects with it. Connections throw `DatabaseError`s only. */
export async function loadPostgres(location: ServerLocation): Promise<() => Promise<RawConnection>> {
  const { Client } = (await import('pg')).default
  return fallingBackFromTls(location, (at) =>
    connectInTime(at, new PostgresConnection(new Client(optionsOf(at))), (raw) => raw.prepare(at)),
  )
}

function optionsOf(location: ServerLocation): ClientConfig {
  const { host, port, user, password, database } = location
  const tls = tlsOptions(location)
  // The name in the certificate counts only where the mode says so.
  const anyName = location.tls.mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }
  return {
    host,
    port,
    user,
    password,
    database,
    application_name: 'nunchi',
    types: TYPES,
    keepAlive: true,
    ssl: tls === null ? false : { ...tls, ...anyName },
  }
}

/** 64-bit integers and sums of them are numbers here, as everywhere in the program, and truth is 0 or 1. */
const TYPES: CustomTypesConfig = { getTypeParser: (oid: number) => PARSERS[oid] ?? asText }

const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => (text === 't' ? 1 : 0),
  // Bytes come as \x and two digits for each.
  17: (text) => Buffer.from(text.slice(2), 'hex'),
  20: Number,
  21: Number,
  23: Number,
  700: Number,
  701: Number,
  1700: Number,
}

function asText(text: string): string {
  return text
}

interface Greeting {
  readonly version: string
  readonly name: string
  readonly standby: number
}

class PostgresConnection implements RawConnection {
  readonly liftLimits =
    "select set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false), set_config('idle_in_transaction_session_timeout', '0', false)"
  readonly #client: Client
  readonly #prepared = new PreparedStatements()

  constructor(client: Client) {
    this.#client = client
  }

  /**
   * Makes the session one that our SQL is written for, whatever the defaults of the database or the role. Said as a statement, because
   * poolers in between refuse settings that come with the connection.
   */
  async prepare(location: ServerLocation): Promise<void> {
    // Without a listener a lost connection would end the process.
    this.#client.on('error', () => undefined)
    const { version, name, standby } = await this.#greet(location)
    if (Number(version) < OLDEST_VERSION) throw connectError(location, 'too-old', new Error(`PostgreSQL ${name}`))
    if (standby === 1) throw connectError(location, 'read-only', new Error('It is in recovery'))
  }

  /** The first question: it fails with whatever the server has against us. */
  async #greet(location: ServerLocation): Promise<Greeting> {
    const settings = [
      ['statement_timeout', String(location.statementTimeoutMs)],
      ['lock_timeout', String(LOCK_WAIT_MS)],
      ['idle_in_transaction_session_timeout', String(IDLE_IN_TRANSACTION_MS)],
      ['default_transaction_isolation', 'read committed'],
      ['timezone', 'UTC'],
    ].map(([name, value]) => `set_config('${name}', '${value}', false)`)
    try {
      await this.#client.connect()
      const { rows } = await this.#client.query<Greeting>(
        `select current_setting('server_version_num') as version, current_setting('server_version') as name, pg_is_in_recovery() as standby, ${settings.join(', ')}`,
      )
      return rows[0] as Greeting
    } catch (error) {
      throw connectError(location, postgresConnectReason(error), error)
    }
  }

  async query(statement: string, values: unknown[]): Promise<QueryResult<unknown>> {
    try {
      const { command, rowCount, rows } = await this.#client.query(this.#said(statement, values))
      // A transaction that met an error is rolled back by its commit, without a word.
      if (command === 'ROLLBACK' && statement === 'commit')
        throw new Error('The transaction had failed before its commit')
      return rows.length === 0 && rowCount !== null && command !== 'SELECT'
        ? { rows, numAffectedRows: BigInt(rowCount) }
        : { rows }
    } catch (error) {
      throw postgresError(error)
    }
  }

  #said(text: string, values: unknown[]): QueryConfig {
    const name = this.#prepared.nameOf(text, values.length)
    return name === null ? { text, values } : { name, text, values }
  }

  async end(): Promise<void> {
    await this.#client.end()
  }

  destroy(): void {
    ;(this.#client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
  }

  onLost(listener: (error: DatabaseError) => void): void {
    this.#client.on('error', (error) => listener(postgresError(error)))
    this.#client.on('end', () => listener(postgresError(new Error('The connection to the database ended'))))
  }
}
