import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Config } from '../app/config/config-shape.ts'
import { locateDatabase } from '../app/locate-database.ts'
import { type Db, openDatabase } from '../store/database.ts'
import { explainFault } from './explain-fault.ts'

/** Whether the database of a configuration may be there: on a server only asking can tell. */
export function databaseExists(config: Config): boolean {
  return config.database.kind !== 'sqlite' || existsSync(config.database.path)
}

/** Does `work` with the database of a configuration and closes it. A usual fault becomes a `CliFailure`. */
export async function withDatabase<T>(config: Config, work: (db: Db) => Promise<T>): Promise<T> {
  let db: Db | null = null
  try {
    const location = locateDatabase(config.database)
    if (location.kind === 'sqlite') mkdirSync(dirname(location.path), { recursive: true })
    db = openDatabase(location)
    return await work(db)
  } catch (error) {
    throw explainFault(error, config) ?? error
  } finally {
    await db?.destroy()
  }
}
