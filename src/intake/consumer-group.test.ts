import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deliveryOf } from '../../test/conformance/delivery-log.ts'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import type { Db } from '../store/database.ts'
import { createNewId } from '../store/new-id.ts'
import { ConsumerGroup } from './consumer-group.ts'
import { TableLog } from './delivery-log/table/table-log.ts'
import { openTableReaders } from './delivery-log/table/table-readers.ts'
import type { FoldEvents } from './fold-parts.ts'
import { readProgress } from './folded-position.ts'
import { createSourceRegistry } from './source-registry.ts'
import { alertmanagerSource } from './sources/alertmanager/alertmanager-source.ts'

const PARTITIONS = 4

let database: TempDatabase
let log: TableLog
const groups: ConsumerGroup[] = []

beforeEach(async () => {
  database = await makeTempDatabase()
  log = await TableLog.open(database.db, PARTITIONS)
})

afterEach(async () => {
  for (const group of groups.splice(0)) await group.close()
  await log.close()
  await database.close()
})

interface Node {
  readonly group: ConsumerGroup
  /** The alert names that it folded and committed, in order. */
  readonly folded: string[]
  readonly faults: unknown[]
}

const sources = createSourceRegistry([
  {
    tenantId: 'default',
    name: 'alertmanager',
    kind: 'alertmanager',
    tokenHash: null,
    adapter: alertmanagerSource as never,
    settings: {},
  },
])

async function startNode({ db = database.openAnother(), fold }: { db?: Db; fold?: FoldEvents } = {}): Promise<Node> {
  const folded: string[] = []
  const faults: unknown[] = []
  const group = new ConsumerGroup({
    db,
    readers: await openTableReaders(db, PARTITIONS),
    sources,
    fold: async (tx, events) => {
      const fates = fold ? await fold(tx, events) : events.map(() => 'linked' as const)
      folded.push(...events.map(({ event }) => String(event.labels['alertname'])))
      return fates
    },
    newId: createNewId(),
    now: Date.now,
    onCommitted: () => undefined,
    onFault: (error) => faults.push(error),
  })
  groups.push(group)
  group.start()
  return { group, folded, faults }
}

async function append(name: string): Promise<string> {
  const body = JSON.stringify({ alerts: [{ status: 'firing', labels: { alertname: name } }] })
  return log.partitionOf(await log.append(deliveryOf(body, { partitionKey: name })))
}

async function isAllFolded(): Promise<boolean> {
  const progress = await readProgress(database.db, log.partitions)
  const { partitions } = await log.stats()
  return progress.every(({ position }, i) => position === partitions[i]?.lastSeq)
}

const NAMES = Array.from({ length: 24 }, (_, i) => `A${i}`)

test('only what is assigned is folded, soon after it was appended, and the rest as soon as it is assigned', async () => {
  const { group, folded } = await startNode()
  const [first, ...others] = group.partitions as readonly [string, ...string[]]
  await group.assign([first])
  const partitionOf = new Map<string, string>()
  for (const name of NAMES) partitionOf.set(name, await append(name))
  const mine = NAMES.filter((name) => partitionOf.get(name) === first)
  await waitUntil(() => folded.length === mine.length, { timeoutMs: 3000, why: 'the assigned one is folded' })
  await sleep(300)
  expect(folded).toEqual(mine)
  await group.assign(others)
  await waitUntil(isAllFolded, { timeoutMs: 3000, why: 'the others are folded' })
  expect(folded.toSorted()).toEqual(NAMES.toSorted())
})

test('handing over in the middle of a flood, each delivery is folded once', async () => {
  const [a, b] = [await startNode(), await startNode()]
  await a.group.assign(a.group.partitions)
  const flood = (async () => {
    for (let i = 0; i < 120; i++) await append(`A${i}`)
  })()
  for (let round = 0; round < 6; round++) {
    await sleep(50)
    const [from, to] = round % 2 === 0 ? [a, b] : [b, a]
    const before = performance.now()
    await from.group.assign([])
    expect(performance.now() - before).toBeLessThan(2000)
    await to.group.assign(to.group.partitions)
  }
  await flood
  await waitUntil(isAllFolded, { timeoutMs: 5000, why: 'everything is folded' })
  expect([...a.folded, ...b.folded].toSorted()).toEqual(Array.from({ length: 120 }, (_, i) => `A${i}`).toSorted())
  const [ledger] = await database.db.selectFrom('source_ledger').select(['deliveries', 'events_linked']).execute()
  expect(ledger).toEqual({ deliveries: 120, events_linked: 120 })
  expect([a.faults, b.faults]).toEqual([[], []])
})

test('of two nodes that both believe to have a partition one commits a batch, and nothing counts twice', async () => {
  const slow: FoldEvents = async (_, events) => {
    await sleep(20)
    return events.map(() => 'linked')
  }
  const [a, b] = [await startNode({ fold: slow }), await startNode({ fold: slow })]
  await Promise.all([a.group.assign(a.group.partitions), b.group.assign(b.group.partitions)])
  for (const name of NAMES) await append(name)
  await waitUntil(isAllFolded, { timeoutMs: 15_000, why: 'everything is folded' })
  const [ledger] = await database.db.selectFrom('source_ledger').select(['deliveries', 'events_linked']).execute()
  expect(ledger).toEqual({ deliveries: NAMES.length, events_linked: NAMES.length })
  expect((await database.db.selectFrom('quarantine').select('id').execute()).length).toBe(0)
})

test('what keeps all of them from folding is told once, and they go on when it is over', async () => {
  const db = database.openAnother()
  let isAway = true
  const fold: FoldEvents = async (_, events) => {
    if (isAway) throw Object.assign(new Error('disk I/O error'), { errcode: 10, code: 'ERR_SQLITE_ERROR' })
    return events.map(() => 'linked')
  }
  const { group, faults } = await startNode({ db, fold })
  await group.assign(group.partitions)
  for (const name of NAMES) await append(name)
  await waitUntil(() => faults.length > 0, { timeoutMs: 3000, why: 'the fault is told' })
  await sleep(700)
  expect(faults).toHaveLength(1)
  isAway = false
  await waitUntil(isAllFolded, { timeoutMs: 5000, why: 'everything is folded' })
})

test('a batch that others are in the way of for too long is folded in smaller ones, without a word', async () => {
  const sizes: number[] = []
  const fold: FoldEvents = async (_, events) => {
    if (events.length > 0) sizes.push(events.length)
    if (events.length > 250)
      throw Object.assign(new Error('database is locked'), { errcode: 5, code: 'ERR_SQLITE_ERROR' })
    return events.map(() => 'linked')
  }
  const { group, faults } = await startNode({ fold })
  await Promise.all(
    Array.from({ length: 400 }, async () => {
      const body = JSON.stringify({ alerts: [{ status: 'firing', labels: { alertname: 'A' } }] })
      await log.append(deliveryOf(body, { partitionKey: 'one' }))
    }),
  )
  await group.assign(group.partitions)
  await waitUntil(isAllFolded, { timeoutMs: 40_000, why: 'everything is folded' })
  expect(sizes[0]).toBe(400)
  expect(sizes.slice(-2)).toEqual([250, 150])
  expect(faults).toEqual([])
}, 60_000)
