import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { syncPeople } from '../auth/people-repository.ts'
import type { OrdersFor } from '../incidents/follow-up-orders.ts'
import type { SourcePolicy } from '../incidents/working-set.ts'
import type { FoldEvents } from '../intake/consume.ts'
import type { DeliveryLog } from '../intake/delivery-log/delivery-log.ts'
import type { LogLocation } from '../intake/delivery-log/log-location.ts'
import { openDeliveryLog } from '../intake/delivery-log/open-log.ts'
import { createOnceHere } from '../intake/once-per-cluster.ts'
import { startRetention } from '../intake/retention.ts'
import { createSourceRegistry, type SourceRegistry } from '../intake/source-registry.ts'
import { blockedChannels } from '../notify/blocked-channel-queries.ts'
import type { DoorWorkspace } from '../notify/channels/slack/interaction/receive-slack.ts'
import type { ThreadStore } from '../notify/threads/thread-store.ts'
import { armCrashPoint } from '../store/crash-point.ts'
import { type Db, migratable, openDatabase } from '../store/database.ts'
import type { SpawnThread } from '../store/dialects/sqlite/sqlite-thread.ts'
import { migrateToLatest } from '../store/migrate.ts'
import { createNewId, type NewId } from '../store/new-id.ts'
import { threadChannelOf } from './build-channels.ts'
import type { Config } from './config/config-shape.ts'
import { createRouting, type Routing } from './create-routing.ts'
import { foldOf } from './engine.ts'
import { engineDataOf } from './engine-data.ts'
import { EngineThread, remoteThreadStore } from './engine-thread.ts'
import { lockDataFolder } from './instance-lock.ts'
import { locateDatabase } from './locate-database.ts'
import { adapterOfKind } from './registries.ts'
import { startWatching } from './start-watching.ts'
import { watchThreads } from './watch-threads.ts'

/** What a part of the product says of itself. `remedy` is for people, in clear words. */
export interface HealthProblem {
  readonly part: 'database' | 'delivery-log' | 'engine' | 'channel' | 'source'
  readonly problem: string
  readonly remedy: string
  /** The channel that it is about. */
  readonly channelId?: string
  /** The source that it is about. */
  readonly source?: string
}

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
    mkdirSync(config.dataDir, { recursive: true })
    const unlock = lockDataFolder(config.dataDir)
    undo.push(async () => unlock())
    const threads = watchThreads(deps.spawn, deps.onFatal)
    const location = locateDatabase(config.database)
    const db = openDatabase(location, threads.spawn)
    undo.push(() => db.destroy())
    await migrateToLatest(migratable(db))
    const newId = createNewId()
    await syncPeople({ db, newId, now: Date.now }, config.tenantId, config.people)
    const logLocation: LogLocation = { kind: 'embedded', path: join(config.dataDir, 'deliveries.db') }
    const log = await openDeliveryLog(logLocation, { db, spawn: threads.spawn })
    undo.push(() => log.close())
    const data = engineDataOf(config, location, logLocation)
    const engine = await EngineThread.open(deps.spawn, data, deps.onFatal)
    undo.push(() => engine.close())
    const retention = startRetention({
      db,
      log,
      tenantId: config.tenantId,
      now: Date.now,
      policy: config.retention,
      everyMs: RETENTION_EVERY_MS,
      onDone: (report) => deps.logger.debug(report, 'Forgot what was older than its time'),
      onFault: (error) => deps.logger.warn({ err: error }, 'Retention stopped half-way; it goes on in a while'),
    })
    undo.push(() => retention.close())
    const watch = startWatching(config, {
      db,
      log,
      newId,
      logger: deps.logger,
      now: Date.now,
      once: createOnceHere((error, work) => deps.logger.error({ err: error, work }, 'Repeated work failed')),
      wake: () => engine.wake('consumer'),
    })
    undo.push(() => watch.close())
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
      now: Date.now,
      startedAt: Date.now(),
      channelLabel: config.channels.find(({ id }) => id === config.defaultChannel)?.label ?? '',
      threadChannelId: threadChannelOf(config.channels, config.defaultChannel),
      channelIds: config.channels.map(({ id }) => id),
      slackWorkspaces: data.slackDesk.workspaces,
      wake: (what, partition) => engine.wake(what, partition),
      problems: async () => [...(await findProblems(db, engine, log)), ...watch.problems()],
      watchMetrics: () => watch.metricsText(),
      engineMetrics: () => engine.call('metrics'),
      onCommitted: (listener) => engine.onCommitted(listener),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function registryOf(config: Config): SourceRegistry {
  return createSourceRegistry(
    config.sources.map(({ name, kind, token, settings }) => ({
      tenantId: config.tenantId,
      name,
      kind,
      tokenHash: token === null ? null : createHash('sha256').update(token.reveal()).digest(),
      adapter: adapterOfKind(kind),
      settings,
    })),
  )
}

const RETENTION_EVERY_MS = 10 * 60_000

const PROBLEM_WAIT_MS = 1000

/** Asks every part; one that does not answer in time is itself the problem. */
async function findProblems(db: Db, engine: EngineThread, log: DeliveryLog): Promise<readonly HealthProblem[]> {
  const found = await Promise.all([
    within(checkDatabase(db), {
      part: 'database',
      problem: 'The database does not answer',
      remedy: 'Look at the disk and at the load of this machine.',
    }),
    within(checkLog(log), {
      part: 'delivery-log',
      problem: 'The delivery log does not answer',
      remedy: 'Look at the disk and at the load of this machine.',
    }),
    within(checkEngine(engine), {
      part: 'engine',
      problem: 'The engine does not answer',
      remedy: 'It may be busy; when this stays, restart Nunchi: nothing that was acknowledged is lost.',
    }),
    within(checkChannels(db), {
      part: 'channel',
      problem: 'The state of the channels is not known',
      remedy: 'Look at the problem of the database.',
    }),
  ])
  // The same refusal may be known from the rows and from the last attempt: people need to read it once.
  return [
    ...new Map(
      found.flat().map((problem) => [`${problem.part} ${problem.channelId ?? ''} ${problem.remedy}`, problem]),
    ).values(),
  ]
}

async function checkChannels(db: Db): Promise<readonly HealthProblem[]> {
  const blocks = await blockedChannels(db)
  return blocks.map(({ channelId, incidents, reason }) => ({
    part: 'channel',
    channelId,
    problem: `Channel ${channelId} refuses the messages of ${incidents} incident${incidents === 1 ? '' : 's'}`,
    remedy: reason,
  }))
}

async function within(
  check: Promise<readonly HealthProblem[]>,
  otherwise: HealthProblem,
): Promise<readonly HealthProblem[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<readonly HealthProblem[]>((resolve) => {
    timer = setTimeout(() => resolve([otherwise]), PROBLEM_WAIT_MS)
  })
  try {
    return await Promise.race([
      check.catch((error: unknown) => [
        { ...otherwise, problem: `${otherwise.problem}: ${error instanceof Error ? error.message : String(error)}` },
      ]),
      late,
    ])
  } finally {
    clearTimeout(timer)
  }
}

async function checkDatabase(db: Db): Promise<readonly HealthProblem[]> {
  await db.selectFrom('log_position').select('seq').limit(1).execute()
  return []
}

async function checkLog(log: DeliveryLog): Promise<readonly HealthProblem[]> {
  await log.stats()
  return []
}

async function checkEngine(engine: EngineThread): Promise<readonly HealthProblem[]> {
  const problems = await engine.call('channelProblems')
  const desk = await engine.call('deskProblems')
  return [
    ...problems.map(([channelId, problem]) => ({
      part: 'channel' as const,
      channelId,
      problem: `Channel ${channelId} needs repair`,
      remedy: problem,
    })),
    ...desk.map(([part, problem]) => ({ part: 'channel' as const, problem: `${part} does not work`, remedy: problem })),
  ]
}
