import { databaseLocation, migratable, openDatabase } from '../../src/store/database.ts'
import { migrateToLatest } from '../../src/store/migrate.ts'

/** Brings the database of a DATABASE_URL to the newest schema and lets go of it. */
export async function migrateDatabase(url: string): Promise<void> {
  const db = openDatabase(databaseLocation(url))
  try {
    await migrateToLatest(migratable(db))
  } finally {
    await db.destroy()
  }
}
