import { expect, test } from 'vitest'
import { roundedCount } from './rounded-count.ts'

const cases: readonly [count: number, told: number, why: string][] = [
  [0, 0, 'nothing is nothing'],
  [99, 99, 'small counts are exact'],
  [100, 100, 'the first rounded count is itself'],
  [109, 100, 'two leading digits'],
  [110, 110, 'the next step is told'],
  [1_234, 1_200, 'two leading digits'],
  [99_999, 99_000, 'never more than there is'],
  [100_000, 100_000, 'a new digit keeps two leading ones'],
]

for (const [count, told, why] of cases)
  test(`${count} is told as ${told} (${why})`, () => expect(roundedCount(count)).toBe(told))
