import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupDigits, stableCount } from './stable-count.ts'

const counts: readonly [count: number, text: string][] = [
  [0, '0'],
  [99, '99'],
  [100, '~100'],
  [101, '~100'],
  [119, '~110'],
  [1_234, '~1,200'],
  [3_456, '~3,400'],
  [99_999, '~99,000'],
  [1_000_000, '~1,000,000'],
]
for (const [count, text] of counts) {
  test(`${count} is ${text}`, () => expect(stableCount(count)).toBe(text))
}

test('a storm of 100,000 alerts has fewer than 400 different counts', () => {
  const texts = new Set(Array.from({ length: 100_000 }, (_, count) => stableCount(count)))
  expect(texts.size).toBeLessThan(400)
})

test('a smaller number never has the greater count, so that no more fires than there is', () => {
  const numberIn = (text: string) => Number(text.replace(/[~,]/g, ''))
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (a, b) => {
      expect(numberIn(stableCount(Math.min(a, b)))).toBeLessThanOrEqual(numberIn(stableCount(Math.max(a, b))))
    }),
  )
})

test('digits are grouped by three', () => {
  expect([999, 1_000, 1_234_567].map(groupDigits)).toEqual(['999', '1,000', '1,234,567'])
})
