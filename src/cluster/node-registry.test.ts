import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import type { Db } from '../store/database.ts'
import { MIGRATIONS } from '../store/migrate.ts'
import { LeaseKeeper } from './lease-keeper.ts'
import { readLeases } from './lease-repository.ts'
import { NodeRegistry } from './node-registry.ts'
import { type NodeIdentity, readNodes } from './node-repository.ts'

const STEPS = MIGRATIONS.map(({ name }) => name)
const TIMING = { beatEveryMs: 40, retryMs: 10, deadAfterMs: 400 }

let database: TempDatabase
const registries: NodeRegistry[] = []

beforeEach(async () => {
  database = await makeTempDatabase()
})

afterEach(async () => {
  for (const registry of registries.splice(0)) await registry.leave()
  await database.close()
})

interface NodeOfTest {
  readonly registry: NodeRegistry
  readonly stoodDown: string[]
  readonly faults: unknown[]
}

interface NodeOver extends Partial<NodeIdentity> {
  readonly db?: Db
  readonly ended?: readonly number[]
}

function nodeOf(id: string, { db, ended = [], ...over }: NodeOver = {}): NodeOfTest {
  const stoodDown: string[] = []
  const faults: unknown[] = []
  const registry = new NodeRegistry({
    db: db ?? database.db,
    identity: {
      id,
      name: 'box',
      address: 'http://box:9009',
      version: '1.2.3',
      pid: 1,
      machine: 'm1',
      steps: STEPS,
      ...over,
    },
    monotonic: () => performance.now(),
    clockOffsetMs: () => 12.6,
    hasEnded: (pid) => ended.includes(pid),
    onStandDown: (reason) => stoodDown.push(reason),
    onFault: (error) => faults.push(error),
    timing: TIMING,
  })
  registries.push(registry)
  return { registry, stoodDown, faults }
}

async function statesOf(): Promise<Record<string, string>> {
  const nodes = await readNodes(database.db, TIMING.deadAfterMs)
  return Object.fromEntries(nodes.map(({ id, state }) => [id, state]))
}

test('a node that joined is seen with all that it says of itself', async () => {
  const { registry } = nodeOf('a', { pid: 42 })
  await registry.join()
  const [seen] = await readNodes(database.db)
  expect(seen).toMatchObject({ id: 'a', name: 'box', version: '1.2.3', pid: 42, state: 'working', clockOffsetMs: 13 })
  expect(seen?.steps).toEqual(STEPS)
  expect(Math.abs((seen?.startedAt ?? 0) - Date.now())).toBeLessThan(5_000)
  await registry.listensAt('http://10.0.0.7:9009')
  expect((await readNodes(database.db))[0]?.address).toBe('http://10.0.0.7:9009')
})

test('a node that stops says so at once, and has stopped at its end', async () => {
  const { registry } = nodeOf('a')
  await registry.join()
  await registry.stopping()
  expect(await statesOf()).toEqual({ a: 'stopping' })
  expect(registry.standing.kind).toBe('stopping')
  await registry.leave()
  expect(await statesOf()).toEqual({ a: 'stopped' })
})

test('a node that is not heard any more is dead, and knows it of itself', async () => {
  const own = database.openAnother()
  const { registry, faults } = nodeOf('a', { db: own })
  await nodeOf('b').registry.join()
  await registry.join()
  await own.destroy()
  await waitUntil(async () => (await statesOf())['a'] === 'dead', { why: 'a is dead' })
  expect((await statesOf())['b']).toBe('working')
  await waitUntil(() => registry.standing.kind === 'cut-off', { why: 'it knows' })
  expect(registry.standing.reason).toMatch(/heartbeat has not reached the database/)
  expect(faults.length).toBeGreaterThan(0)
})

test('who was killed on this machine is known to be dead when its successor joins, and holds nothing any more', async () => {
  await nodeOf('killed', { pid: 7 }).registry.join()
  await nodeOf('elsewhere', { pid: 7, machine: 'm2' }).registry.join()
  await nodeOf('alive', { pid: 8 }).registry.join()
  for (const owner of ['killed', 'elsewhere', 'alive']) await holdLease(owner)
  await registries[0]?.leave()
  await database.db.updateTable('node').set({ state: 'working' }).where('id', '=', 'killed').execute()
  await nodeOf('successor', { pid: 9, ended: [7] }).registry.join()
  expect(await statesOf()).toEqual({ killed: 'stopped', elsewhere: 'working', alive: 'working', successor: 'working' })
  expect(await readLeases(database.db)).toMatchObject([
    { name: 'of-alive', owner: 'alive' },
    { name: 'of-elsewhere', owner: 'elsewhere' },
    { name: 'of-killed', owner: null },
  ])
})

async function holdLease(owner: string): Promise<void> {
  const keeper = new LeaseKeeper({
    db: database.db,
    owner,
    monotonic: () => performance.now(),
    onLost: () => undefined,
    onFault: () => undefined,
  })
  await keeper.acquire(`of-${owner}`)
}

test('who was not heard for a day is forgotten, and comes back by its next heartbeat', async () => {
  const { registry } = nodeOf('a')
  await registry.join()
  await registry.leave()
  await database.db
    .updateTable('node')
    .set({ heartbeat_at: Date.now() - 90_000_000 })
    .execute()
  await nodeOf('b').registry.join()
  expect(await statesOf()).toEqual({ b: 'working' })
  await registry.beat()
  expect((await statesOf())['a']).toBe('working')
})

test('a node under which a newer program changed the schema stands down, says why, and is told once', async () => {
  const { registry, stoodDown } = nodeOf('a')
  await registry.join()
  await addStep('20990101-0000-harmless', 0)
  await registry.beat()
  expect(registry.standing.kind).toBe('working')
  await addStep('20990101-0001-other-world', 1)
  await registry.beat()
  await registry.beat()
  expect(registry.standing).toMatchObject({ kind: 'standing-down' })
  expect(stoodDown).toEqual([expect.stringMatching(/20990101-0001-other-world.*start that newer version/)])
  expect((await readNodes(database.db))[0]).toMatchObject({ state: 'standing-down', stateReason: stoodDown[0] })
})

async function addStep(name: string, breaking: number): Promise<void> {
  await sql`insert into schema_step (name, breaking, applied_at) values (${name}, ${breaking}, 0)`.execute(database.db)
}
