import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import type { Logger } from 'pino'
import { syncPeople } from '../auth/people-repository.ts'
import { createOnceHere } from '../cluster/once-per-cluster.ts'
import type { OrdersFor } from '../incidents/follow-up-orders.ts'
import { runUpkeep } from '../incidents/upkeep/run-upkeep.ts'
import type { SourcePolicy } from '../incidents/working-set.ts'
import type { DeliveryLog } from '../intake/delivery-log/delivery-log.ts'
import type { FoldEvents } from '../intake/fold-parts.ts'
import { runRetention } from '../intake/retention.ts'
import { createSourceRegistry, type SourceRegistry } from '../intake/source-registry.ts'
import type { DoorWorkspace } from '../notify/channels/slack/interaction/receive-slack.ts'
import type { ThreadStore } from '../notify/threads/thread-store.ts'
import { armCrashPoint } from '../store/crash-point.ts'
import { type Db, migratable, openDatabase } from '../store/database.ts'
import type { SpawnThread } from '../store/dialects/sqlite/sqlite-thread.ts'
import { migrateToLatest } from '../store/migrate.ts'
import { createNewId, type NewId } from '../store/new-id.ts'
import { threadChannelOf } from './build-channels.ts'
import { foldOf } from './build-fold.ts'
import { openClusterSide } from './cluster-side.ts'
import type { Config } from './config/config-shape.ts'
import { createRouting, type Routing } from './create-routing.ts'
import { engineDataOf } from './engine-data.ts'
import { EngineThread, remoteThreadStore } from './engine-thread.ts'
import { findProblems } from './find-problems.ts'
import type { HealthProblem } from './health-problem.ts'
import { lockDataFolder } from './instance-lock.ts'
import { locateDatabase } from './locate-database.ts'
import { locateLog } from './locate-log.ts'
import { openLogOf } from './open-log-of.ts'
import { ownSourceEntries } from './own-source-data.ts'
import { type ClusterFacts, readClusterFacts } from './read-cluster-facts.ts'
import { adapterOfKind } from './registries.ts'
import { startWatching } from './start-watching.ts'
import { watchThreads } from './watch-threads.ts'

/** The running product without its doors. */
export interface App {
  readonly config: Config
  readonly logger: Logger
  readonly db: Db
  readonly log: DeliveryLog
  readonly sources: SourceRegistry
  readonly threads: ThreadStore
  readonly routing: Routing
  readonly fold: FoldEvents
  readonly ordersFor: OrdersFor
  readonly policyOf: (source: string) => SourcePolicy
  readonly newId: NewId
  readonly now: () => number
  readonly startedAt: number
  readonly channelLabel: string
  readonly threadChannelId: string | null
  /** The ids of the channels that an incident can be told in. */
  readonly channelIds: readonly string[]
  /** Whose clicks arrive over HTTP. */
  readonly slackWorkspaces: readonly DoorWorkspace[]
  readonly wake: (what: 'consumer' | 'jobs', partition?: string) => void
  readonly problems: () => Promise<readonly HealthProblem[]>
  readonly engineMetrics: () => Promise<string>
  /** Metrics of what watches senders and the product itself. */
  readonly watchMetrics: () => Promise<string>
  readonly onCommitted: (listener: () => void) => () => void
  /** Whether alerts can be taken in while the database is away. */
  readonly logOutlivesDatabase: boolean
  /** Why nothing may be asked of this process, because a newer program changed the schema; null while all is well. */
  readonly standDownReason: () => string | null
  /** Who is in the cluster and does what. */
  readonly cluster: () => Promise<ClusterFacts>
  /** Says where it listens, which is not always known before. */
  readonly listensAt: (address: string) => Promise<void>
  /** Gives to the other nodes, if there are any, what only one may do: the first step of a stop. */
  readonly handOver: () => Promise<void>
  /** Ends everything in reverse order of its start; what is durable stays. */
  readonly close: () => Promise<void>
}

export interface AppDeps {
  readonly spawn: SpawnThread
  readonly logger: Logger
  /** A thread that the product cannot live without has died: the process must end, so that a supervisor restarts it. */
  readonly onFatal: (error: Error) => void
}

/**
 * Builds the product from its configuration, fallible steps first; every step registers its own undo. Throws what is
 * wrong in words for an operator, after undoing what was done. It is deliberately one straight line.
 */
export async function buildApp(config: Config, deps: AppDeps): Promise<App> {
  const undo: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    armCrashPoint(config.crashAt)
    const location = locateDatabase(config.database)
    const logLocation = locateLog(config)
    mkdirSync(config.dataDir, { recursive: true })
    // What lies on a disk belongs to one process; nodes that share servers share no folder's files.
    if (location.kind === 'sqlite' || logLocation.kind === 'embedded') {
      const unlock = lockDataFolder(config.dataDir)
      undo.push(async () => unlock())
    }
    const threads = watchThreads(deps.spawn, deps.onFatal)
    const db = openDatabase(location, threads.spawn)
    undo.push(() => db.destroy())
    const cluster = await openClusterSide({ db, config, logger: deps.logger })
    undo.push(() => cluster.close())
    const { self, isAlone, now } = cluster
    const startedAt = now()
    const newId = createNewId(startedAt)
    await migrateToLatest(migratable(db))
    await syncPeople({ db, newId, now }, config.tenantId, config.people)
    const { log, close: closeLog } = await openLogOf({
      location: logLocation,
      database: location,
      db,
      spawn: threads.spawn,
    })
    undo.push(closeLog)
    const data = { ...engineDataOf(config, location, logLocation), node: isAlone ? null : self }
    const engine = await EngineThread.open(deps.spawn, data, deps.onFatal)
    undo.push(() => engine.close())
    // A log on the disk of this machine is nobody else's to trim.
    const once = logLocation.kind === 'embedded' ? createOnceHere(cluster.onFault) : cluster.once
    const retention = once('retention', RETENTION_EVERY_MS, async (signal) => {
      const report = await runRetention({ db, log, now, signal, tenantId: config.tenantId, policy: config.retention })
      deps.logger.debug(report, 'Forgot what was older than its time')
    })
    undo.push(() => retention.close())
    const upkeep = cluster.once('upkeep', UPKEEP_EVERY_MS, async (signal) => {
      const report = await runUpkeep({ db, tenantId: config.tenantId, signal })
      deps.logger.debug(report, 'Took in what was stored before')
    })
    undo.push(() => upkeep.close())
    const watch = startWatching(config, {
      db,
      log,
      newId,
      logger: deps.logger,
      now,
      once: cluster.once,
      wake: () => engine.wake('consumer'),
    })
    undo.push(() => watch.close())
    engine.onStandDown(() => void Promise.all([retention.close(), upkeep.close(), watch.close()]))
    threads.begin()
    undo.push(async () => threads.end())
    const routing = createRouting(data.routing)
    return {
      config,
      logger: deps.logger,
      db,
      log,
      newId,
      routing,
      ...foldOf(data, routing, newId),
      sources: registryOf(config),
      threads: remoteThreadStore(engine, config.threads.store),
      now,
      startedAt,
      channelLabel: config.channels.find(({ id }) => id === config.defaultChannel)?.label ?? '',
      threadChannelId: threadChannelOf(config.channels, config.defaultChannel),
      channelIds: config.channels.map(({ id }) => id),
      slackWorkspaces: data.slackDesk.workspaces,
      wake: (what, partition) => engine.wake(what, partition),
      problems: async () => [
        ...(await findProblems({ db, engine, log, tenantId: config.tenantId })),
        ...watch.problems(),
      ],
      watchMetrics: () => watch.metricsText(),
      engineMetrics: () => engine.call('metrics'),
      onCommitted: (listener) => engine.onCommitted(listener),
      logOutlivesDatabase: logLocation.kind === 'stream',
      standDownReason: () => engine.standDownReason,
      cluster: () =>
        readClusterFacts({ db, log, self, isAlone, startedAt, database: location.kind, logKind: logLocation.kind }),
      listensAt: (address) => engine.call('listensAt', address),
      handOver: () => engine.call('handOver'),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function registryOf(config: Config): SourceRegistry {
  const { tenantId } = config
  const configured = config.sources.map(({ name, kind, token, settings }) => ({
    tenantId,
    name,
    kind,
    tokenHash: token === null ? null : createHash('sha256').update(token.reveal()).digest(),
    adapter: adapterOfKind(kind),
    settings,
  }))
  return createSourceRegistry([...configured, ...ownSourceEntries(config)])
}

/** Between looks for incidents that a program of before made. */
const UPKEEP_EVERY_MS = 10 * 60_000
const RETENTION_EVERY_MS = 10 * 60_000
