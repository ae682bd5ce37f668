import { expect, test } from 'vitest'
import { LONGEST_NAME } from './column-types.ts'
import { fitName } from './fit-name.ts'

test('a short text stays as it is', () => {
  expect([fitName(''), fitName('api'), fitName('x'.repeat(250))]).toEqual(['', 'api', 'x'.repeat(250)])
})

test('a long one is cut to what every engine stores, never between the halves of a sign', () => {
  for (const text of ['x'.repeat(10_000), '🔥'.repeat(10_000), `x${'🔥'.repeat(10_000)}`]) {
    const fitted = fitName(text)
    expect(fitted.length).toBeLessThanOrEqual(LONGEST_NAME)
    expect(fitted.length).toBeGreaterThanOrEqual(249)
    expect(fitted.isWellFormed()).toBe(true)
    expect(text.startsWith(fitted)).toBe(true)
  }
})
