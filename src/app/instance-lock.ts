import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Two programs on one data folder would both tell every incident. */
export class DataFolderInUseError extends Error {
  constructor(dataDir: string) {
    super(
      `Another Nunchi is running on the data folder ${dataDir}. Stop it first, or set NUNCHI_DATA_DIR to another folder.`,
    )
    this.name = 'DataFolderInUseError'
  }
}

const SQLITE_BUSY = 5

/**
 * Takes the data folder for this process; answers how to give it back. The lock is the operating system's, held
 * through SQLite: it ends with the process, however that ends, so no stale file ever has to be removed.
 */
export function lockDataFolder(dataDir: string): () => void {
  const lock = new DatabaseSync(join(dataDir, 'instance.lock'))
  try {
    lock.exec('pragma busy_timeout = 2000; pragma locking_mode = exclusive; begin exclusive; commit')
  } catch (error) {
    lock.close()
    throw (error as { errcode?: number }).errcode === SQLITE_BUSY ? new DataFolderInUseError(dataDir) : error
  }
  return () => lock.close()
}
