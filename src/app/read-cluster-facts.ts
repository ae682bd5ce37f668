import { type LeaseView, readLeases } from '../cluster/lease-repository.ts'
import { type NodeIdentity, type NodeView, readNodes } from '../cluster/node-repository.ts'
import { leaseOfPartition } from '../cluster/partition-assignment.ts'
import type { DeliveryLog } from '../intake/delivery-log/delivery-log.ts'
import type { LogLocation } from '../intake/delivery-log/log-location.ts'
import { readProgress } from '../intake/folded-position.ts'
import { partitionLags } from '../intake/partition-lags.ts'
import type { DatabaseLocation, Db } from '../store/database.ts'

export interface ClusterFactsDeps {
  readonly db: Db
  readonly log: DeliveryLog
  /** This node. */
  readonly self: NodeIdentity
  /** Whether the database belongs to this process, so that there can be no other. */
  readonly isAlone: boolean
  readonly startedAt: number
  readonly database: DatabaseLocation['kind']
  readonly logKind: LogLocation['kind']
}

/** Who is in the cluster and does what, as this node and the database see it. */
export interface ClusterFacts {
  readonly database: DatabaseLocation['kind']
  readonly log: LogLocation['kind']
  /** Id of the node that answers. */
  readonly self: string
  readonly nodes: readonly NodeView[]
  readonly partitions: readonly {
    readonly partition: string
    /** Id of the node that folds it; null while nobody does. */
    readonly owner: string | null
    /** Deliveries that are stored and not yet folded. */
    readonly lag: number
  }[]
  readonly leases: readonly LeaseView[]
}

/** Asks the database and the log. Throws what they throw. */
export async function readClusterFacts(deps: ClusterFactsDeps): Promise<ClusterFacts> {
  const { db, log, self, isAlone, database, logKind } = deps
  const [nodes, leases, stats, progress] = await Promise.all([
    isAlone ? [aloneNow(deps)] : readNodes(db),
    isAlone ? [] : readLeases(db),
    log.stats(),
    readProgress(db, log.partitions),
  ])
  const lags = partitionLags(stats, progress)
  const owners = new Map(leases.map(({ name, owner }) => [name, owner]))
  const isShared = logKind !== 'embedded'
  return {
    database,
    log: logKind,
    self: self.id,
    nodes,
    leases,
    partitions: log.partitions.map((partition) => ({
      partition,
      owner: isShared ? (owners.get(leaseOfPartition(partition)) ?? null) : self.id,
      lag: lags.get(partition) ?? 0,
    })),
  }
}

function aloneNow({ self, startedAt }: ClusterFactsDeps): NodeView {
  return { ...self, state: 'working', stateReason: null, clockOffsetMs: 0, startedAt, heartbeatAgeMs: 0 }
}
