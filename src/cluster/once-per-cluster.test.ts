import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import type { Db } from '../store/database.ts'
import { LeaseKeeper } from './lease-keeper.ts'
import { createOnceHere, createOncePerCluster, type OncePerCluster } from './once-per-cluster.ts'

let database: TempDatabase
const undo: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  database = await makeTempDatabase()
})

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
  await database.close()
})

interface Member {
  readonly once: OncePerCluster
  readonly faults: string[]
  readonly keeper: LeaseKeeper
}

function memberOf(owner: string, db: Db = database.db): Member {
  const faults: string[] = []
  const keeper = new LeaseKeeper({
    db,
    owner,
    monotonic: () => performance.now(),
    onLost: () => undefined,
    onFault: () => undefined,
    timing: { ttlMs: 500, renewEveryMs: 100, retryMs: 50, marginMs: 50 },
  })
  undo.push(() => keeper.close())
  const once = createOncePerCluster({ db, keeper, onFault: (error) => faults.push(String(error)) })
  return { once, faults, keeper }
}

/** Starts the work on a member; what it did is told to `ran`. */
function startOn(member: Member, everyMs: number, ran: (signal: AbortSignal) => Promise<void>): () => Promise<void> {
  const { close } = member.once('tidy', everyMs, ran)
  undo.push(close)
  return close
}

test('of several nodes one does the work, in its rhythm', async () => {
  const runs: number[] = []
  let running = 0
  for (const owner of ['a', 'b', 'c'])
    startOn(memberOf(owner), 80, async () => {
      running++
      expect(running).toBe(1)
      runs.push(performance.now())
      await sleep(5)
      running--
    })
  await waitUntil(() => runs.length >= 4, { why: 'it ran four times' })
  const pauses = runs.slice(1).map((at, i) => at - (runs[i] as number))
  expect(Math.min(...pauses)).toBeGreaterThan(75)
})

test('work that was done lately is not done again by a node that starts, until it is due', async () => {
  let runs = 0
  const stop = startOn(memberOf('a'), 60_000, async () => void runs++)
  await waitUntil(() => runs === 1, { why: 'it ran' })
  await sleep(20)
  await stop()
  startOn(memberOf('b'), 60_000, async () => void runs++)
  await sleep(100)
  expect(runs).toBe(1)
})

test('when the node that has the work dies another one takes over, and a run under way is told to end', async () => {
  const own = database.openAnother()
  const ranBy: string[] = []
  let wasTold = false
  startOn(memberOf('a', own), 40, async (signal) => {
    ranBy.push('a')
    if (ranBy.length < 2) return
    await own.destroy()
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    wasTold = true
    expect(ranBy).not.toContain('b')
  })
  await waitUntil(() => ranBy.length > 0, { why: 'a has the work' })
  startOn(memberOf('b'), 40, async () => void ranBy.push('b'))
  await waitUntil(() => ranBy.includes('b'), { why: 'b took over', timeoutMs: 8_000 })
  expect(wasTold).toBe(true)
})

test('a run that fails is reported and done again when it is due, not before', async () => {
  const member = memberOf('a')
  const runs: number[] = []
  startOn(member, 100, async () => {
    runs.push(performance.now())
    throw new Error('no luck')
  })
  await waitUntil(() => runs.length === 2, { why: 'it ran again' })
  expect((runs[1] as number) - (runs[0] as number)).toBeGreaterThan(95)
  expect(member.faults[0]).toMatch(/no luck/)
})

test('closing ends the run under way and gives the work to another node at once', async () => {
  const a = memberOf('a')
  let hasBegun = false
  const stop = startOn(a, 10, async (signal) => {
    hasBegun = true
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  })
  await waitUntil(() => hasBegun, { why: 'it runs' })
  await stop()
  expect(await memberOf('b').keeper.acquire('work/tidy')).not.toBeNull()
})

test('where there is one process only it begins at once, goes on, and survives a failure', async () => {
  const faults: unknown[] = []
  let runs = 0
  const { close } = createOnceHere((error) => faults.push(error))('tidy', 20, async () => {
    runs++
    throw new Error('no luck')
  })
  await waitUntil(() => runs >= 2, { why: 'it ran twice' })
  await close()
  const after = runs
  await sleep(50)
  expect(runs).toBe(after)
  expect(faults.length).toBe(after)
})
