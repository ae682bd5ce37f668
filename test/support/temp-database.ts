import { join } from 'node:path'
import { type Db, databaseLocation, migratable, openDatabase } from '../../src/store/database.ts'
import { migrateToLatest } from '../../src/store/migrate.ts'
import { makeTempFolder } from './temp-folder.ts'

/** A migrated SQLite database of one test, served in this thread. */
export interface TempDatabase {
  readonly db: Db
  readonly path: string
  /** A second handle on the same file, as another thread has it. */
  readonly openAnother: () => Db
  readonly close: () => Promise<void>
}

/** Makes an empty database with the newest schema in a temporary folder. */
export async function makeTempDatabase(): Promise<TempDatabase> {
  const folder = makeTempFolder('database')
  const path = join(folder.path, 'nunchi.db')
  const location = databaseLocation(`sqlite:${path}`)
  const handles = [openDatabase(location)]
  const db = handles[0] as Db
  await migrateToLatest(migratable(db))
  const openAnother = (): Db => {
    const other = openDatabase(location)
    handles.push(other)
    return other
  }
  const close = async (): Promise<void> => {
    for (const handle of handles) await handle.destroy()
    folder.remove()
  }
  return { db, path, openAnother, close }
}
