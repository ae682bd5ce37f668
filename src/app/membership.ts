import type { Logger } from 'pino'
import { ClusterClock } from '../cluster/cluster-clock.ts'
import { ClusterMember } from '../cluster/cluster-member.ts'
import type { Standing } from '../cluster/node-registry.ts'
import { createOnceHere, type OncePerCluster } from '../cluster/once-per-cluster.ts'
import type { PartitionGroup } from '../cluster/partition-assignment.ts'
import { hasProcessEnded } from '../cluster/this-machine.ts'
import type { Db } from '../store/database.ts'
import { readDatabaseTime } from '../store/database-time.ts'
import type { EngineData } from './engine-data.ts'
import type { EngineMetrics } from './engine-metrics.ts'

/** What is left to a node of what its cluster does: everything where it is alone. */
export interface Membership {
  /** The time that all nodes agree on, ms since 1970. */
  readonly now: () => number
  readonly once: OncePerCluster
  readonly standing: () => Standing
  /** Folds this node's share of the partitions from now on. Throws what the database throws. */
  readonly begin: (group: PartitionGroup) => Promise<void>
  readonly listensAt: (address: string) => Promise<void>
  /** Takes no more partitions, and gives those it has to the others. */
  readonly handOver: () => Promise<void>
  /** The same, unless there is nobody who would go on. */
  readonly handOverToOthers: () => Promise<void>
  readonly leave: () => Promise<void>
}

export interface MembershipDeps {
  readonly db: Db
  readonly data: Pick<EngineData, 'node' | 'log'>
  readonly metrics: EngineMetrics
  readonly logger: Logger
  /** The time of a node that is alone. */
  readonly ownNow: () => number
  readonly onStandDown: (reason: string) => void
}

/** Makes this process a member of its cluster, or of nothing where the storage is its own. Throws what the database throws. */
export async function openMembership(deps: MembershipDeps): Promise<Membership> {
  return deps.data.node === null ? aloneWith(deps) : await joinCluster(deps, deps.data.node)
}

function aloneWith({ logger, ownNow }: MembershipDeps): Membership {
  return {
    now: ownNow,
    once: createOnceHere((error, name) => logger.warn({ err: error }, `What is done regularly (${name}) failed`)),
    standing: () => ({ kind: 'working', reason: '' }),
    begin: (group) => group.assign(group.partitions),
    listensAt: async () => undefined,
    handOver: async () => undefined,
    handOverToOthers: async () => undefined,
    leave: async () => undefined,
  }
}

async function joinCluster(deps: MembershipDeps, identity: NonNullable<EngineData['node']>): Promise<Membership> {
  const { db, data, metrics, logger, onStandDown } = deps
  const monotonic = (): number => performance.now()
  const clock = await ClusterClock.open({
    readTime: () => readDatabaseTime(db),
    monotonic,
    onFault: (error) => logger.debug({ err: error }, 'The database could not be asked for the time'),
  })
  const member = new ClusterMember({
    db,
    identity,
    monotonic,
    clockOffsetMs: () => deps.ownNow() - clock.now(),
    hasEnded: hasProcessEnded,
    onStandDown,
    onChanged: (change) => {
      metrics.partitionsChanged(change)
      logger.info(change, CHANGED[change.kind])
    },
    onFault: (error, what) => logger.warn({ err: error }, what),
  })
  metrics.watchMember(member)
  return {
    now: clock.now,
    once: member.once,
    standing: () => member.standing,
    begin: async (group) => {
      await member.join()
      // What lies on this machine's disk can be folded by nobody else.
      await (data.log.kind === 'embedded' ? group.assign(group.partitions) : member.share(group))
    },
    listensAt: (address) => member.listensAt(address),
    handOver: () => member.handOver(),
    handOverToOthers: () => member.handOverToOthers(),
    leave: async () => {
      await member.leave()
      await clock.close()
    },
  }
}

const CHANGED = {
  taken: 'This node folds more partitions of the delivery log',
  given: 'This node has given partitions of the delivery log to the others',
  lost: 'This node has lost partitions of the delivery log',
} as const
