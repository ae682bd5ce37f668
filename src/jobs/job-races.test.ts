import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import { LANES } from '../domain/job-payloads.ts'
import type { Db } from '../store/database.ts'
import { capabilitiesOf } from '../store/dialects/engine-capabilities.ts'
import { createNewId } from '../store/new-id.ts'
import { inTransaction } from '../store/transaction.ts'
import { type ClaimedJob, claimDueJobs } from './claim-due-jobs.ts'
import { enqueueTx, type JobOrder } from './enqueue.ts'
import { DEFAULT_RETRY, finishJob, type JobOutcome } from './finish-job.ts'
import { holdJobTx, LeaseLostError } from './hold-job.ts'
import { releaseExpiredLeases } from './release-leases.ts'
import { JobWorker, type WorkerOptions } from './run-worker.ts'

const T = 1_700_000_000_000
const ROUNDS = 1000
const PATIENCE_MS = 240_000
const newId = createNewId()
let database: TempDatabase
let nodes: readonly [Db, Db]

beforeEach(async () => {
  database = await makeTempDatabase()
  nodes = [database.db, database.openAnother()]
})
afterEach(() => database.close())

function order(over: Partial<JobOrder<'resolve-when-clear'>> = {}): JobOrder {
  const base = { kind: 'resolve-when-clear', lane: LANES.warning, runAt: T, dedupeKey: null, queue: null } as const
  return { ...base, payload: { incidentId: 'i1' }, ...over }
}

async function enqueue(db: Db, orders: readonly JobOrder[], now = T): Promise<void> {
  await inTransaction(db, (tx) => enqueueTx(tx, 'default', orders, { newId, now }))
}

async function claim(db: Db, limit: number, now = T): Promise<readonly ClaimedJob[]> {
  return await claimDueJobs(db, { now, limit, leaseMs: 15_000, owner: 'me', closed: { busy: [], urgentOnly: [] } })
}

async function end(db: Db, job: ClaimedJob): Promise<boolean> {
  return await finishJob(db, job, { kind: 'done' }, { now: T, random: 0, policy: DEFAULT_RETRY })
}

const jobs = () => database.db.selectFrom('job').selectAll().execute()

test(`two workers never run two jobs of a queue, ${ROUNDS} times`, { timeout: PATIENCE_MS }, async () => {
  for (let from = 0; from < ROUNDS; from += 200)
    await enqueue(
      database.db,
      // Not in the order of their ids, so that the two do not always see the same one as the next.
      Array.from({ length: 200 }, (_, i) =>
        order({ queue: 'chat', lane: i % 3 === 0 ? LANES.critical : LANES.warning }),
      ),
    )
  const running = new Set<string>()
  const done: string[] = []
  let most = 0
  await Promise.all(
    nodes.map(async (db) => {
      while (done.length < ROUNDS) {
        // On SQLite a claim is promises alone: without a turn for timers the other worker would never end its job.
        await new Promise((resolve) => setImmediate(resolve))
        for (const job of await claim(db, 3)) {
          running.add(job.id)
          most = Math.max(most, running.size)
          await new Promise((resolve) => setImmediate(resolve))
          running.delete(job.id)
          done.push(job.id)
          expect(await end(db, job)).toBe(true)
        }
      }
    }),
  )
  expect(most).toBe(1)
  expect(new Set(done).size).toBe(ROUNDS)
  expect(await jobs()).toEqual([])
})

test('two workers share jobs without a queue, each once', { timeout: PATIENCE_MS }, async () => {
  await enqueue(
    database.db,
    Array.from({ length: 600 }, () => order()),
  )
  const claimed: string[] = []
  await Promise.all(
    nodes.map(async (db) => {
      while (claimed.length < 600) {
        const mine = await claim(db, 10)
        claimed.push(...mine.map(({ id }) => id))
        for (const job of mine) await end(db, job)
      }
    }),
  )
  expect(new Set(claimed).size).toBe(600)
  expect(claimed).toHaveLength(600)
})

test('however long the backlog of a queue that is busy elsewhere, it holds up no other queue', async () => {
  const [here, there] = nodes
  for (let i = 0; i < 10; i++)
    await enqueue(
      here,
      Array.from({ length: 100 }, () => order({ queue: 'full', lane: LANES.critical })),
    )
  expect(await claim(here, 16)).toHaveLength(1)
  expect(await claim(there, 16)).toEqual([])
  await enqueue(here, [order({ queue: 'other', lane: LANES.info })])
  expect((await claim(there, 16)).map(({ queue }) => queue)).toEqual(['other'])
})

test('one job that many ask for at once is one, and is wanted as often', { timeout: PATIENCE_MS }, async () => {
  for (let round = 0; round < 50; round++) {
    const keys = Array.from({ length: 8 }, (_, i) => `k${round}-${i}`)
    await Promise.all(
      nodes.map((db, node) =>
        enqueue(
          db,
          (node === 0 ? keys : keys.toReversed()).map((dedupeKey) => order({ dedupeKey })),
        ),
      ),
    )
  }
  const stored = await jobs()
  expect(stored).toHaveLength(400)
  expect(stored.every(({ wanted }) => Number(wanted) === 2)).toBe(true)
})

test('what is asked for while it ends is done once more', { timeout: PATIENCE_MS }, async () => {
  const [here, there] = nodes
  for (let round = 0; round < 100; round++) {
    await enqueue(here, [order({ dedupeKey: 'k', queue: 'chat' })])
    const [job] = await claim(here, 1)
    await Promise.all([end(here, job as ClaimedJob), enqueue(there, [order({ dedupeKey: 'k', queue: 'chat' })])])
    const [again] = await claim(there, 1)
    expect(again).toBeDefined()
    await end(there, again as ClaimedJob)
    expect(await jobs()).toEqual([])
  }
})

test('who was stopped until the lease was lost writes nothing afterwards', async () => {
  const [here, there] = nodes
  await enqueue(here, [order({ queue: 'chat' })])
  const [stale] = await claim(here, 1)
  const write = (db: Db, job: ClaimedJob | undefined) => inTransaction(db, (tx) => holdJobTx(tx, job as ClaimedJob))
  expect(await write(here, stale)).toBe(T + 15_000)
  expect(await releaseExpiredLeases(there, T + 15_001)).toBe(1)
  const [fresh] = await claim(there, 1, T + 15_001)
  await expect(write(here, stale)).rejects.toThrow(LeaseLostError)
  expect(await write(there, fresh)).toBe(T + 30_001)
  await end(there, fresh as ClaimedJob)
  await expect(write(there, fresh)).rejects.toThrow(LeaseLostError)
})

test('a job cannot be claimed anew while its holder writes', async () => {
  const [here, there] = nodes
  await enqueue(here, [order()])
  const [job] = await claim(here, 1)
  const events: string[] = []
  let later: Promise<unknown> = Promise.resolve()
  await inTransaction(here, async (tx) => {
    await holdJobTx(tx, job as ClaimedJob)
    later = releaseExpiredLeases(there, T + 15_001).then(() => events.push('released'))
    await new Promise((resolve) => setTimeout(resolve, 100))
    events.push('written')
  })
  await later
  expect(events).toEqual(['written', 'released'])
})

test('a job that another node ordered is begun soon, though nobody wakes the worker', async () => {
  const [here, there] = nodes
  const begun = new Map<string, number>()
  const handlers: WorkerOptions['handlers'] = {
    'notify-channel': async () => DONE,
    'notify-digest': async () => DONE,
    'resolve-when-clear': async ({ payload }) => {
      begun.set(payload.incidentId, performance.now())
      return DONE
    },
    'end-silence': async () => DONE,
    'slack-receipt': async () => DONE,
    'note-self-test': async () => DONE,
  }
  const worker = new JobWorker({
    db: there,
    handlers,
    owner: 'there',
    now: Date.now,
    random: Math.random,
    concurrency: 4,
    leaseMs: 15_000,
    pausedQueues: () => new Map(),
    onFailure: () => undefined,
    onFault: (error) => {
      throw error
    },
  })
  worker.start()
  const waits: number[] = []
  for (let i = 0; i < 8; i++) {
    await new Promise((resolve) => setTimeout(resolve, 130 * (i % 3)))
    await enqueue(here, [order({ payload: { incidentId: `i${i}` }, runAt: Date.now() })])
    const ordered = performance.now()
    while (!begun.has(`i${i}`)) await new Promise((resolve) => setTimeout(resolve, 5))
    waits.push((begun.get(`i${i}`) as number) - ordered)
  }
  await worker.close()
  const median = waits.sort((a, b) => a - b)[4] as number
  expect(median).toBeLessThan(capabilitiesOf(there).writers === 'many' ? 400 : 1_200)
})

const DONE: JobOutcome = { kind: 'done' }
