import { describe, expect, test } from 'vitest'
import { formatDuration, formatSize, parseDuration, parseSize } from './parse-units.ts'

describe('durations', () => {
  const cases: readonly [text: string, expected: number | string, why: string][] = [
    ['500ms', 500, 'milliseconds are not minutes'],
    ['90s', 90_000, 'seconds'],
    ['1h30m', 5_400_000, 'units may follow one another'],
    ['1.5h', 5_400_000, 'fractions are fine'],
    ['2w', 1_209_600_000, 'weeks'],
    ['0', 0, 'nothing needs no unit'],
    ['15', 'is `15`, which has no unit', 'a bare number could be anything'],
    ['-5s', 'is `-5s`, but a duration cannot be negative', 'time does not run backwards'],
    ['5 m', 'is `5 m`, which is not a duration', 'no spaces'],
    ['5M', 'is `5M`, which is not a duration', 'months and minutes must not be mixed up'],
    ['200000d', 'is `200000d`, which is longer than 100 years', 'timers and dates would overflow'],
    ['', 'is ``, which is not a duration', 'empty'],
  ]
  for (const [text, expected, why] of cases) {
    test(`"${text}" → ${expected} (${why})`, () => {
      const parsed = parseDuration(text)
      expect(parsed.ok ? parsed.value : parsed.problem).toBe(expected)
    })
  }

  test('are written back so that they are read as the same', () => {
    for (const text of ['0s', '1ms', '90s', '10m', '1h', '14d', '1500ms']) {
      const parsed = parseDuration(text)
      expect(parsed.ok && formatDuration(parsed.value)).toBe(text)
    }
  })
})

describe('sizes', () => {
  const cases: readonly [text: string, expected: number | string, why: string][] = [
    ['64MiB', 67_108_864, 'binary units'],
    ['64MB', 64_000_000, 'decimal units are something else'],
    ['1.5KiB', 1536, 'fractions are fine'],
    ['10 GiB', 10_737_418_240, 'a space is how many write it'],
    ['1024', 'is `1024`, which has no unit', 'a bare number could be anything'],
    ['64Mi', 'is `64Mi`, which is not a size', 'half a unit'],
    ['99999999TiB', 'is `99999999TiB`, which is larger than any disk', 'not a safe integer'],
  ]
  for (const [text, expected, why] of cases) {
    test(`"${text}" → ${expected} (${why})`, () => {
      const parsed = parseSize(text)
      expect(parsed.ok ? parsed.value : parsed.problem).toBe(expected)
    })
  }

  test('are written back so that they are read as the same', () => {
    for (const text of ['0B', '1B', '512KiB', '64MiB', '10GiB', '1500B']) {
      const parsed = parseSize(text)
      expect(parsed.ok && formatSize(parsed.value)).toBe(text)
    }
  })
})
