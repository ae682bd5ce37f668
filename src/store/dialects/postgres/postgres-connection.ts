import type { QueryResult } from 'kysely'
import type { Client, ClientConfig, CustomTypesConfig } from 'pg'
import type { DatabaseError } from '../database-error.ts'
import type { RawConnection } from '../server/server-connection.ts'
import type { ServerLocation } from '../server/server-location.ts'
import { postgresError } from './postgres-fault.ts'

/** Long enough for the writer before us, short enough that a sender still gets an answer in time. */
const LOCK_WAIT_MS = 3000

/** Loads the driver and gives the function that connects with it. Connections throw `DatabaseError`s only. */
export async function loadPostgres(location: ServerLocation): Promise<() => Promise<RawConnection>> {
  const { Client } = (await import('pg')).default
  return async () => {
    const raw = new PostgresConnection(new Client(optionsOf(location)))
    try {
      await raw.connect()
    } catch (error) {
      raw.destroy()
      throw error
    }
    return raw
  }
}

function optionsOf(location: ServerLocation): ClientConfig {
  const { host, port, user, password, database, connectTimeoutMs, statementTimeoutMs } = location
  return {
    host,
    port,
    user,
    password,
    database,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    lock_timeout: LOCK_WAIT_MS,
    application_name: 'nunchi',
    types: TYPES,
    // Plain settings of the session, whatever the defaults of the database or the role.
    options: '-c default_transaction_isolation=read\\ committed -c timezone=UTC',
  }
}

/** 64-bit integers and sums of them are numbers here, as everywhere in the program, and truth is 0 or 1. */
const TYPES: CustomTypesConfig = { getTypeParser: (oid: number) => PARSERS[oid] ?? asText }

const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => (text === 't' ? 1 : 0),
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

class PostgresConnection implements RawConnection {
  readonly liftLimits = "select set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false)"
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  async connect(): Promise<void> {
    // Without a listener a lost connection would end the process.
    this.#client.on('error', () => undefined)
    try {
      await this.#client.connect()
    } catch (error) {
      throw postgresError(error)
    }
  }

  async query(statement: string, values: unknown[]): Promise<QueryResult<unknown>> {
    try {
      const { command, rowCount, rows } = await this.#client.query(statement, values.length > 0 ? values : undefined)
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
