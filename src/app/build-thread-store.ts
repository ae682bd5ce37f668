import type { Logger } from 'pino'
import { createDatabaseThreadStore } from '../notify/threads/database-thread-store.ts'
import { openFileThreadStore } from '../notify/threads/file-thread-store.ts'
import { openRedisThreadStore } from '../notify/threads/redis-thread-store.ts'
import type { ThreadStore } from '../notify/threads/thread-store.ts'
import type { Db } from '../store/database.ts'
import type { ThreadsData } from './engine-data.ts'

/** Opens the thread store that the configuration names. Throws with the remedy when the file cannot be used. */
export async function openThreadStore(
  threads: ThreadsData,
  deps: { readonly db: Db; readonly tenantId: string; readonly now: () => number; readonly logger: Logger },
): Promise<ThreadStore> {
  if (threads.store === 'file') return await openFileThreadStore(threads.path, deps)
  const database = createDatabaseThreadStore(deps)
  return threads.store === 'redis' ? await openRedisThreadStore(threads, { database, logger: deps.logger }) : database
}
