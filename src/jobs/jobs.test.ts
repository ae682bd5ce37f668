import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import { LANES } from '../domain/job-payloads.ts'
import type { Db } from '../store/database.ts'
import { createNewId } from '../store/new-id.ts'
import { inTransaction } from '../store/transaction.ts'
import { type ClaimedJob, claimDueJobs } from './claim-due-jobs.ts'
import { enqueueTx, type JobOrder } from './enqueue.ts'
import { backoffMs, DEFAULT_RETRY, extendLease, finishJob, type JobOutcome } from './finish-job.ts'
import { releaseExpiredLeases } from './release-leases.ts'
import { JobWorker, type WorkerOptions } from './run-worker.ts'

const T = 1_700_000_000_000
const newId = createNewId()
let database: TempDatabase
let db: Db

beforeEach(async () => {
  database = await makeTempDatabase()
  db = database.db
})

afterEach(() => database.close())

const done = async (): Promise<JobOutcome> => ({ kind: 'done' })
const DOES_NOTHING: WorkerOptions['handlers'] = {
  'notify-channel': done,
  'notify-digest': done,
  'resolve-when-clear': done,
  'end-silence': done,
  'slack-receipt': done,
  'note-self-test': done,
}

function order(over: Partial<JobOrder<'resolve-when-clear'>> = {}): JobOrder {
  return {
    kind: 'resolve-when-clear',
    payload: { incidentId: 'i1' },
    lane: LANES.warning,
    runAt: T,
    dedupeKey: null,
    queue: null,
    ...over,
  }
}

async function enqueue(orders: readonly JobOrder[], now = T): Promise<void> {
  await inTransaction(db, (tx) => enqueueTx(tx, 'default', orders, { newId, now }))
}

async function claim(now = T, over: Partial<Parameters<typeof claimDueJobs>[1]> = {}): Promise<readonly ClaimedJob[]> {
  return await claimDueJobs(db, {
    now,
    limit: 10,
    leaseMs: 15_000,
    owner: 'me',
    closed: { busy: [], urgentOnly: [] },
    ...over,
  })
}

async function finish(job: ClaimedJob, outcome: JobOutcome, now = T): Promise<boolean> {
  return await finishJob(db, job, outcome, { now, random: 0, policy: DEFAULT_RETRY })
}

const again: JobOutcome = { kind: 'again', at: null, reason: 'it failed', counts: true }
const jobs = () => db.selectFrom('job').selectAll().execute()

describe('claiming', () => {
  test('the most urgent lane comes first, whatever is older', async () => {
    await enqueue([
      order({ runAt: T - 9000, dedupeKey: 'old' }),
      order({ lane: LANES.critical, dedupeKey: 'critical' }),
    ])
    expect((await claim(T, { limit: 1 }))[0]?.lane).toBe(LANES.critical)
  })

  test('a job is claimed by one, and by nobody else before its lease ends', async () => {
    await enqueue([order()])
    const [first, second] = await Promise.all([claim(), claim()])
    expect(first.length + second.length).toBe(1)
    expect(await claim(T + 14_000)).toEqual([])
    expect(await releaseExpiredLeases(db, T + 15_001)).toBe(1)
    expect(await claim(T + 15_001)).toHaveLength(1)
  })

  test('of a queue one job is out at a time, and busy queues are passed over', async () => {
    await enqueue([
      order({ queue: 'a', dedupeKey: '1' }),
      order({ queue: 'a', dedupeKey: '2' }),
      order({ queue: 'b', dedupeKey: '3' }),
    ])
    const claimed = await claim(T, { closed: { busy: ['b'], urgentOnly: [] } })
    expect(claimed.map(({ queue }) => queue)).toEqual(['a'])
    expect((await claim()).map(({ queue }) => queue)).toEqual(['b'])
    expect(await claim()).toEqual([])
    await finish(claimed[0] as ClaimedJob, { kind: 'done' })
    expect((await claim()).map(({ queue }) => queue)).toEqual(['a'])
  })

  test('what is due later waits', async () => {
    await enqueue([order({ runAt: T + 1000 })])
    expect(await claim(T)).toEqual([])
    expect(await claim(T + 1000)).toHaveLength(1)
  })
})

describe('finishing', () => {
  test('who lost the lease cannot finish: the job belongs to its new holder', async () => {
    await enqueue([order()])
    const [stale] = await claim()
    await releaseExpiredLeases(db, T + 20_000)
    const [fresh] = await claim(T + 20_000)
    expect(await finish(stale as ClaimedJob, { kind: 'done' })).toBe(false)
    expect(await finish(stale as ClaimedJob, again)).toBe(false)
    expect(await extendLease(db, stale as ClaimedJob, T + 99_000)).toBe(false)
    expect(await finish(fresh as ClaimedJob, { kind: 'done' })).toBe(true)
    expect(await jobs()).toEqual([])
  })

  test('asked for again while it ran, it runs once more', async () => {
    await enqueue([order({ dedupeKey: 'k' })])
    const [job] = await claim()
    await enqueue([order({ dedupeKey: 'k' })])
    await finish(job as ClaimedJob, { kind: 'done' })
    expect(await claim()).toHaveLength(1)
  })

  test('asking again does not defeat the backoff, and keeps the most urgent lane', async () => {
    await enqueue([order({ dedupeKey: 'k' })])
    const [job] = await claim()
    await finish(job as ClaimedJob, again)
    await enqueue([order({ dedupeKey: 'k', lane: LANES.critical })])
    expect(await claim(T)).toEqual([])
    expect((await claim(T + 1000))[0]?.lane).toBe(LANES.critical)
  })

  test('after 24 hours of failures a job is dead, visible, and alive again when asked for', async () => {
    await enqueue([order({ dedupeKey: 'k' })])
    let now = T
    for (let tries = 0; tries < 2000 && (await jobs())[0]?.state !== 'dead'; tries++) {
      now = Number((await jobs())[0]?.run_at)
      const [job] = await claim(now)
      await finish(job as ClaimedJob, again, now)
    }
    expect(now - T).toBeGreaterThanOrEqual(DEFAULT_RETRY.giveUpAfterMs)
    expect(await jobs()).toMatchObject([{ state: 'dead', last_error: 'it failed' }])
    await enqueue([order({ dedupeKey: 'k', runAt: now })], now)
    expect(await claim(now)).toHaveLength(1)
  })

  test('waiting that is not its fault never makes it dead', async () => {
    await enqueue([order()])
    const [job] = await claim()
    await finish(
      job as ClaimedJob,
      { kind: 'again', at: T + 5000, reason: 'paused', counts: false },
      T + 48 * 3_600_000,
    )
    expect(await jobs()).toMatchObject([{ state: 'waiting', attempts: 0, run_at: T + 5000 }])
  })
})

test('the backoff doubles up to five minutes and is never longer', () => {
  const waits = Array.from({ length: 20 }, (_, attempts) => backoffMs(attempts, 0.999))
  expect(waits[0]).toBeLessThanOrEqual(500)
  expect(waits.every((wait, i) => i === 0 || wait >= (waits[i - 1] as number))).toBe(true)
  expect(waits.at(-1)).toBeLessThanOrEqual(DEFAULT_RETRY.longestWaitMs)
})

describe('the worker', () => {
  function worker(over: Partial<WorkerOptions>): JobWorker {
    return new JobWorker({
      db,
      owner: 'w',
      now: Date.now,
      random: Math.random,
      concurrency: 4,
      leaseMs: 15_000,
      pausedQueues: () => new Map(),
      onFailure: () => undefined,
      onFault: (error) => expect.unreachable(String(error)),
      handlers: DOES_NOTHING,
      ...over,
    })
  }

  test('however many jobs wait for nothing but the database, the other work of the thread has its turn', async () => {
    let runs = 0
    const busy = worker({
      handlers: {
        ...DOES_NOTHING,
        'resolve-when-clear': async () => {
          runs += 1
          return { kind: 'done' }
        },
      },
    })
    await enqueue(Array.from({ length: 200 }, () => order({ runAt: 0, queue: 'channel:a' })))
    const turns = new Set<number>()
    const interval = setInterval(() => turns.add(runs), 1)
    busy.start()
    while ((await jobs()).length > 0) await new Promise((resolve) => setTimeout(resolve, 1))
    clearInterval(interval)
    await busy.close()
    expect(runs).toBe(200)
    expect(turns.size).toBeGreaterThan(20)
  })

  test('a thrown error is a failure to be tried again, not the end of the worker', async () => {
    let runs = 0
    const failing = worker({
      handlers: {
        ...DOES_NOTHING,
        'resolve-when-clear': async () => {
          if (++runs === 1) throw new Error('oops')
          return { kind: 'done' }
        },
      },
    })
    await enqueue([order({ runAt: 0 })])
    failing.start()
    while ((await jobs()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
    await failing.close()
    expect(runs).toBe(2)
  })

  test('closing waits for what runs', async () => {
    let ended = false
    const slow = worker({
      handlers: {
        ...DOES_NOTHING,
        'resolve-when-clear': async () => {
          await new Promise((resolve) => setTimeout(resolve, 200))
          ended = true
          return { kind: 'done' }
        },
      },
    })
    await enqueue([order({ runAt: 0 })])
    slow.start()
    while ((await jobs())[0]?.state !== 'running') await new Promise((resolve) => setTimeout(resolve, 5))
    await slow.close()
    expect(ended).toBe(true)
    expect(await jobs()).toEqual([])
  })

  test('closing waits also for what a claim that was under way brings', async () => {
    let closing: Promise<void> | undefined
    const slow = worker({
      // Asked for as a claim begins.
      pausedQueues: () => {
        closing ??= slow.close()
        return new Map()
      },
      handlers: {
        ...DOES_NOTHING,
        'resolve-when-clear': async () => {
          await new Promise((resolve) => setTimeout(resolve, 200))
          return { kind: 'done' }
        },
      },
    })
    await enqueue([order({ runAt: 0 })])
    slow.start()
    while (closing === undefined) await new Promise((resolve) => setTimeout(resolve, 5))
    await closing
    expect(await jobs()).toEqual([])
  })

  test('how a run ended is stored before the next job of its queue begins', async () => {
    const seen: { id: string; states: string[] }[] = []
    const handlers: WorkerOptions['handlers'] = {
      ...DOES_NOTHING,
      'resolve-when-clear': async ({ payload }) => {
        seen.push({ id: payload.incidentId, states: (await jobs()).map(({ state }) => state).sort() })
        return { kind: 'done' }
      },
    }
    await enqueue(
      ['i1', 'i2', 'i3'].map((incidentId, i) =>
        order({ payload: { incidentId }, dedupeKey: incidentId, queue: 'a', runAt: i }),
      ),
    )
    expect(await worker({ handlers }).drain()).toBe(3)
    expect(seen).toEqual([
      { id: 'i1', states: ['running', 'waiting', 'waiting'] },
      { id: 'i2', states: ['running', 'waiting'] },
      { id: 'i3', states: ['running'] },
    ])
    expect(await jobs()).toEqual([])
  })

  test('a run whose end could not be stored is a fault, and the job runs again when its lease has ended', async () => {
    let [now, runs] = [T, 0]
    const faults: string[] = []
    let isStuck = true
    const stuckDb = db.withPlugin({
      transformQuery({ node }) {
        if (isStuck && node.kind === 'DeleteQueryNode') throw new Error('kept')
        return node
      },
      transformResult: async ({ result }) => result,
    })
    const stuck = worker({
      db: stuckDb,
      now: () => now,
      onFault: (error) => faults.push(String(error)),
      handlers: {
        ...DOES_NOTHING,
        'resolve-when-clear': async () => {
          runs += 1
          return { kind: 'done' }
        },
      },
    })
    await enqueue([order()])
    expect(await stuck.drain()).toBe(1)
    expect({ runs, faults }).toEqual({ runs: 1, faults: [expect.stringContaining('kept')] })
    isStuck = false
    expect(await stuck.drain()).toBe(0)
    now += 15_001
    expect(await stuck.drain()).toBe(1)
    expect(runs).toBe(2)
    expect(await jobs()).toEqual([])
  })

  test('1,000 jobs and three workers: each runs once', async () => {
    const runs = new Map<string, number>()
    const handlers: WorkerOptions['handlers'] = {
      ...DOES_NOTHING,
      'resolve-when-clear': async ({ payload }) => {
        runs.set(payload.incidentId, (runs.get(payload.incidentId) ?? 0) + 1)
        return { kind: 'done' }
      },
    }
    await enqueue(
      Array.from({ length: 1000 }, (_, i) => order({ payload: { incidentId: `i${i}` }, dedupeKey: `k${i}`, runAt: 0 })),
    )
    const workers = ['a', 'b', 'c'].map((owner) => worker({ owner, handlers, concurrency: 20 }))
    for (const one of workers) one.start()
    while ((await jobs()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
    await Promise.all(workers.map((one) => one.close()))
    expect(runs.size).toBe(1000)
    expect([...runs.values()].every((count) => count === 1)).toBe(true)
  })
})
