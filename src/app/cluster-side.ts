import type { Logger } from 'pino'
import { ClusterClock } from '../cluster/cluster-clock.ts'
import { LeaseKeeper } from '../cluster/lease-keeper.ts'
import type { NodeIdentity } from '../cluster/node-repository.ts'
import { createOnceHere, createOncePerCluster, type OncePerCluster } from '../cluster/once-per-cluster.ts'
import { refuseIncompatibleNeighbours } from '../cluster/refuse-incompatible-neighbours.ts'
import { type Db, migratable } from '../store/database.ts'
import { readDatabaseTime } from '../store/database-time.ts'
import { capabilitiesOf } from '../store/dialects/engine-capabilities.ts'
import { createNewId } from '../store/new-id.ts'
import type { Config } from './config/config-shape.ts'
import { nodeIdentity } from './node-identity.ts'

/** What the thread that answers HTTP has of the cluster; that this node takes part in it is the engine's matter. */
export interface ClusterSide {
  /** What this process says of itself. */
  readonly self: NodeIdentity
  /** Whether the database belongs to this process, so that there can be no other. */
  readonly isAlone: boolean
  /** The time that all nodes agree on, ms since 1970. */
  readonly now: () => number
  /** For work that is done where requests are answered. */
  readonly once: OncePerCluster
  /** Tells of a run that failed. */
  readonly onFault: (error: unknown, name: string) => void
  readonly close: () => Promise<void>
}

export interface ClusterSideDeps {
  readonly db: Db
  readonly config: Pick<Config, 'host' | 'port'>
  readonly logger: Logger
}

/**
 * Finds out whether other nodes may share the database, and with them the time. Comes before the schema is changed: throws
 * `IncompatibleNeighbourError` when one is running that would misread it, and what the database throws.
 */
export async function openClusterSide(deps: ClusterSideDeps): Promise<ClusterSide> {
  const { db, config, logger } = deps
  const onFault = (error: unknown, name: string): void =>
    logger.warn({ err: error }, `What is done regularly (${name}) stopped half-way; it goes on in a while`)
  if (capabilitiesOf(db).writers === 'one') {
    const self = nodeIdentity(createNewId()(Date.now()), config)
    return { self, isAlone: true, now: Date.now, once: createOnceHere(onFault), onFault, close: async () => undefined }
  }
  await refuseIncompatibleNeighbours(db, migratable(db))
  const monotonic = (): number => performance.now()
  const clock = await ClusterClock.open({
    readTime: () => readDatabaseTime(db),
    monotonic,
    onFault: (error) => logger.debug({ err: error }, 'The database could not be asked for the time'),
  })
  const self = nodeIdentity(createNewId()(clock.now()), config)
  const keeper = new LeaseKeeper({
    db,
    owner: self.id,
    monotonic,
    onLost: (name) => logger.info({ lease: name }, 'Another node does this from now on'),
    onFault: (error) => logger.debug({ err: error }, 'Leases could not be renewed'),
  })
  return {
    self,
    isAlone: false,
    now: clock.now,
    once: createOncePerCluster({ db, keeper, onFault }),
    onFault,
    close: async () => {
      await keeper.close()
      await clock.close()
    },
  }
}
