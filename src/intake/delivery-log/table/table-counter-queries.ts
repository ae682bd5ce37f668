import type { Db } from '../../../store/database.ts'

/** What is known of a partition without looking at its deliveries. */
export interface PartitionCounter {
  readonly index: number
  /** How many deliveries it ever took… */
  readonly lastCount: number
  /** …and how many of them, the oldest, were forgotten. */
  readonly trimmedCount: number
  readonly storedBytes: number
}

/** One look at all partitions, in their order. Throws what the database throws. */
export async function readCounters(db: Db): Promise<readonly PartitionCounter[]> {
  const rows = await db.selectFrom('delivery_partition').selectAll().orderBy('partition_index').execute()
  return rows.map((row) => ({
    index: row.partition_index,
    lastCount: Number(row.last_count),
    trimmedCount: Number(row.trimmed_count),
    storedBytes: Number(row.stored_bytes),
  }))
}
