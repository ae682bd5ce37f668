import type { LogStats } from './delivery-log/delivery-log.ts'
import type { PartitionProgress } from './folded-position.ts'

/** How many deliveries of each partition are stored and not yet folded; where positions have gaps, at most so many. */
export function partitionLags(
  { partitions, seqStep }: Pick<LogStats, 'partitions' | 'seqStep'>,
  progress: readonly PartitionProgress[],
): ReadonlyMap<string, number> {
  const positions = new Map(progress.map(({ partition, position }) => [partition, position]))
  return new Map(
    partitions.map(({ partition, lastSeq }) => {
      const behind = lastSeq - (positions.get(partition) ?? 0)
      return [partition, Math.max(0, Math.ceil(behind / seqStep))]
    }),
  )
}
