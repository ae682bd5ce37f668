import type { DeliveryReaders } from '../delivery-log.ts'
import { wakeSubject } from './nats-names.ts'
import type { NatsSession } from './nats-session.ts'
import { PartitionReader } from './partition-reader.ts'
import type { StreamLocation } from './stream-location.ts'
import type { StreamPartition } from './stream-partition.ts'

interface ReadersParts {
  readonly session: NatsSession
  readonly location: StreamLocation
  readonly partitions: readonly StreamPartition[]
}

/** The partitions of a log on JetStream, for those who fold. They are woken by the nodes that append, and by what their own readers are given. */
export function openReaders({ session, location, partitions }: ReadersParts): DeliveryReaders {
  const listeners = new Set<(partition: string) => void>()
  const tell = (partition: string): void => {
    for (const onAppended of [...listeners]) onAppended(partition)
  }
  session.nc.subscribe(wakeSubject(location.stream, '*'), {
    callback: (error, { subject }) => {
      const found = error ? undefined : partitions[Number(subject.slice(subject.lastIndexOf('.') + 1))]
      if (found) tell(found.partition)
    },
  })
  return {
    partitions: partitions.map(({ partition }) => partition),
    open: (partition) => {
      const stream = partitions.find((one) => one.partition === partition)
      if (!stream) throw new Error(`The log has no partition ${partition}.`)
      return new PartitionReader(stream, () => tell(partition))
    },
    watch: (onAppended) => {
      listeners.add(onAppended)
      return () => listeners.delete(onAppended)
    },
    close: () => session.close(),
  }
}
