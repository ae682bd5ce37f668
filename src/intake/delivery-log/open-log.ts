import type { SpawnThread } from '../../store/dialects/sqlite/sqlite-thread.ts'
import type { DeliveryLog, DeliveryReaders } from './delivery-log.ts'
import { EmbeddedLog } from './embedded/embedded-log.ts'
import { openEmbeddedReaders } from './embedded/embedded-readers.ts'
import type { LogLocation } from './log-location.ts'

/** Opens a log for those who take in, which creates it where it is missing. Rejects with what is wrong with it. */
export async function openDeliveryLog(
  location: LogLocation,
  { spawn }: { readonly spawn: SpawnThread },
): Promise<DeliveryLog> {
  return await EmbeddedLog.open(location.path, spawn)
}

/** Opens a log for those who fold. Rejects with what is wrong with it. */
export async function openDeliveryReaders(location: LogLocation): Promise<DeliveryReaders> {
  return openEmbeddedReaders(location.path)
}
