import { join } from 'node:path'
import { type DatabaseLocation, type Db, databaseLocation, openDatabase } from '../../src/store/database.ts'
import { makeFreshDatabase } from './fresh-database.ts'
import { migrateDatabase } from './migrate-database.ts'
import { makeTempFolder } from './temp-folder.ts'

/** A migrated database of one test, on the engine of the run; SQLite is served in this thread. */
export interface TempDatabase {
  readonly db: Db
  readonly location: DatabaseLocation
  /** A second handle on the same database, as another thread or another node has it. */
  readonly openAnother: () => Db
  readonly close: () => Promise<void>
}

/** Makes an empty database with the newest schema. */
export async function makeTempDatabase(): Promise<TempDatabase> {
  const { location, remove } = await makeLocation()
  const handles = [openDatabase(location)]
  const openAnother = (): Db => {
    const other = openDatabase(location)
    handles.push(other)
    return other
  }
  const close = async (): Promise<void> => {
    for (const handle of handles) await handle.destroy()
    await remove()
  }
  return { db: handles[0] as Db, location, openAnother, close }
}

async function makeLocation(): Promise<{ readonly location: DatabaseLocation; readonly remove: () => Promise<void> }> {
  const fresh = await makeFreshDatabase()
  if (fresh !== null) return { location: databaseLocation(fresh.url), remove: fresh.drop }
  const folder = makeTempFolder('database')
  const url = `sqlite:${join(folder.path, 'nunchi.db')}`
  await migrateDatabase(url)
  return { location: databaseLocation(url), remove: async () => folder.remove() }
}
