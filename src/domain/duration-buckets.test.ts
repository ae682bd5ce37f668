import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DurationBucket, durationBucketOf, durationPercentile } from './duration-buckets.ts'

function bucketsOf(durations: readonly number[]): readonly DurationBucket[] {
  return [...Map.groupBy(durations, durationBucketOf)].map(([bucket, ms]) => ({
    bucket,
    n: ms.length,
    leastMs: Math.min(...ms),
    mostMs: Math.max(...ms),
  }))
}

test('the least and the most are exact, and a percentile is at most a bucket away from the truth', () => {
  const durations = fc.array(fc.integer({ min: 0, max: 90 * 86_400_000 }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(durations, fc.constantFrom(0.5, 0.9, 0.95, 0.99), (ms, share) => {
      const sorted = ms.toSorted((a, b) => a - b)
      const buckets = bucketsOf(ms)
      expect(durationPercentile(buckets, 0)).toBe(sorted[0])
      expect(durationPercentile(buckets, 1)).toBe(sorted.at(-1))
      const truth = sorted[Math.ceil(share * ms.length) - 1] as number
      const read = durationPercentile(buckets, share) as number
      expect(durationBucketOf(read)).toBeGreaterThanOrEqual(durationBucketOf(truth) - 1)
      expect(durationBucketOf(read)).toBeLessThanOrEqual(durationBucketOf(truth) + 1)
      if (truth >= 1000) expect(Math.abs(read - truth) / truth).toBeLessThan(0.2)
    }),
  )
})

test('longer is never in an earlier bucket, and four buckets double the duration', () => {
  for (let ms = 1; ms < 2 ** 40; ms *= 1.07) {
    expect(durationBucketOf(ms * 1.07)).toBeGreaterThanOrEqual(durationBucketOf(ms))
    if (ms >= 1000 && ms < 2 ** 34) expect(durationBucketOf(ms * 2.0001) - durationBucketOf(ms)).toBe(4)
  }
})

test('of nothing there is no percentile', () => {
  expect(durationPercentile([], 0.5)).toBeNull()
})
