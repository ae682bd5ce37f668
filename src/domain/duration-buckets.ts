/** One bucket of a histogram of durations: those from its lower bound to the next bucket's. */
export interface DurationBucket {
  readonly bucket: number
  readonly n: number
  readonly leastMs: number
  readonly mostMs: number
}

/** Four buckets double the duration, so a percentile read from them is at most 19 % off, and half of that as a rule. */
const PER_DOUBLING = 4
const FIRST_MS = 1000
/** 2^30 seconds are 34 years. */
const LAST_BUCKET = PER_DOUBLING * 30

/** The bucket of a duration: 0 below one second, then four for each doubling. */
export function durationBucketOf(ms: number): number {
  if (ms < FIRST_MS) return 0
  return Math.min(LAST_BUCKET, 1 + Math.floor(PER_DOUBLING * Math.log2(ms / FIRST_MS)))
}

function lowerBoundMs(bucket: number): number {
  return bucket === 0 ? 0 : FIRST_MS * 2 ** ((bucket - 1) / PER_DOUBLING)
}

/**
 * The duration that a share (0–1) of all did not exceed, read from their buckets: exact at both ends, within a bucket
 * evenly spread between the least and the most that were seen in it. Null where there are none.
 */
export function durationPercentile(buckets: readonly DurationBucket[], share: number): number | null {
  const sorted = buckets.filter(({ n }) => n > 0).sort((a, b) => a.bucket - b.bucket)
  const total = sorted.reduce((sum, { n }) => sum + n, 0)
  if (total === 0) return null
  let before = 0
  for (const { bucket, n, leastMs, mostMs } of sorted) {
    if (before + n >= share * total) {
      const from = Math.max(leastMs, lowerBoundMs(bucket))
      const to = Math.max(from, Math.min(mostMs, lowerBoundMs(bucket + 1)))
      return Math.round(from + (to - from) * Math.max(0, (share * total - before) / n))
    }
    before += n
  }
  return sorted.at(-1)?.mostMs ?? null
}
