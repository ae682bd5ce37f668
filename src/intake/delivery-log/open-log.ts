import type { Db } from '../../store/database.ts'
import type { SpawnThread } from '../../store/dialects/sqlite/sqlite-thread.ts'
import { createNewId } from '../../store/new-id.ts'
import { readFoldedPosition } from '../folded-position.ts'
import type { DeliveryLog, DeliveryReaders } from './delivery-log.ts'
import { EmbeddedLog } from './embedded/embedded-log.ts'
import { openEmbeddedReaders } from './embedded/embedded-readers.ts'
import type { LogLocation } from './log-location.ts'
import { openStreamLog, openStreamReaders } from './stream/open-stream-log.ts'
import { TableLog } from './table/table-log.ts'
import { openTableReaders } from './table/table-readers.ts'

export interface LogDeps {
  /** The main database, for the log that is kept in it; closed by its owner, after the log. */
  readonly db: Db
  readonly spawn: SpawnThread
}

/** Opens a log for those who take in, which makes it where it is missing. Rejects with what is wrong with it. */
export async function openDeliveryLog(location: LogLocation, { db, spawn }: LogDeps): Promise<DeliveryLog> {
  switch (location.kind) {
    case 'embedded':
      return await openEmbeddedLog(location.path, { db, spawn })
    case 'database':
      return await TableLog.open(db, location.partitions)
    case 'stream':
      return await openStreamLog(location, createNewId())
  }
}

/**
 * A file that is older than the database, as after a restore, would number what comes next like what was folded long ago, and nobody
 * would ever fold it.
 */
async function openEmbeddedLog(path: string, { db, spawn }: LogDeps): Promise<DeliveryLog> {
  const log = await EmbeddedLog.open(path, spawn)
  try {
    await log.countOnBehind(await readFoldedPosition(db, log.partitionOf()))
    return log
  } catch (error) {
    await log.close()
    throw error
  }
}

/** Opens a log for those who fold. Rejects with what is wrong with it. */
export async function openDeliveryReaders(
  location: LogLocation,
  { db }: Pick<LogDeps, 'db'>,
): Promise<DeliveryReaders> {
  switch (location.kind) {
    case 'embedded':
      return openEmbeddedReaders(location.path)
    case 'database':
      return await openTableReaders(db, location.partitions)
    case 'stream':
      return await openStreamReaders(location, createNewId())
  }
}
