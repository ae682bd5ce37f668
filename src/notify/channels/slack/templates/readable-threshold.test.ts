import { expect, test } from 'vitest'
import { readableThreshold } from './readable-threshold.ts'

const thresholds: readonly [threshold: string, metric: string, unit: string | undefined, text: string, why: string][] =
  [
    ['80.0', 'CPUUtilization', undefined, '80%', 'a percentage'],
    ['99.95', 'BufferCacheHitRatio', undefined, '99.95%', 'a percentage by another name'],
    ['268435456', 'FreeableMemory', undefined, '256 MiB', 'bytes'],
    ['1e9', 'FreeStorageSpace', undefined, '953.67 MiB', 'bytes in the form of a double'],
    ['1000', 'DatabaseConnections', undefined, '1,000', 'a count'],
    ['0.02', 'ReadLatency', undefined, '0.02 s', 'seconds'],
    ['200', 'AuroraReplicaLag', undefined, '200 ms', 'Aurora tells its lag in milliseconds'],
    ['1048576', 'NetworkReceiveThroughput', undefined, '1 MiB/s', 'bytes a second'],
    ['-5', 'CPUCreditBalance', undefined, '-5', 'below nothing'],
    ['5', 'CPUUtilization', 'Count', '5', 'the unit goes before the name of the metric'],
    ['90', 'my_metric', 'Percent', '90%', 'a metric of their own with a unit of CloudWatch'],
    ['80%', 'CPUUtilization', undefined, '80%', 'it says so already'],
    ['> 5 for 10m', 'x', undefined, '> 5 for 10m', 'words stay words'],
    ['1e999', 'CPUUtilization', undefined, '1e999', 'no number that can be told'],
    ['', 'CPUUtilization', undefined, '', 'nothing'],
  ]
for (const [threshold, metric, unit, text, why] of thresholds) {
  test(`${threshold} of ${metric} in ${unit ?? 'no unit'} is ${text} (${why})`, () => {
    expect(readableThreshold(threshold, metric, unit)).toBe(text)
  })
}
