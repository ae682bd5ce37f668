import type { NewId } from '../../../store/new-id.ts'
import type { DeliveryLog, DeliveryReaders } from '../delivery-log.ts'
import { NatsSession } from './nats-session.ts'
import { openPartitions } from './open-partitions.ts'
import type { StreamLocation } from './stream-location.ts'
import { StreamLog } from './stream-log.ts'
import { StreamPartition } from './stream-partition.ts'
import { openReaders } from './stream-readers.ts'

/** Opens the log on JetStream for those who take in, and makes its streams where they are missing. Rejects with LogUnavailableError. */
export async function openStreamLog(location: StreamLocation, newId: NewId): Promise<DeliveryLog> {
  const { session, partitions } = await openStreams(location, newId)
  return new StreamLog({ session, location, partitions, newId })
}

/** Opens it for those who fold, through a connection of their own. Rejects with LogUnavailableError. */
export async function openStreamReaders(location: StreamLocation, newId: NewId): Promise<DeliveryReaders> {
  const { session, partitions } = await openStreams(location, newId)
  return openReaders({ session, location, partitions })
}

interface OpenStreams {
  readonly session: NatsSession
  readonly partitions: readonly StreamPartition[]
}

async function openStreams(location: StreamLocation, newId: NewId): Promise<OpenStreams> {
  const session = await NatsSession.open(location)
  try {
    const opened = await openPartitions(session, location, newId)
    return { session, partitions: opened.map((partition) => new StreamPartition(session, partition)) }
  } catch (error) {
    await session.close()
    throw error
  }
}
