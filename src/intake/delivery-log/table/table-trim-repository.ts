import { sql } from 'kysely'
import type { Db } from '../../../store/database.ts'
import { inTransaction } from '../../../store/transaction.ts'
import type { TrimRequest } from '../delivery-log.ts'
import { countOfSeq, seqOf } from '../partitioned-seq.ts'
import { type PartitionCounter, readCounters } from './table-counter-queries.ts'

const STEP = 500
/** Deleting a body takes time for each of its pages. */
const STEP_BYTES = 8 * 1024 * 1024
/** By size the oldest go first, whatever their partition; so much may one of them be ahead, so that a step is worth its while. */
const AHEAD_MS = 60_000

/** The oldest delivery of a partition. */
interface Head {
  readonly counter: PartitionCounter
  readonly partition: string
  readonly seq: number
  readonly receivedAt: number
}

/** Forgets one step's worth of the oldest deliveries of one partition; answers how many. Throws what the database throws. */
export async function trimStep(db: Db, partitions: readonly string[], request: TrimRequest): Promise<number> {
  const counters = await readCounters(db)
  const excess = counters.reduce((sum, { storedBytes }) => sum + storedBytes, 0) - request.mostBytes
  const heads = (await readHeads(db, partitions, counters))
    .filter(({ partition, seq }) => seq < (request.keepFrom.get(partition) ?? 0))
    .sort((a, b) => a.receivedAt - b.receivedAt)
  const [oldest, next] = heads
  if (!oldest || (oldest.receivedAt >= request.receivedBefore && excess <= 0)) return 0
  return await trimPartition(db, oldest, {
    ...request,
    excess,
    aheadUntil: (next?.receivedAt ?? Number.MAX_SAFE_INTEGER - AHEAD_MS) + AHEAD_MS,
  })
}

async function readHeads(
  db: Db,
  partitions: readonly string[],
  counters: readonly PartitionCounter[],
): Promise<readonly Head[]> {
  const filled = counters.filter(({ lastCount, trimmedCount }) => lastCount > trimmedCount)
  if (filled.length === 0) return []
  const firstSeq = ({ index, trimmedCount }: PartitionCounter): number => seqOf(trimmedCount + 1, index)
  const rows = await db
    .selectFrom('delivery')
    .select(['partition_index', 'seq', 'received_at'])
    .where((eb) =>
      eb.or(
        filled.map((counter) => eb.and([eb('partition_index', '=', counter.index), eb('seq', '=', firstSeq(counter))])),
      ),
    )
    .execute()
  const counterOf = new Map(filled.map((counter) => [counter.index, counter]))
  return rows.map((row) => ({
    counter: counterOf.get(row.partition_index) as PartitionCounter,
    partition: partitions[row.partition_index] as string,
    seq: Number(row.seq),
    receivedAt: Number(row.received_at),
  }))
}

interface StepRequest extends TrimRequest {
  /** Bytes above what may be stored. */
  readonly excess: number
  /** By size nothing that was received later goes. */
  readonly aheadUntil: number
}

interface TrimRow {
  readonly seq: number
  readonly received_at: number
  readonly segment_id: string
  readonly segment_bytes: number
}

async function trimPartition(db: Db, head: Head, request: StepRequest): Promise<number> {
  const rows = await db
    .selectFrom('delivery')
    .select(['seq', 'received_at', 'segment_id', 'segment_bytes'])
    .where('partition_index', '=', head.counter.index)
    .where('seq', '>=', head.seq)
    .orderBy('seq')
    .limit(STEP + 1)
    .execute()
  const count = Math.min(STEP, countDoomed(rows, head, request))
  const doomed = rows.slice(0, count)
  const last = doomed.at(-1)
  if (!last) return 0
  const segments = new Map(doomed.map((row) => [row.segment_id, Number(row.segment_bytes)]))
  // Those in a segment have numbers next to each other: only the last one may still be needed.
  segments.delete(rows[count]?.segment_id ?? '')
  return (await forget(db, head.counter, { lastSeq: Number(last.seq), segments })) ? count : 0
}

function countDoomed(rows: readonly TrimRow[], { partition }: Head, request: StepRequest): number {
  const keepFrom = request.keepFrom.get(partition) ?? 0
  let freed = 0
  let segmentId = ''
  const end = rows.findIndex((row) => {
    const at = Number(row.received_at)
    const isOld = at < request.receivedBefore
    const isInTheWay = freed < request.excess && at <= request.aheadUntil
    if (Number(row.seq) >= keepFrom || !(isOld || isInTheWay) || freed > STEP_BYTES) return true
    if (row.segment_id !== segmentId) freed += Number(row.segment_bytes)
    segmentId = row.segment_id
    return false
  })
  return end < 0 ? rows.length : end
}

/** False when somebody else trims this partition too and was faster: nothing was done. */
async function forget(
  db: Db,
  { index, trimmedCount }: PartitionCounter,
  { lastSeq, segments }: { readonly lastSeq: number; readonly segments: ReadonlyMap<string, number> },
): Promise<boolean> {
  const freed = [...segments.values()].reduce((sum, bytes) => sum + bytes, 0)
  try {
    await inTransaction(db, async (tx) => {
      await tx.deleteFrom('delivery').where('partition_index', '=', index).where('seq', '<=', lastSeq).execute()
      if (segments.size > 0)
        await tx
          .deleteFrom('delivery_segment')
          .where('id', 'in', [...segments.keys()])
          .execute()
      // Last, because whoever appends waits from here on.
      const { numUpdatedRows } = await tx
        .updateTable('delivery_partition')
        .set({ trimmed_count: countOfSeq(lastSeq), stored_bytes: sql<number>`stored_bytes - ${sql.lit(freed)}` })
        .where('partition_index', '=', index)
        .where('trimmed_count', '=', trimmedCount)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) throw new TrimmedElsewhereError()
    })
    return true
  } catch (error) {
    if (error instanceof TrimmedElsewhereError) return false
    throw error
  }
}

class TrimmedElsewhereError extends Error {}
