import type { Db } from '../../../store/database.ts'
import {
  type Delivery,
  type DeliveryLog,
  type DeliverySummary,
  type ListRequest,
  type LogStats,
  LogUnavailableError,
  type StoredDelivery,
  type TrimRequest,
} from '../delivery-log.ts'
import { partitionIndexOfSeq, SEQ_STEP, seqOf } from '../partitioned-seq.ts'
import { AppendLane, type AppendLaneOptions } from './append-lane.ts'
import { appendPacked, packDeliveries } from './table-append-repository.ts'
import { readCounters } from './table-counter-queries.ts'
import { openTablePartitions } from './table-identity-repository.ts'
import { listDeliveries, readDelivery } from './table-log-queries.ts'
import { trimStep } from './table-trim-repository.ts'

/** Storing a large body takes a while: it has a commit of its own, which small ones need not wait for. */
const LARGE_BYTES = 1024 * 1024
const MOST_WAITING_BYTES = 192 * 1024 * 1024
const MOST_DELIVERIES = 1000
/** A sender has its answer before it gives up by itself. */
const PATIENCE_MS = 7500

/**
 * The delivery log as tables of the main database, for several nodes. What arrives at a node while a commit is under way joins
 * the next one, over all partitions. The counter of a partition is locked from the moment it gives numbers until the commit:
 * numbers have no gaps, and nobody who reads in their order can pass one by that becomes visible later.
 */
export class TableLog implements DeliveryLog {
  readonly partitions: readonly string[]
  readonly #db: Db
  readonly #small: AppendLane
  readonly #large: AppendLane

  private constructor(db: Db, partitions: readonly string[], patienceMs: number) {
    this.#db = db
    this.partitions = partitions
    const lane = { commit: this.#commit, mostBytes: MOST_WAITING_BYTES, patienceMs }
    this.#small = new AppendLane({ ...lane, mostDeliveries: MOST_DELIVERIES })
    this.#large = new AppendLane({ ...lane, mostDeliveries: 1 })
  }

  /** The log in the database behind `db`, which stays its owner's to close; an append waits `patienceMs` for it. Throws what is wrong with it. */
  static async open(db: Db, partitionCount: number, patienceMs = PATIENCE_MS): Promise<TableLog> {
    return new TableLog(db, await openTablePartitions(db, partitionCount), patienceMs)
  }

  partitionOf(seq: number): string {
    return this.partitions[partitionIndexOfSeq(seq)] ?? ''
  }

  append(delivery: Delivery): Promise<number> {
    return delivery.body.length > LARGE_BYTES ? this.#large.append(delivery) : this.#small.append(delivery)
  }

  async get(seq: number): Promise<StoredDelivery | null> {
    return await available(() => readDelivery(this.#db, seq))
  }

  async list(request: ListRequest): Promise<readonly DeliverySummary[]> {
    return await available(() => listDeliveries(this.#db, request))
  }

  async trim(request: TrimRequest): Promise<number> {
    return await available(() => trimStep(this.#db, this.partitions, request))
  }

  async stats(): Promise<LogStats> {
    const counters = await available(() => readCounters(this.#db))
    const sum = (of: (counter: (typeof counters)[number]) => number): number =>
      counters.reduce((total, counter) => total + of(counter), 0)
    return {
      partitions: counters.map(({ index, lastCount }) => ({
        partition: this.partitions[index] as string,
        lastSeq: lastCount === 0 ? 0 : seqOf(lastCount, index),
      })),
      seqStep: SEQ_STEP,
      deliveries: sum(({ lastCount, trimmedCount }) => lastCount - trimmedCount),
      storedBytes: sum(({ storedBytes }) => storedBytes),
    }
  }

  /** All partitions are in the one database: that answers, or this rejects. */
  async check(): Promise<readonly []> {
    await available(() => readCounters(this.#db))
    return []
  }

  /** Stores what waits; the database handle stays open. */
  async close(): Promise<void> {
    await Promise.all([this.#small.close(), this.#large.close()])
  }

  readonly #commit: AppendLaneOptions['commit'] = async (deliveries) =>
    await appendPacked(this.#db, await packDeliveries(deliveries, this.partitions.length))
}

async function available<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new LogUnavailableError(error instanceof Error ? error.message : String(error), error)
  }
}
