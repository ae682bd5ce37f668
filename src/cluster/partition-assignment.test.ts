import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import type { Db } from '../store/database.ts'
import { MIGRATIONS } from '../store/migrate.ts'
import { LeaseKeeper } from './lease-keeper.ts'
import { NodeRegistry } from './node-registry.ts'
import { PartitionAssignment, type PartitionChange } from './partition-assignment.ts'

const PARTITIONS = ['log/0', 'log/1', 'log/2', 'log/3', 'log/4', 'log/5', 'log/6', 'log/7']
const DEAD_AFTER_MS = 600
const STEPS = MIGRATIONS.map(({ name }) => name)

let database: TempDatabase
const nodes: NodeOfTest[] = []

beforeEach(async () => {
  database = await makeTempDatabase()
})

afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop()
  await database.close()
})

/** A node with everything but a log: what it would fold is in `folding`. */
class NodeOfTest {
  folding: readonly string[] = []
  readonly id: string
  readonly changes: PartitionChange[] = []
  readonly registry: NodeRegistry
  readonly keeper: LeaseKeeper
  readonly assignment: PartitionAssignment
  /** How long it takes to end the batch under way. */
  batchMs = 0
  #hasStopped = false

  constructor(id: string, db: Db) {
    this.id = id
    const monotonic = (): number => performance.now()
    const onFault = (): void => undefined
    this.registry = new NodeRegistry({
      db,
      identity: { id, name: id, address: '', version: '1', pid: 1, machine: id, steps: STEPS },
      monotonic,
      clockOffsetMs: () => 0,
      hasEnded: () => false,
      onStandDown: () => undefined,
      onFault,
      timing: { beatEveryMs: 100, retryMs: 50, deadAfterMs: DEAD_AFTER_MS },
    })
    this.keeper = new LeaseKeeper({
      db,
      owner: id,
      monotonic,
      onLost: (name) => this.assignment.lost(name),
      onFault,
      timing: { ttlMs: DEAD_AFTER_MS, renewEveryMs: 100, retryMs: 50, marginMs: 60 },
    })
    this.assignment = new PartitionAssignment({
      db,
      nodeId: id,
      keeper: this.keeper,
      group: {
        partitions: PARTITIONS,
        assign: async (partitions) => {
          if (this.folding.some((each) => !partitions.includes(each))) await sleep(this.batchMs)
          this.folding = partitions
        },
      },
      onChanged: (change) => this.changes.push(change),
      onFault,
      timing: { calmMs: 60, movingMs: 20, deadAfterMs: DEAD_AFTER_MS },
    })
  }

  async start(): Promise<this> {
    nodes.push(this)
    await this.registry.join()
    await this.assignment.start()
    return this
  }

  /** As on SIGTERM. */
  async stop(): Promise<void> {
    if (this.#hasStopped) return
    this.#hasStopped = true
    await this.registry.stopping()
    await this.assignment.handOver()
    await this.keeper.close()
    await this.registry.leave()
  }
}

function share(node: NodeOfTest): number {
  return node.folding.length
}

async function untilSettled(live: readonly NodeOfTest[], why: string): Promise<void> {
  await waitUntil(
    () => {
      const all = live.flatMap(({ folding }) => folding)
      const shares = live.map(share)
      return new Set(all).size === PARTITIONS.length && Math.max(...shares) - Math.min(...shares) <= 1
    },
    { why, describe: () => live.map(({ id, folding }) => `${id}: ${folding.join(' ')}`).join('\n') },
  )
}

test('the first node folds everything as soon as it has started', async () => {
  const a = await new NodeOfTest('a', database.db).start()
  expect(a.folding).toEqual(PARTITIONS)
  expect(a.assignment.owned).toEqual(PARTITIONS)
})

test('nodes that join get even shares, and no partition is ever folded by two', async () => {
  const a = await new NodeOfTest('a', database.db).start()
  const b = await new NodeOfTest('b', database.db).start()
  const c = await new NodeOfTest('c', database.db).start()
  const twice: string[] = []
  const watch = setInterval(() => {
    const all = [a, b, c].flatMap(({ folding }) => folding)
    twice.push(...all.filter((each, i) => all.indexOf(each) !== i))
  }, 1)
  for (const node of [a, b, c]) node.batchMs = 30
  await untilSettled([a, b, c], 'three nodes have even shares')
  clearInterval(watch)
  expect(twice).toEqual([])
  expect([share(a), share(b), share(c)]).toEqual([3, 3, 2])
})

test('what a node that stops gracefully folded is with the others as soon as its batches have ended', async () => {
  const a = await new NodeOfTest('a', database.db).start()
  const b = await new NodeOfTest('b', database.db).start()
  await untilSettled([a, b], 'both have half')
  const before = performance.now()
  await a.stop()
  await untilSettled([b], 'b has everything')
  expect(performance.now() - before).toBeLessThan(DEAD_AFTER_MS)
  expect(a.folding).toEqual([])
})

test('what a node that died folded is with the others when its leases have run out', async () => {
  const own = database.openAnother()
  const a = await new NodeOfTest('a', own).start()
  const b = await new NodeOfTest('b', database.db).start()
  await untilSettled([a, b], 'both have half')
  await own.destroy()
  await untilSettled([b], 'b has everything')
  // It noticed by itself, before anybody else had them.
  expect(a.folding).toEqual([])
  expect(a.changes.at(-1)).toMatchObject({ kind: 'lost' })
})

test('a node that lost everything while it was stopped takes its share again', async () => {
  const a = await new NodeOfTest('a', database.db).start()
  await database.db.updateTable('lease').set({ owner: 'ghost', fence: 9 }).execute()
  await waitUntil(() => share(a) === 0, { why: 'a has noticed' })
  await untilSettled([a], 'a has everything again')
})
