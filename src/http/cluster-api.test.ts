import { afterEach, expect, test } from 'vitest'
import { ALONE } from '../../test/support/alone.ts'
import { openTestDoor, type TestDoor } from '../../test/support/test-door.ts'
import type { ClusterFacts } from '../app/read-cluster-facts.ts'
import type { NodeView } from '../cluster/node-repository.ts'

let door: TestDoor

afterEach(async () => {
  await door.close()
})

function nodeOf(over: Partial<NodeView>): NodeView {
  return { ...(ALONE.nodes[0] as NodeView), ...over }
}

const TWO: ClusterFacts = {
  database: 'postgres',
  log: 'embedded',
  self: 'b',
  nodes: [
    nodeOf({ id: 'a', state: 'dead', heartbeatAgeMs: 12_000 }),
    nodeOf({ id: 'b', heartbeatAgeMs: 900, clockOffsetMs: -3_600_000 }),
  ],
  partitions: [
    { partition: 'log/0', owner: 'b', lag: 7 },
    { partition: 'log/1', owner: null, lag: 3 },
  ],
  leases: [{ name: 'fold/log/0', owner: 'b', fence: 4, leftMs: 9_000, heldMs: 60_000, ranAgoMs: null }],
}

test('the cluster is told with its nodes, what each of them folds, and how far behind each partition is', async () => {
  door = await openTestDoor({ cluster: async () => TWO })
  const { status, body } = await door.get('/api/v1/cluster')
  expect(status).toBe(200)
  expect(body).toMatchObject({
    size: { database: 'postgres', log: 'embedded', nodes: 1, partitions: 2 },
    now: '2026-01-05T12:00:00.000Z',
    nodes: [
      { id: 'a', state: 'dead', isSelf: false, heartbeatAgeMs: 12_000, partitions: [] },
      { id: 'b', state: 'working', isSelf: true, clockOffsetMs: -3_600_000, partitions: ['log/0'] },
    ],
    partitions: TWO.partitions,
    leases: TWO.leases,
  })
  expect(JSON.stringify(body)).not.toContain('machine')
})

test('an installation with storage of its own is one node that does everything', async () => {
  door = await openTestDoor()
  const { body } = await door.get('/api/v1/cluster')
  expect(body).toMatchObject({
    size: { database: 'sqlite', log: 'embedded', nodes: 1, partitions: 1 },
    nodes: [{ isSelf: true, partitions: ['p'] }],
    leases: [],
  })
})

test('a node that must not go on answers 503 with the reason to everything but health and metrics', async () => {
  let reason: string | null = null
  door = await openTestDoor({
    standDownReason: () => reason,
    problems: async () =>
      reason === null ? [] : [{ part: 'cluster', problem: 'It has stopped working', remedy: reason }],
  })
  expect((await door.get('/api/v1/incidents')).status).toBe(200)
  reason = 'A newer Nunchi has changed the database.'
  for (const path of ['/api/v1/incidents', '/api/v1/cluster', '/health', '/threads', '/nowhere'])
    expect(await door.get(path)).toMatchObject({ status: 503, body: { detail: reason } })
  expect(await door.post('/webhook/alertmanager', { alerts: [] })).toMatchObject({ status: 503 })
  expect((await door.get('/healthz')).status).toBe(200)
  expect(await door.get('/readyz')).toMatchObject({
    status: 503,
    body: { status: 'not-ready', reasons: [expect.stringContaining(reason)] },
  })
})
