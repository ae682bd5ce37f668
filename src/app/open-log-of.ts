import type { DeliveryLog } from '../intake/delivery-log/delivery-log.ts'
import type { LogLocation } from '../intake/delivery-log/log-location.ts'
import { openDeliveryLog } from '../intake/delivery-log/open-log.ts'
import { type DatabaseLocation, type Db, openDatabase } from '../store/database.ts'
import type { SpawnThread } from '../store/dialects/sqlite/sqlite-thread.ts'

/** One commit after another, one large body beside it, and what people look at meanwhile. */
const LOG_POOL_SIZE = 4

/** A log, and what ends it together with the connections that are its own. */
export interface OpenLog {
  readonly log: DeliveryLog
  readonly close: () => Promise<void>
}

/**
 * The delivery log of the thread that answers HTTP. On a database server it has connections of its own, so that queries of people
 * never keep a sender waiting. Rejects with what is wrong with it.
 */
export async function openLogOf(parts: {
  readonly location: LogLocation
  readonly database: DatabaseLocation
  readonly db: Db
  readonly spawn: SpawnThread
}): Promise<OpenLog> {
  const { location, database, db, spawn } = parts
  const own =
    location.kind === 'database' && database.kind !== 'sqlite'
      ? openDatabase({ ...database, poolSize: LOG_POOL_SIZE })
      : null
  try {
    const log = await openDeliveryLog(location, { db: own ?? db, spawn })
    const close = async (): Promise<void> => {
      await log.close()
      await own?.destroy()
    }
    return { log, close }
  } catch (error) {
    await own?.destroy()
    throw error
  }
}
