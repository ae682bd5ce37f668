import type { ClusterFacts } from '../../src/app/read-cluster-facts.ts'

/** The cluster of an installation with storage of its own. */
export const ALONE: ClusterFacts = {
  database: 'sqlite',
  log: 'embedded',
  self: '01KALONE',
  nodes: [
    {
      id: '01KALONE',
      name: 'box',
      address: 'http://127.0.0.1:9009',
      version: '1.2.3',
      pid: 1,
      machine: 'm1',
      steps: [],
      state: 'working',
      stateReason: null,
      clockOffsetMs: 0,
      startedAt: Date.parse('2026-01-05T11:00:00Z'),
      heartbeatAgeMs: 0,
    },
  ],
  partitions: [{ partition: 'p', owner: '01KALONE', lag: 0 }],
  leases: [],
}
