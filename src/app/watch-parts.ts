import type { Logger } from 'pino'
import type { OncePerCluster } from '../cluster/once-per-cluster.ts'
import type { DeliveryLog } from '../intake/delivery-log/delivery-log.ts'
import type { Db } from '../store/database.ts'
import type { NewId } from '../store/new-id.ts'

/** What those who watch need of the house. */
export interface WatchParts {
  readonly db: Db
  readonly log: Pick<DeliveryLog, 'append' | 'list' | 'get' | 'stats' | 'partitions'>
  readonly logger: Logger
  readonly now: () => number
  readonly newId: NewId
  /** Something was appended to the log. */
  readonly wake: () => void
  readonly once: OncePerCluster
}
