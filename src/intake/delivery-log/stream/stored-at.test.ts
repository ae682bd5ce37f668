import { expect, test } from 'vitest'
import { storedAt } from './stored-at.ts'

test.each([
  ['1795648258309123456', '2026-11-25T23:10:58.309123456Z'],
  ['1795648258000000001', '2026-11-25T23:10:58.000000001Z'],
  ['1795648258300000000', '2026-11-25T23:10:58.3Z'],
  ['1795648258000000000', '2026-11-25T23:10:58Z'],
])('%s and %s are the same moment', (nanos, text) => {
  expect(storedAt(nanos)).toBe(storedAt(text))
  expect(Math.floor(storedAt(nanos))).toBe(Date.parse(text))
})

test('messages of one millisecond keep their order', () => {
  expect(storedAt('1795648258309123456')).toBeLessThan(storedAt('1795648258309125456'))
  expect(storedAt('2026-11-25T23:10:58.309123456Z')).toBeLessThan(storedAt('2026-11-25T23:10:58.309125Z'))
})
