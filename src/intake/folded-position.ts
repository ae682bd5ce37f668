import type { Db } from '../store/database.ts'

/** The consumer of `log_position` that folds. */
export const FOLD_CONSUMER = 'fold'

/** How far one partition of the log is folded. */
export interface PartitionProgress {
  readonly partition: string
  /** Everything up to here is folded, large deliveries excepted; 0 = nothing yet. */
  readonly position: number
  /** Large deliveries that are still being folded in slices, oldest first. */
  readonly deferred: readonly number[]
}

/** The position up to which a partition is folded, large deliveries excepted; 0 = nothing yet. */
export async function readFoldedPosition(db: Db, partition: string): Promise<number> {
  return (await readPositions(db, [partition])).get(partition) ?? 0
}

/** How far each of some partitions is folded, in their order. */
export async function readProgress(db: Db, partitions: readonly string[]): Promise<readonly PartitionProgress[]> {
  // The positions are read first: a delivery that is put aside meanwhile lies behind its partition's.
  const positions = await readPositions(db, partitions)
  const waiting = await db
    .selectFrom('deferred_delivery')
    .select(['log_id', 'seq'])
    .where('log_id', 'in', partitions)
    .orderBy('seq')
    .execute()
  const deferred = Map.groupBy(waiting, (row) => row.log_id)
  return partitions.map((partition) => ({
    partition,
    position: positions.get(partition) ?? 0,
    deferred: (deferred.get(partition) ?? []).map(({ seq }) => Number(seq)),
  }))
}

/** The oldest position of each partition that folding still needs: nothing at or behind it may be trimmed. */
export async function firstNeededSeqs(db: Db, partitions: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const progress = await readProgress(db, partitions)
  return new Map(
    progress.map(({ partition, position, deferred }) => [partition, Math.min(position + 1, ...deferred.slice(0, 1))]),
  )
}

/** Whether all of a delivery is folded. */
export async function isFolded(db: Db, partition: string, seq: number): Promise<boolean> {
  if ((await readFoldedPosition(db, partition)) < seq) return false
  const waiting = await db
    .selectFrom('deferred_delivery')
    .select('seq')
    .where('log_id', '=', partition)
    .where('seq', '=', seq)
    .executeTakeFirst()
  return waiting === undefined
}

async function readPositions(db: Db, partitions: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('log_position')
    .select(['log_id', 'seq'])
    .where('log_id', 'in', partitions)
    .where('consumer', '=', FOLD_CONSUMER)
    .execute()
  return new Map(rows.map(({ log_id, seq }) => [log_id, Number(seq)]))
}
