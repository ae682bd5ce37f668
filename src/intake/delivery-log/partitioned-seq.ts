import { createHash } from 'node:crypto'

/** The distance between neighbouring positions of one partition, and therefore the most partitions that a log can have. */
export const SEQ_STEP = 1024

/** The position of the `n`-th delivery (from 1) of a partition: unique in the whole log, and it tells its partition. */
export function seqOf(n: number, partitionIndex: number): number {
  return n * SEQ_STEP + partitionIndex
}

/** Which delivery of its partition has a position: the `n` of `seqOf`. Of 0, the beginning of every partition, 0. */
export function countOfSeq(seq: number): number {
  return Math.floor(seq / SEQ_STEP)
}

/** The index of the partition that a position belongs to. */
export function partitionIndexOfSeq(seq: number): number {
  return seq % SEQ_STEP
}

/** The names of the partitions of a log, by index. */
export function partitionNames(logId: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${logId}/${index}`)
}

/** The index of the partition that deliveries with this key go to: always the same one for the same count. */
export function partitionIndexOfKey(key: string, count: number): number {
  return count === 1 ? 0 : createHash('sha1').update(key).digest().readUInt32BE(0) % count
}
