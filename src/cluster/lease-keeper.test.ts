import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import type { Db } from '../store/database.ts'
import { LeaseKeeper, type LeaseTiming } from './lease-keeper.ts'
import { noteRun, readLeases } from './lease-repository.ts'

const TIMING: LeaseTiming = { ttlMs: 600, renewEveryMs: 150, retryMs: 50, marginMs: 60 }

let database: TempDatabase
const keepers: LeaseKeeper[] = []

beforeEach(async () => {
  database = await makeTempDatabase()
})

afterEach(async () => {
  for (const keeper of keepers.splice(0)) await keeper.close()
  await database.close()
})

interface KeeperOfTest {
  readonly keeper: LeaseKeeper
  readonly lost: string[]
  readonly faults: unknown[]
}

function keeperOf(owner: string, over: { db?: Db; monotonic?: () => number } = {}): KeeperOfTest {
  const lost: string[] = []
  const faults: unknown[] = []
  const keeper = new LeaseKeeper({
    db: over.db ?? database.db,
    owner,
    monotonic: over.monotonic ?? (() => performance.now()),
    onLost: (name) => lost.push(name),
    onFault: (error) => faults.push(error),
    timing: TIMING,
  })
  keepers.push(keeper)
  return { keeper, lost, faults }
}

test('of many that want a lease at once exactly one has it', async () => {
  const wanting = Array.from({ length: 8 }, (_, i) => keeperOf(`n${i}`).keeper)
  for (const name of ['first', 'second', 'third']) {
    const got = await Promise.all(wanting.map((keeper) => keeper.acquire(name)))
    expect(got.filter((lease) => lease !== null)).toHaveLength(1)
  }
})

test('a lease that is given back is free at once, and its fence grows with each owner', async () => {
  const [a, b] = [keeperOf('a').keeper, keeperOf('b').keeper]
  const first = await a.acquire('x')
  expect(first?.fence).toBe(1)
  expect(await b.acquire('x')).toBeNull()
  await a.release(['x'])
  expect(first?.isHeld()).toBe(false)
  expect(first?.signal.aborted).toBe(true)
  expect((await b.acquire('x'))?.fence).toBe(2)
})

test('a lease stays with a holder that renews it, however long that goes on', async () => {
  const [a, b] = [keeperOf('a'), keeperOf('b')]
  const lease = await a.keeper.acquire('x')
  for (let i = 0; i < 5; i++) {
    await sleep(TIMING.ttlMs / 2)
    expect(await b.keeper.acquire('x')).toBeNull()
  }
  expect(lease?.isHeld()).toBe(true)
  expect(a.lost).toEqual([])
  expect(await readLeases(database.db)).toMatchObject([{ name: 'x', owner: 'a', fence: 1 }])
})

test('a holder that cannot renew knows that it lost the lease before anybody else has it', async () => {
  const own = database.openAnother()
  const a = keeperOf('a', { db: own })
  const b = keeperOf('b')
  const lease = await a.keeper.acquire('x')
  const lostAt = new Promise<number>((resolve) =>
    lease?.signal.addEventListener('abort', () => resolve(performance.now())),
  )
  await own.destroy()
  const taken = await waitUntil(() => b.keeper.acquire('x'), { why: 'b has the lease', intervalMs: 5 })
  expect(await lostAt).toBeLessThan(performance.now())
  expect(lease?.isHeld()).toBe(false)
  expect(taken.fence).toBe(2)
  expect(a.lost).toEqual(['x'])
  expect(a.faults.length).toBeGreaterThan(0)
})

test('a holder that slept too long finds its lease lost at the first look, before any timer ran', async () => {
  let slept = 0
  const a = keeperOf('a', { monotonic: () => performance.now() + slept })
  const lease = await a.keeper.acquire('x')
  slept = TIMING.ttlMs
  expect(lease?.isHeld()).toBe(false)
  expect(a.keeper.held).toEqual([])
  expect(a.lost).toEqual(['x'])
})

test('a holder whose lease somebody took learns it with its next renewal', async () => {
  const a = keeperOf('a')
  const lease = await a.keeper.acquire('x')
  await database.db.updateTable('lease').set({ owner: 'thief', fence: 7 }).execute()
  await a.keeper.renew()
  expect(lease?.isHeld()).toBe(false)
  expect(a.lost).toEqual(['x'])
  expect(await readLeases(database.db)).toMatchObject([{ owner: 'thief', fence: 7 }])
})

test('a lease that was granted and whose answer was lost is taken again by the same node at once', async () => {
  await keeperOf('a').keeper.acquire('x')
  const again = await keeperOf('a').keeper.acquire('x')
  expect(again?.fence).toBe(2)
})

test('a closed keeper has given everything back and takes nothing', async () => {
  const a = keeperOf('a').keeper
  await a.acquire('x')
  await a.acquire('y')
  await a.close()
  expect(await a.acquire('z')).toBeNull()
  expect(await readLeases(database.db)).toMatchObject([
    { name: 'x', owner: null, leftMs: 0 },
    { name: 'y', owner: null, leftMs: 0 },
  ])
})

test('when the work of a lease last ended is told by the database’s clock, to its holder alone', async () => {
  const lease = await keeperOf('a').keeper.acquire('x')
  await noteRun(database.db, 'x', 0)
  expect((await readLeases(database.db))[0]?.ranAgoMs).toBeNull()
  await noteRun(database.db, 'x', lease?.fence ?? 0)
  expect((await readLeases(database.db))[0]?.ranAgoMs).toBeLessThan(2000)
})
