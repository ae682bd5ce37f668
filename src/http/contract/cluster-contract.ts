import * as z from 'zod'
import { Instant } from './fields.ts'

const ClusterNode = z
  .object({
    id: z.string().meta({ description: 'Made anew at every start.' }),
    name: z.string().meta({ description: 'What its machine is called.' }),
    address: z.string(),
    version: z.string(),
    pid: z.int(),
    state: z.enum(['working', 'standing-down', 'stopping', 'stopped', 'dead']).meta({
      description:
        '`dead`: not heard for 10 seconds, so that others do its work. `standing-down`: a newer version changed the schema.',
    }),
    stateReason: z.string().nullable(),
    isSelf: z.boolean().meta({ description: 'It gave this answer.' }),
    startedAt: Instant,
    heartbeatAgeMs: z.int(),
    clockOffsetMs: z
      .int()
      .meta({ description: 'How far its wall clock is ahead of the time that all nodes agree on.' }),
    partitions: z.array(z.string()).meta({ description: 'What it folds.' }),
  })
  .meta({ id: 'ClusterNode' })

const ClusterPartition = z
  .object({
    partition: z.string(),
    owner: z.string().nullable().meta({ description: 'Id of the node that folds it; null while it is between two.' }),
    lag: z.int().meta({ description: 'Deliveries that are stored and not yet folded; at most so many.' }),
  })
  .meta({ id: 'ClusterPartition' })

const ClusterLease = z
  .object({
    name: z.string(),
    owner: z.string().nullable(),
    fence: z.int().meta({ description: 'Grows with every change of owner.' }),
    leftMs: z.int().meta({ description: 'Until others may take it, unless it is renewed.' }),
    heldMs: z.int(),
    ranAgoMs: z.int().nullable().meta({ description: 'Of regular work: how long ago its last run ended.' }),
  })
  .meta({ id: 'ClusterLease', description: 'Something that one node does at a time.' })

export const Cluster = z
  .object({
    size: z.object({
      database: z.enum(['sqlite', 'mysql', 'postgres']),
      log: z.enum(['embedded', 'database', 'stream']),
      nodes: z.int().meta({ description: 'Nodes that work now.' }),
      partitions: z.int(),
    }),
    now: Instant.meta({ description: 'The time that all nodes agree on.' }),
    nodes: z.array(ClusterNode),
    partitions: z.array(ClusterPartition),
    leases: z.array(ClusterLease),
  })
  .meta({ id: 'Cluster' })
