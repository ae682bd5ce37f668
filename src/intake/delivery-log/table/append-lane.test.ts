import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { deliveryOf } from '../../../../test/conformance/delivery-log.ts'
import { type Delivery, LogUnavailableError } from '../delivery-log.ts'
import { AppendLane, type AppendLaneOptions } from './append-lane.ts'

const FULL = Object.assign(new Error('database or disk is full'), { errcode: 13, code: 'ERR_SQLITE_ERROR' })

function textsOf(deliveries: readonly Delivery[]): readonly string[] {
  return deliveries.map(({ body }) => Buffer.from(body).toString())
}

/** A lane whose commits are kept, and take a moment. */
function laneWith(over: Partial<AppendLaneOptions> = {}): { readonly lane: AppendLane; readonly commits: string[][] } {
  const commits: string[][] = []
  let last = 0
  const commit = async (deliveries: readonly Delivery[]): Promise<readonly number[]> => {
    commits.push([...textsOf(deliveries)])
    await sleep(5)
    return deliveries.map(() => ++last)
  }
  const lane = new AppendLane({ commit, mostDeliveries: 100, mostBytes: 1000, patienceMs: 2000, ...over })
  return { lane, commits }
}

test('what arrives while a commit is under way is in the next one, in the order of the calls', async () => {
  const { lane, commits } = laneWith()
  const first = lane.append(deliveryOf('a'))
  await sleep(2)
  const others = ['b', 'c', 'd'].map((text) => lane.append(deliveryOf(text)))
  expect(await Promise.all([first, ...others])).toEqual([1, 2, 3, 4])
  expect(commits).toEqual([['a'], ['b', 'c', 'd']])
})

test('what is appended at the very moment of an answer is not forgotten', async () => {
  const { lane } = laneWith()
  for (let i = 1; i <= 20; i++) expect(await lane.append(deliveryOf('a'))).toBe(i)
})

test('a commit takes no more than it may', async () => {
  const { lane, commits } = laneWith({ mostDeliveries: 2 })
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((text) => lane.append(deliveryOf(text))))
  expect(commits).toEqual([['a', 'b'], ['c', 'd'], ['e']])
})

test('whoever waits too long is refused, whether or not the commit has begun, and its memory comes back', async () => {
  const held = Promise.withResolvers<readonly number[]>()
  let isHeld = true
  const commit: AppendLaneOptions['commit'] = async (deliveries) =>
    isHeld ? await held.promise : deliveries.map(() => 1)
  const { lane } = laneWith({ commit, patienceMs: 50 })
  const begun = lane.append(deliveryOf('x'.repeat(600)))
  await sleep(10)
  const waiting = lane.append(deliveryOf('x'.repeat(300)))
  await expect(begun).rejects.toThrow(/did not confirm within 50 ms/)
  await expect(waiting).rejects.toThrow(LogUnavailableError)
  // What is being committed still takes its place.
  await expect(lane.append(deliveryOf('x'.repeat(500)))).rejects.toThrow(/too much is waiting/)
  isHeld = false
  held.resolve([1])
  await sleep(5)
  expect(await lane.append(deliveryOf('x'.repeat(1000)))).toBe(1)
})

test('more than fits is refused, but a single large one is taken', async () => {
  const { lane } = laneWith()
  const large = lane.append(deliveryOf('x'.repeat(5000)))
  await expect(lane.append(deliveryOf('a'))).rejects.toThrow(/too much is waiting/)
  expect(await large).toBe(1)
  expect(await lane.append(deliveryOf('a'))).toBe(2)
})

test('a fault of the storage refuses all of a commit at once, and the next one is tried', async () => {
  let tries = 0
  const { lane } = laneWith({
    commit: async (deliveries) => {
      if (++tries === 1) throw FULL
      return deliveries.map(() => 7)
    },
  })
  const refused = ['a', 'b'].map((text) => lane.append(deliveryOf(text)))
  for (const each of refused)
    await expect(each).rejects.toThrow('The delivery log is unavailable: database or disk is full')
  expect(tries).toBe(1)
  expect(await lane.append(deliveryOf('c'))).toBe(7)
})

test('one that the database refuses for its own sake does not take the others with it', async () => {
  const { lane } = laneWith({
    commit: async (deliveries) => {
      if (textsOf(deliveries).includes('poison')) throw new Error('value too long')
      return deliveries.map(() => 7)
    },
  })
  const settled = await Promise.allSettled(['a', 'poison', 'b'].map((text) => lane.append(deliveryOf(text))))
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('closing stores what waits and takes no more', async () => {
  const { lane, commits } = laneWith()
  const waiting = lane.append(deliveryOf('a'))
  await lane.close()
  expect(await waiting).toBe(1)
  expect(commits).toEqual([['a']])
  await expect(lane.append(deliveryOf('b'))).rejects.toThrow('it is closed')
})
