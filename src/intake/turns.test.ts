import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

test('no more work than allowed is under way, and who comes first is first', async () => {
  const turns = new Turns(2)
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  const begun: number[] = []
  const all = ends.map(({ promise }, i) =>
    turns.take(async () => {
      begun.push(i)
      await promise
    }),
  )
  await new Promise((resolve) => setImmediate(resolve))
  expect(begun).toEqual([0, 1])
  ends[1]?.resolve()
  await all[1]
  await new Promise((resolve) => setImmediate(resolve))
  expect(begun).toEqual([0, 1, 2])
  for (const { resolve } of ends) resolve()
  await Promise.all(all)
  expect(begun).toEqual([0, 1, 2, 3, 4])
})

test('a turn that fails is over like any other', async () => {
  const turns = new Turns(1)
  await expect(turns.take(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await turns.take(async () => 7)).toBe(7)
})
