import {
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  type QueryCompiler,
  sql,
} from 'kysely'
import { type ColumnTypes, mysqlTypes } from '../../column-types.ts'
import type { EngineCapabilities } from '../engine-capabilities.ts'
import { LIFT_LIMITS } from '../server/server-connection.ts'
import { ServerDriver } from '../server/server-driver.ts'
import type { ServerLocation } from '../server/server-location.ts'
import { loadMysql } from './mysql-connection.ts'
import { saysAlreadyThere } from './mysql-fault.ts'

/** Kysely for MySQL 8 and MariaDB, over a pool of this thread. */
export class MysqlServerDialect implements Dialect {
  readonly #location: ServerLocation

  constructor(location: ServerLocation) {
    this.#location = location
  }

  createDriver(): Driver {
    return new ServerDriver(this.#location, loadMysql)
  }

  createQueryCompiler(): QueryCompiler {
    return new MysqlQueryCompiler()
  }

  createAdapter(): DialectAdapter {
    return new MysqlServerAdapter()
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new MysqlIntrospector(db)
  }
}

class MysqlServerAdapter extends MysqlAdapter implements EngineCapabilities {
  readonly wording = 'mysql'
  readonly upsertStyle = 'on-duplicate-key'
  readonly leastFunction = 'least'
  readonly greatestFunction = 'greatest'
  readonly maxParameters = 32_000
  readonly indexHint = (index: string): string => ` force index (${index})`
  readonly writers = 'many'
  readonly rowLock = ' for update'
  readonly rowLockSkipping = ' for update skip locked'
  readonly nowMs = 'cast(unix_timestamp(current_timestamp(3)) * 1000 as signed)'
  readonly analyse = null
  readonly tableNames = 'select table_name as name from information_schema.tables where table_schema = database()'
  readonly undoesSchemaChanges = false
  readonly isAlreadyThere = saysAlreadyThere

  // biome-ignore lint/suspicious/noExplicitAny: it asks about the server, whatever the schema.
  readonly readColumnTypes = async (db: Kysely<any>): Promise<ColumnTypes> => {
    const { rows } = await sql<{ name: string }>`select collation_name as name from information_schema.collations
      where collation_name in ('utf8mb4_0900_bin', 'utf8mb4_nopad_bin')`.execute(db)
    // MySQL 8 has the former, MariaDB the latter. Both compare bytes and do not ignore spaces at the end.
    const name = rows.map((row) => row.name).sort()[0]
    if (name === undefined) throw new Error('The server has no collation that compares text byte by byte')
    return mysqlTypes(name)
  }

  // biome-ignore lint/suspicious/noExplicitAny: a migration runs against a schema that the types of today do not describe.
  readonly takeSchemaLock = async (db: Kysely<any>): Promise<() => Promise<void>> => {
    await sql.raw(LIFT_LIMITS).execute(db)
    await sql`select get_lock(concat('nunchi.schema.', sha1(database())), 3600)`.execute(db)
    return async () => {
      await sql`select release_lock(concat('nunchi.schema.', sha1(database())))`.execute(db)
    }
  }
}
