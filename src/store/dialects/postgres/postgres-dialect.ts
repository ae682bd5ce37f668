import {
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryCompiler,
  sql,
} from 'kysely'
import { type ColumnTypes, POSTGRES_TYPES } from '../../column-types.ts'
import type { EngineCapabilities } from '../engine-capabilities.ts'
import { LIFT_LIMITS } from '../server/server-connection.ts'
import { ServerDriver } from '../server/server-driver.ts'
import type { ServerLocation } from '../server/server-location.ts'
import { loadPostgres } from './postgres-connection.ts'

/** Kysely for PostgreSQL, over a pool of this thread. */
export class PostgresServerDialect implements Dialect {
  readonly #location: ServerLocation

  constructor(location: ServerLocation) {
    this.#location = location
  }

  createDriver(): Driver {
    return new ServerDriver(this.#location, loadPostgres)
  }

  createQueryCompiler(): QueryCompiler {
    return new PostgresQueryCompiler()
  }

  createAdapter(): DialectAdapter {
    return new PostgresServerAdapter()
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new PostgresIntrospector(db)
  }
}

class PostgresServerAdapter extends PostgresAdapter implements EngineCapabilities {
  readonly wording = 'postgres'
  readonly upsertStyle = 'on-conflict'
  readonly leastFunction = 'least'
  readonly greatestFunction = 'greatest'
  readonly maxParameters = 32_000
  readonly indexHint = (): string => ''
  readonly writers = 'many'
  readonly rowLock = ' for update'
  readonly rowLockSkipping = ' for update skip locked'
  readonly nowMs = 'cast(extract(epoch from clock_timestamp()) * 1000 as bigint)'
  readonly analyse =
    'analyze alert, alert_event, change_feed, incident, incident_term, job, notification, timeline_entry'
  readonly tableNames = 'select table_name as name from information_schema.tables where table_schema = current_schema()'
  readonly undoesSchemaChanges = true
  readonly isAlreadyThere = (): boolean => false
  readonly readColumnTypes = async (): Promise<ColumnTypes> => POSTGRES_TYPES

  // biome-ignore lint/suspicious/noExplicitAny: a migration runs against a schema that the types of today do not describe.
  readonly takeSchemaLock = async (db: Kysely<any>): Promise<() => Promise<void>> => {
    await sql.raw(LIFT_LIMITS).execute(db)
    await sql`select pg_advisory_xact_lock(${sql.lit(SCHEMA_LOCK)})`.execute(db)
    // The end of the transaction gives it back.
    return async () => undefined
  }
}

/** "nunchi" in bytes: advisory locks of one database share one range of numbers. */
const SCHEMA_LOCK = 0x6e_75_6e_63_68_69
