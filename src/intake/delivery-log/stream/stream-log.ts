import type { NewId } from '../../../store/new-id.ts'
import {
  type Delivery,
  type DeliveryLog,
  type DeliverySummary,
  type ListRequest,
  type LogStats,
  LogUnavailableError,
  type PartitionFault,
  type StoredDelivery,
  type TrimRequest,
} from '../delivery-log.ts'
import { countOfSeq, partitionIndexOfKey, partitionIndexOfSeq, SEQ_STEP, seqOf } from '../partitioned-seq.ts'
import { AckedPublisher } from './acked-publisher.ts'
import { checkStreams } from './check-streams.ts'
import { listStream } from './list-stream.ts'
import { wakeSubject } from './nats-names.ts'
import type { NatsSession } from './nats-session.ts'
import { StreamAppender } from './stream-appender.ts'
import type { StreamLocation } from './stream-location.ts'
import type { StreamPartition } from './stream-partition.ts'
import { trimStream } from './trim-stream.ts'

interface StreamLogParts {
  readonly session: NatsSession
  readonly location: StreamLocation
  readonly partitions: readonly StreamPartition[]
  readonly newId: NewId
}

/** More than this waiting for NATS and the intake answers 503: memory stays bounded. */
const MOST_WAITING_BYTES = 192 * 1024 * 1024
/** Others are told of appends at most this often. */
const TELL_MS = 2

/** The delivery log on NATS JetStream: a stream per partition, each acknowledged by a majority of its replicas. */
export class StreamLog implements DeliveryLog {
  readonly partitions: readonly string[]
  readonly #session: NatsSession
  readonly #prefix: string
  readonly #streams: readonly StreamPartition[]
  readonly #publisher: AckedPublisher
  readonly #appender: StreamAppender
  readonly #toTell = new Set<StreamPartition>()
  #waitingBytes = 0
  #underWay = 0
  #isClosed = false

  constructor({ session, location, partitions, newId }: StreamLogParts) {
    this.#session = session
    this.#prefix = location.stream
    this.#streams = partitions
    this.partitions = partitions.map(({ partition }) => partition)
    this.#publisher = new AckedPublisher(session)
    this.#appender = new StreamAppender({ session, publisher: this.#publisher, idPrefix: newId(Date.now()) })
    session.nc.subscribe(wakeSubject(location.stream, '*'), {
      callback: (error, message) => {
        if (!error) this.#hear(message.subject, message.string())
      },
    })
  }

  partitionOf(seq: number): string {
    return this.#streamOf(seq)?.partition ?? ''
  }

  async append(delivery: Delivery): Promise<number> {
    if (this.#isClosed) throw new LogUnavailableError('it is closed')
    const { length } = delivery.body
    if (this.#waitingBytes + length > MOST_WAITING_BYTES && this.#waitingBytes > 0)
      throw new LogUnavailableError('too much is waiting for NATS')
    const stream = this.#streams[partitionIndexOfKey(delivery.partitionKey, this.#streams.length)] as StreamPartition
    this.#waitingBytes += length
    this.#underWay++
    try {
      const n = await this.#appender.append(stream, delivery)
      this.#tell(stream)
      return seqOf(n, stream.index)
    } finally {
      this.#waitingBytes -= length
      this.#underWay--
    }
  }

  async get(seq: number): Promise<StoredDelivery | null> {
    return (await this.#streamOf(seq)?.delivery(countOfSeq(seq))) ?? null
  }

  async list(request: ListRequest): Promise<readonly DeliverySummary[]> {
    return await listStream(this.#streams, request)
  }

  async trim(request: TrimRequest): Promise<number> {
    return await trimStream(this.#streams, request)
  }

  async stats(): Promise<LogStats> {
    const each = await Promise.all(this.#streams.map(statsOf))
    return {
      partitions: each.map(({ partition, lastSeq }) => ({ partition, lastSeq })),
      seqStep: SEQ_STEP,
      deliveries: each.reduce((sum, { deliveries }) => sum + deliveries, 0),
      storedBytes: each.reduce((sum, { bytes }) => sum + bytes, 0),
    }
  }

  async check(): Promise<readonly PartitionFault[]> {
    return await checkStreams(this.#streams)
  }

  /** Waits for the answers that are under way, for as long as an append may take. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    while (this.#underWay > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    this.#publisher.close()
    await this.#session.close()
  }

  #streamOf(seq: number): StreamPartition | undefined {
    return this.#streams[partitionIndexOfSeq(seq)]
  }

  /** Another node, or this one, was given a place. */
  #hear(subject: string, place: string): void {
    const stream = this.#streams[Number(subject.slice(subject.lastIndexOf('.') + 1))]
    if (stream) stream.highest = Math.max(stream.highest, Number(place) || 0)
  }

  #tell(stream: StreamPartition): void {
    if (this.#toTell.size === 0) setTimeout(() => this.#tellAll(), TELL_MS)
    this.#toTell.add(stream)
  }

  #tellAll(): void {
    const streams = [...this.#toTell]
    this.#toTell.clear()
    // Without a connection they hear of it by reading: what is not told costs time, nothing else.
    if (!this.#session.isConnected) return
    for (const { index, highest } of streams)
      this.#session.nc.publish(wakeSubject(this.#prefix, index), String(highest))
  }
}

interface PartitionStats {
  readonly partition: string
  readonly lastSeq: number
  readonly deliveries: number
  readonly bytes: number
}

async function statsOf(stream: StreamPartition): Promise<PartitionStats> {
  const { last, bytes, countBySubject } = await stream.extent(stream.names.everything)
  let deliveries = 0
  let others = 0
  for (const [subject, count] of Object.entries(countBySubject))
    if (stream.isDelivery(subject)) deliveries += count
    else others += count
  // The newest message may be a part of what is no delivery yet.
  const place = others === 0 ? last : ((await stream.lastDeliveryPlace()) ?? last)
  const lastSeq = place === 0 ? 0 : seqOf(place, stream.index)
  return { partition: stream.partition, lastSeq, deliveries, bytes }
}
