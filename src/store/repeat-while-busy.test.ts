import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DatabaseError, type DatabaseFault } from './dialects/database-error.ts'
import { repeatWhileBusy } from './repeat-while-busy.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

async function triesOf(fault: DatabaseFault, eachTakesMs: number): Promise<number> {
  let tries = 0
  const work = async () => {
    tries++
    await new Promise((resolve) => setTimeout(resolve, eachTakesMs))
    throw new DatabaseError('no', { fault })
  }
  const ended = expect(repeatWhileBusy(work)).rejects.toThrow('no')
  await vi.advanceTimersByTimeAsync(120_000)
  await ended
  return tries
}

test('what is busy is tried a dozen times', async () => {
  expect(await triesOf('busy', 1)).toBe(12)
})

test('but not for much longer than ten seconds, however long each try waits for a lock', async () => {
  expect(await triesOf('busy', 3000)).toBe(4)
})

test('anything else is tried once: the outcome may be unknown, or the same again', async () => {
  for (const fault of ['unavailable', 'unique', 'other'] as const) expect(await triesOf(fault, 1)).toBe(1)
})
