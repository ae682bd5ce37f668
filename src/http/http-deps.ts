import type { Logger } from 'pino'
import type { ChannelConfig } from '../app/config/config-shape.ts'
import type { Routing } from '../app/create-routing.ts'
import type { HealthProblem } from '../app/health-problem.ts'
import type { ClusterFacts } from '../app/read-cluster-facts.ts'
import type { ConfiguredKey } from '../auth/authenticate-key.ts'
import type { OrdersFor } from '../incidents/follow-up-orders.ts'
import type { SourcePolicy } from '../incidents/working-set.ts'
import type { DeliveryLog } from '../intake/delivery-log/delivery-log.ts'
import type { FoldEvents } from '../intake/fold-parts.ts'
import type { SourceRegistry } from '../intake/source-registry.ts'
import type { DoorWorkspace } from '../notify/channels/slack/interaction/receive-slack.ts'
import type { ThreadStore } from '../notify/threads/thread-store.ts'
import type { Db } from '../store/database.ts'
import type { NewId } from '../store/new-id.ts'
import type { BodyLimits } from './read-body.ts'

/** What the HTTP door needs of the house. Given by the composition root. */
export interface HttpDeps {
  readonly version: string
  readonly tenantId: string
  readonly environment: string
  /** The places where incidents are told; nothing here is secret. */
  readonly channels: readonly Pick<ChannelConfig, 'id' | 'kind' | 'label'>[]
  /** The id of the channel that is told what no route takes. */
  readonly defaultChannel: string
  /** The rules about who hears of an incident. */
  readonly routing: Routing
  /** What `/health` of system 2 shows as the channel. */
  readonly channelLabel: string
  /** The channel whose threads `POST /alert` answers; null where no channel has threads. */
  readonly threadChannelId: string | null
  /** The ids of the channels that an incident can be told in. */
  readonly channelIds: readonly string[]
  /** Whose clicks arrive over HTTP. */
  readonly slackWorkspaces: readonly DoorWorkspace[]
  /** True on a loopback address without credentials: everybody who reaches the port may do everything. */
  readonly isOpen: boolean
  /** Keys from the configuration; those that people make live in the database. */
  readonly configuredKeys: readonly ConfiguredKey[]
  readonly db: Db
  readonly log: DeliveryLog
  /** Whether alerts can be taken in while the database is away. */
  readonly logOutlivesDatabase: boolean
  readonly sources: SourceRegistry
  readonly threads: ThreadStore
  readonly fold: FoldEvents
  readonly ordersFor: OrdersFor
  /** How the alerts of a source are tied together. */
  readonly policyOf: (source: string) => SourcePolicy
  readonly newId: NewId
  readonly now: () => number
  readonly logger: Logger
  /** Says that a delivery was appended (to the consumer of the partition, or all) or that jobs may be due (to the worker). */
  readonly wake: (what: 'consumer' | 'jobs', partition?: string) => void
  /** Problems that people should know of; empty = healthy. Answers within a second. */
  readonly problems: () => Promise<readonly HealthProblem[]>
  /** Prometheus text of the other threads of this process, to be joined with this one's. */
  readonly engineMetrics: () => Promise<string>
  readonly watchMetrics: () => Promise<string>
  readonly isReady: () => boolean
  /** Why nothing may be asked of this process, because a newer program changed the schema; null while all is well. */
  readonly standDownReason: () => string | null
  /** Who is in the cluster and does what. Rejects with what the database or the log throws. */
  readonly cluster: () => Promise<ClusterFacts>
  /** Calls `listener` after every commit of this node that may have changed incidents; answers how to stop. */
  readonly onCommitted: (listener: () => void) => () => void
  /** How long `POST /alert` waits for Slack, ms. */
  readonly alertWaitMs: number
  /** How large deliveries may be and how long they may take to arrive. */
  readonly intakeLimits: BodyLimits
  readonly startedAt: number
}
