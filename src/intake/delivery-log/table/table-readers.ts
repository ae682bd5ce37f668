import type { Db } from '../../../store/database.ts'
import type { DeliveryReader, DeliveryReaders } from '../delivery-log.ts'
import { CounterWatch } from './counter-watch.ts'
import { findTablePartitions, openTablePartitions } from './table-identity-repository.ts'
import { readDeliveries, readDelivery } from './table-log-queries.ts'

/** Reads the log in the database behind `db`, which stays its owner's to close. Throws what is wrong with it. */
export async function openTableReaders(db: Db, partitionCount: number): Promise<DeliveryReaders> {
  return readersOf(db, await openTablePartitions(db, partitionCount))
}

/** The same for a log that is there already; null where none is. Throws what the database throws. */
export async function findTableReaders(db: Db): Promise<DeliveryReaders | null> {
  const partitions = await findTablePartitions(db)
  return partitions && readersOf(db, partitions)
}

function readersOf(db: Db, partitions: readonly string[]): DeliveryReaders {
  const watch = new CounterWatch(db, partitions)
  return {
    partitions,
    open: (partition) => readerOf(db, partition, partitions.indexOf(partition)),
    watch: (onAppended) => watch.add(onAppended),
    close: () => watch.close(),
  }
}

function readerOf(db: Db, partition: string, index: number): DeliveryReader {
  if (index < 0) throw new Error(`This log has no partition ${partition}`)
  return {
    partition,
    read: (after, limit) => readDeliveries(db, index, { after, limit }),
    get: (seq) => readDelivery(db, seq),
    close: async () => undefined,
  }
}
