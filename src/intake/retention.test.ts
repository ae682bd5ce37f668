import { afterEach, expect, test } from 'vitest'
import { deliveryOf, incompressible } from '../../test/conformance/delivery-log.ts'
import { InProcessNunchi } from '../../test/support/in-process-nunchi.ts'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import { createOnceHere } from '../cluster/once-per-cluster.ts'
import type { Db } from '../store/database.ts'
import { createNewId, firstIdAt } from '../store/new-id.ts'
import { inTransaction } from '../store/transaction.ts'
import { type RetentionDeps, type RetentionPolicy, runRetention } from './retention.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const DAY_MS = 86_400_000
const POLICY: RetentionPolicy = { bodiesMs: 14 * DAY_MS, bodiesMaxBytes: 1e12, eventsMs: 90 * DAY_MS }
const NO_LOG: RetentionDeps['log'] = { partitions: ['none'], trim: async () => 0 }

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function openDatabase(): Promise<TempDatabase> {
  const database = await makeTempDatabase()
  cleanups.push(database.close)
  return database
}

function retain(db: Db, deps: Partial<RetentionDeps> = {}) {
  return runRetention({
    db,
    log: NO_LOG,
    tenantId: 'default',
    now: () => NOW,
    policy: POLICY,
    signal: new AbortController().signal,
    ...deps,
  })
}

async function insertEvents(db: Db, count: number, timeOf: (i: number) => number): Promise<void> {
  const newId = createNewId()
  const rows = Array.from({ length: count }, (_, i) => ({
    tenant_id: 'default',
    id: newId(timeOf(i)),
    alert_id: `alert-${(i * 7919) % 1000}`,
    incident_id: null,
    source: 'alertmanager',
    source_kind: 'alertmanager',
    delivery_seq: i,
    delivery_index: 0,
    received_at: timeOf(i),
    status: 'firing' as const,
    observation: 'fired',
    severity_rank: 5,
    starts_at: timeOf(i),
    ends_at: null,
    raw: 'x'.repeat(600),
  }))
  for (let from = 0; from < count; from += 500)
    await inTransaction(
      db,
      async (tx) =>
        void (await tx
          .insertInto('alert_event')
          .values(rows.slice(from, from + 500))
          .execute()),
    )
}

async function insertChanges(db: Db, count: number, timeOf: (seq: number) => number): Promise<void> {
  for (let from = 1; from <= count; from += 500) {
    const rows = Array.from({ length: Math.min(500, count - from + 1) }, (_, i) => ({
      tenant_id: 'default',
      seq: from + i,
      at: timeOf(from + i),
      kind: 'incident',
      subject_id: 'x',
      data: '{}',
    }))
    await inTransaction(db, async (tx) => void (await tx.insertInto('change_feed').values(rows).execute()))
  }
}

async function seqs(db: Db): Promise<{ readonly first: number; readonly last: number; readonly count: number }> {
  const row = await db
    .selectFrom('change_feed')
    .select((eb) => [eb.fn.min('seq').as('first'), eb.fn.max('seq').as('last'), eb.fn.countAll().as('count')])
    .executeTakeFirstOrThrow()
  return { first: Number(row.first), last: Number(row.last), count: Number(row.count) }
}

test('observations older than their time go, in small steps that let others write', { timeout: 60_000 }, async () => {
  const { db, openAnother } = await openDatabase()
  await insertEvents(db, 20_000, (i) => NOW - 100 * DAY_MS + i * 60_000 * 0.9)
  await insertEvents(db, 10, (i) => NOW - 89 * DAY_MS + i)
  const other = openAnother()
  let writes = 0
  let isDone = false
  const writing = (async () => {
    while (!isDone) {
      await inTransaction(
        other,
        async (tx) =>
          void (await tx
            .insertInto('sequence')
            .values({ tenant_id: 'default', name: `n${++writes}`, value: 1 })
            .execute()),
      )
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  })()
  const report = await retain(db)
  isDone = true
  await writing
  const left = await db.selectFrom('alert_event').select('received_at').orderBy('id').execute()
  expect(report.events + left.length).toBe(20_010)
  expect(left.every(({ received_at }) => Number(received_at) >= NOW - 90 * DAY_MS)).toBe(true)
  expect(left.length).toBeGreaterThanOrEqual(10)
  // Twenty thousand rows in batches of at most five thousand, and everybody has a turn between two.
  expect(writes).toBeGreaterThanOrEqual(4)
})

test('the change feed keeps a day, and no more than 100,000 changes', async () => {
  const { db } = await openDatabase()
  expect((await retain(db)).changes).toBe(0)
  await insertChanges(db, 1000, (seq) => NOW - 2 * DAY_MS + seq * 120_000)
  expect((await retain(db)).changes).toBe(719)
  expect(await seqs(db)).toEqual({ first: 720, last: 1000, count: 281 })
  expect((await retain(db)).changes).toBe(0)
  await insertMore(db)
  expect(await seqs(db)).toMatchObject({ count: 100_281 })
  expect((await retain(db)).changes).toBe(281)
  expect(await seqs(db)).toEqual({ first: 1001, last: 101_000, count: 100_000 })

  async function insertMore(target: Db): Promise<void> {
    for (let from = 1001; from <= 101_000; from += 1000) {
      const rows = Array.from({ length: 1000 }, (_, i) => ({
        tenant_id: 'default',
        seq: from + i,
        at: NOW,
        kind: 'incident',
        subject_id: 'x',
        data: '{}',
      }))
      await inTransaction(target, async (tx) => void (await tx.insertInto('change_feed').values(rows).execute()))
    }
  }
})

test('answers to idempotency keys are remembered for a day', async () => {
  const { db } = await openDatabase()
  const rows = Array.from({ length: 700 }, (_, i) => ({
    tenant_id: 'default',
    actor_id: `a${i % 3}`,
    idempotency_key: `k${i}`,
    request_hash: 'h',
    status: 200,
    body: '{}',
    created_at: i < 650 ? NOW - DAY_MS - 1 : NOW - DAY_MS,
  }))
  await inTransaction(db, async (tx) => void (await tx.insertInto('idempotent_reply').values(rows).execute()))
  expect((await retain(db)).replies).toBe(650)
  const left = await db.selectFrom('idempotent_reply').select('idempotency_key').execute()
  expect(left).toHaveLength(50)
})

test('bodies go by age, but never one that is not folded', async () => {
  const nunchi = await InProcessNunchi.start({ now: NOW - 20 * DAY_MS })
  cleanups.push(() => nunchi.stop())
  const deps = { log: nunchi.log }
  await nunchi.tell({ alerts: [] })
  await nunchi.tell({ alerts: [] })
  const unfolded = await nunchi.receive({ alerts: [] })
  expect((await retain(nunchi.db, deps)).deliveries).toBe(2)
  expect((await nunchi.log.list({ before: null, source: null, limit: 10 })).map(({ seq }) => seq)).toEqual([unfolded])
  await nunchi.drain()
  nunchi.now = NOW
  const young = await nunchi.tell({ alerts: [] })
  expect((await retain(nunchi.db, deps)).deliveries).toBe(1)
  expect((await nunchi.log.list({ before: null, source: null, limit: 10 })).map(({ seq }) => seq)).toEqual([young])
  await nunchi.assertInvariants()
})

test('a delivery that is being folded in slices is kept, and everything behind it', async () => {
  const nunchi = await InProcessNunchi.start({ now: NOW - 20 * DAY_MS })
  cleanups.push(() => nunchi.stop())
  const seqs: number[] = []
  for (let i = 0; i < 5; i++) seqs.push(await nunchi.tell({ alerts: [] }))
  const third = seqs[2] as number
  const place = { log_id: nunchi.log.partitionOf(third), seq: third, next_index: 0 }
  await inTransaction(nunchi.db, async (tx) => void (await tx.insertInto('deferred_delivery').values(place).execute()))
  expect((await retain(nunchi.db, { log: nunchi.log })).deliveries).toBe(2)
  expect((await nunchi.log.list({ before: null, source: null, limit: 10 })).map(({ seq }) => seq)).toEqual(
    seqs.slice(2).toReversed(),
  )
})

test('bodies go by size, the oldest first', async () => {
  const nunchi = await InProcessNunchi.start({ now: NOW })
  cleanups.push(() => nunchi.stop())
  let last = 0
  for (let i = 0; i < 12; i++) {
    const body = incompressible(1024 * 1024, i)
    last = await nunchi.log.append(deliveryOf(body, { receivedAt: NOW }))
  }
  await nunchi.drain()
  await retain(nunchi.db, { log: nunchi.log, policy: { ...POLICY, bodiesMaxBytes: 6 * 1024 * 1024 } })
  const left = await nunchi.log.list({ before: null, source: null, limit: 20 })
  expect(left[0]?.seq).toBe(last)
  expect(left.length).toBeLessThanOrEqual(6)
  expect(left.length).toBeGreaterThanOrEqual(4)
})

test('other tenants are not touched', async () => {
  const { db } = await openDatabase()
  await insertChanges(db, 10, () => NOW - 2 * DAY_MS)
  expect((await retain(db, { tenantId: 'other' })).changes).toBe(0)
  expect(await seqs(db)).toMatchObject({ count: 10 })
})

test('the loop goes on after a failure and ends when it is told to', async () => {
  const { db } = await openDatabase()
  let runs = 0
  const faults: unknown[] = []
  const log: RetentionDeps['log'] = {
    partitions: ['x'],
    trim: async () => {
      runs++
      if (runs === 1) throw new Error('disk')
      return 0
    },
  }
  const done = Promise.withResolvers<void>()
  const loop = createOnceHere((error) => faults.push(error))('retention', 5, async (signal) => {
    await retain(db, { log, signal })
    done.resolve()
  })
  await done.promise
  await loop.close()
  const runsAtClose = runs
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(runs).toBe(runsAtClose)
  expect(faults).toHaveLength(1)
})

test('ids of an instant sort behind every id from before it', () => {
  const newId = createNewId()
  expect(newId(NOW - 1) < firstIdAt(NOW)).toBe(true)
  expect(newId(NOW) >= firstIdAt(NOW)).toBe(true)
  expect(firstIdAt(-5)).toHaveLength(26)
})
