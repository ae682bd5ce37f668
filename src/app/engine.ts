import type { Logger } from 'pino'
import { incidentName } from '../domain/incident.ts'
import type { DeclareDeps } from '../incidents/declare-incident.ts'
import { endSilenceOf } from '../incidents/end-silence.ts'
import { createFold } from '../incidents/fold-events.ts'
import type { OrdersFor } from '../incidents/follow-up-orders.ts'
import { resolveWhenClear } from '../incidents/resolve-when-clear.ts'
import type { SourcePolicy } from '../incidents/working-set.ts'
import { ConsumerGroup, type ConsumerGroupOptions } from '../intake/consumer-group.ts'
import { foldSignsOfLife, type SignDeps } from '../intake/dead-man/fold-signs-of-life.ts'
import { noteSelfTest } from '../intake/dead-man/note-self-test.ts'
import type { DeliveryReaders } from '../intake/delivery-log/delivery-log.ts'
import { openDeliveryReaders } from '../intake/delivery-log/open-log.ts'
import type { FoldEvents } from '../intake/fold-parts.ts'
import { createSourceRegistry, type SourceRegistry } from '../intake/source-registry.ts'
import { releaseAllLeases } from '../jobs/release-leases.ts'
import { JobWorker } from '../jobs/run-worker.ts'
import type { Channel } from '../notify/channel.ts'
import { ChannelHealth } from '../notify/channel-health.ts'
import type { DeliverDeps, NotifyRules } from '../notify/deliver-deps.ts'
import { deliverNotification } from '../notify/deliver-notification.ts'
import { PROBE_MS } from '../notify/post-news.ts'
import { SendingPace } from '../notify/sending-pace.ts'
import { deliverDigest } from '../notify/storm/deliver-digest.ts'
import type { ThreadStore } from '../notify/threads/thread-store.ts'
import { armCrashPoint } from '../store/crash-point.ts'
import { type Db, openDatabase } from '../store/database.ts'
import { capabilitiesOf } from '../store/dialects/engine-capabilities.ts'
import { createNewId, type NewId } from '../store/new-id.ts'
import { PlannerStatistics } from '../store/planner-statistics.ts'
import { checkChannels, createChannels, threadChannelOf } from './build-channels.ts'
import { openThreadStore } from './build-thread-store.ts'
import { ChannelReporter } from './channel-reporter.ts'
import { createRouting, type Routing } from './create-routing.ts'
import type { EngineData } from './engine-data.ts'
import { EngineMetrics } from './engine-metrics.ts'
import { followUpOrders } from './follow-up.ts'
import { labelsMatcher } from './labels-matcher.ts'
import { type Membership, openMembership } from './membership.ts'
import { adapterOfKind } from './registries.ts'
import { SlackReception } from './slack-reception.ts'

/** How the engine meets its surroundings. Time comes in here and nowhere else. */
export interface EngineHooks {
  readonly logger: Logger
  readonly now: () => number
  readonly random: () => number
  /** A batch of deliveries, or a job, has been committed. */
  readonly onCommitted: () => void
  /** A newer program changed the schema: nothing is folded or sent here any more. */
  readonly onStandDown: (reason: string) => void
}

const JOB_LEASE_MS = 15_000
const JOB_CONCURRENCY = 16

/**
 * Everything that happens after a delivery is durable: folding, jobs, notifications. Runs in a thread of its
 * own, so that folding a storm never delays an answer to a sender.
 */
export class Engine {
  readonly consumers: ConsumerGroup
  readonly worker: JobWorker
  readonly threads: ThreadStore
  readonly reporter: ChannelReporter
  readonly #reception: SlackReception
  readonly #db: Db
  readonly #metrics: EngineMetrics
  readonly #data: EngineData
  readonly #hooks: EngineHooks
  readonly #membership: Membership

  private constructor(parts: EngineParts) {
    this.#data = parts.data
    this.#hooks = parts.hooks
    this.#db = parts.db
    this.#membership = parts.membership
    this.threads = parts.threads
    this.reporter = parts.reporter
    this.#metrics = parts.metrics
    this.consumers = new ConsumerGroup(consumerOptions(parts, () => this.worker.wake()))
    this.#reception = receptionOf(parts, () => this.worker.wake())
    this.worker = new JobWorker(workerOptions(parts, this.#reception))
  }

  /** Opens what the engine needs. Throws with what is wrong; nothing runs until `start`. */
  static async open(data: EngineData, surroundings: EngineHooks): Promise<Engine> {
    armCrashPoint(data.crashAt)
    const db = openDatabase(data.database)
    const metrics = new EngineMetrics()
    const membership = await openMembership({
      db,
      data,
      metrics,
      logger: surroundings.logger,
      ownNow: surroundings.now,
      onStandDown: (reason) => void engine.#standDown(reason),
    })
    const hooks = { ...surroundings, now: membership.now }
    const reporter = new ChannelReporter(hooks.logger, metrics)
    const newId = createNewId(hooks.now())
    const engine = new Engine({
      data,
      hooks,
      db,
      metrics,
      membership,
      reporter,
      newId,
      readers: await openDeliveryReaders(data.log, { db }),
      sources: sourcesOf(data),
      threads: await openThreadStore(data.threads, {
        db,
        tenantId: data.tenantId,
        now: hooks.now,
        logger: hooks.logger,
      }),
      channels: createChannels(data.channels, { now: hooks.now }),
      routing: createRouting(data.routing),
      statistics: await PlannerStatistics.open(db, (err) =>
        hooks.logger.warn({ err }, 'The planner of the database could not be told to look at its tables'),
      ),
      pace: new SendingPace({ db, tenantId: data.tenantId, now: hooks.now, random: hooks.random }),
    })
    return engine
  }

  /** Begins to fold its share, which is everything where it is alone, and to run jobs. Throws what the database throws. */
  async start(): Promise<void> {
    this.consumers.start()
    await this.#membership.begin(this.consumers)
    // Alone with its database, so whoever held these jobs is dead.
    if (capabilitiesOf(this.#db).writers === 'one') await releaseAllLeases(this.#db, this.#hooks.now())
    this.worker.start()
    this.#reception.start()
    // Told early, so that a missing scope is found when Nunchi is installed and not at the first alert.
    checkChannels(this.#data.channels).then(
      (problems) => problems.forEach(({ channelId, problem }) => this.reporter.found(channelId, problem)),
      (error: unknown) => this.#hooks.logger.warn({ err: error }, 'The channels could not be checked'),
    )
  }

  /** Everything that is due now, and what follows from it; for tests with a clock of their own, which do not start it. */
  async drain(): Promise<void> {
    await this.consumers.assign(this.consumers.partitions)
    await this.consumers.drain()
    while ((await this.worker.drain()) > 0) await this.consumers.drain()
  }

  metricsText(): Promise<string> {
    return this.#metrics.text()
  }

  /** This node among the others. */
  get membership(): Membership {
    return this.#membership
  }

  /** Ends the batch and the jobs under way, then closes what is open. */
  async close(): Promise<void> {
    await this.#membership.handOver()
    await this.#reception.close()
    await this.consumers.close()
    await this.worker.close()
    await this.#membership.leave()
    if ('close' in this.threads && typeof this.threads.close === 'function') await this.threads.close()
    await this.#db.destroy()
  }

  async #standDown(reason: string): Promise<void> {
    this.#hooks.logger.fatal(reason)
    this.#hooks.onStandDown(reason)
    await this.#membership.handOver()
    await this.#reception.close()
    await this.worker.close()
  }
}

interface EngineParts {
  readonly data: EngineData
  readonly hooks: EngineHooks
  readonly db: Db
  readonly metrics: EngineMetrics
  readonly membership: Membership
  readonly reporter: ChannelReporter
  readonly newId: NewId
  readonly readers: DeliveryReaders
  readonly sources: SourceRegistry
  readonly threads: ThreadStore
  readonly channels: ReadonlyMap<string, Channel>
  readonly routing: Routing
  readonly pace: SendingPace
  readonly statistics: PlannerStatistics
}

/** The sources as the fold and the adapters need them; tokens stay in the thread that answers HTTP. */
export function sourcesOf(data: Pick<EngineData, 'sources' | 'tenantId'>): SourceRegistry {
  return createSourceRegistry(
    data.sources.map(({ name, kind, settings }) => ({
      tenantId: data.tenantId,
      name,
      kind,
      tokenHash: null,
      adapter: adapterOfKind(kind),
      settings,
    })),
  )
}

/** The fold with the policies of the configuration. A source that is no longer configured keeps the policy of the first one. */
export function foldOf(
  data: Pick<EngineData, 'sources'>,
  routing: Routing,
  newId: NewId,
): {
  readonly fold: FoldEvents
  readonly ordersFor: OrdersFor
  readonly policyOf: (source: string) => SourcePolicy
} {
  const policies = new Map<string, SourcePolicy>(data.sources.map(({ name, policy }) => [name, policy]))
  const fallback = data.sources[0]?.policy as SourcePolicy
  const ordersFor = followUpOrders(routing)
  const policyOf = (source: string): SourcePolicy => policies.get(source) ?? fallback
  const fold = foldSignsOfLife(createFold({ newId, policyOf, ordersFor }), { newId, isWatchdog: watchdogTest(data) })
  return { fold, ordersFor, policyOf }
}

function watchdogTest({ sources }: Pick<EngineData, 'sources'>): SignDeps['isWatchdog'] {
  const tests = new Map(
    sources.flatMap(({ name, watchdog }) => (watchdog ? [[name, labelsMatcher(watchdog)] as const] : [])),
  )
  return (source, labels) => tests.get(source)?.(labels) ?? false
}

function consumerOptions(parts: EngineParts, wakeJobs: () => void): ConsumerGroupOptions {
  const { data, hooks, metrics } = parts
  return {
    db: parts.db,
    readers: parts.readers,
    sources: parts.sources,
    fold: foldOf(data, parts.routing, parts.newId).fold,
    newId: parts.newId,
    now: hooks.now,
    onCommitted: ({ events }) => {
      metrics.folded(events)
      parts.statistics.note(events)
      hooks.onCommitted()
      wakeJobs()
    },
    onFault: (error, what) => hooks.logger.error({ err: error }, what),
  }
}

function incidentsOf({ db, newId, hooks, data, routing }: EngineParts): DeclareDeps {
  return { db, newId, now: hooks.now, ordersFor: followUpOrders(routing), environment: data.environment }
}

function receptionOf(parts: EngineParts, wakeJobs: () => void): SlackReception {
  const { data, hooks, reporter } = parts
  return new SlackReception({
    ...incidentsOf(parts),
    data,
    logger: hooks.logger,
    onDone: hooks.onCommitted,
    wakeJobs,
    onProblem: (part, problem) => reporter.ofDesk(part, problem),
  })
}

/** After so long without any success the default channel stands in for a channel. */
const OUTAGE_MS = 10 * 60_000

function deliverDeps(parts: EngineParts): DeliverDeps {
  const { db, hooks, newId, pace, channels, threads, data } = parts
  return {
    db,
    newId,
    pace,
    channels,
    threads,
    now: hooks.now,
    random: hooks.random,
    health: new ChannelHealth({ now: hooks.now, probeMs: PROBE_MS, outageMs: OUTAGE_MS }),
    rules: rulesOf(parts),
    environment: data.environment,
    report: (report) => parts.reporter.sent(report),
  }
}

function rulesOf({ data, routing }: Pick<EngineParts, 'data' | 'routing'>): NotifyRules {
  const defaultChannelId = data.routing.root.channels[0] ?? null
  const { publicUrl } = data
  return {
    isRoutedTo: (incident, channelId) => routing.channelsOf(incident).includes(channelId),
    mentionsFor: routing.mentionsFor,
    quietUntil: routing.quietUntil,
    consoleUrlOf: (incident) => {
      if (publicUrl === null) return null
      return incident === null ? publicUrl : new URL(`i/${incidentName(incident)}`, `${publicUrl}/`).href
    },
    defaultChannelId,
    threadChannelId: threadChannelOf(data.channels, defaultChannelId ?? ''),
  }
}

function workerOptions(parts: EngineParts, reception: SlackReception): ConstructorParameters<typeof JobWorker>[0] {
  const { db, data, hooks, pace } = parts
  const deliver = deliverDeps(parts)
  const incidents = incidentsOf(parts)
  return {
    db,
    handlers: {
      'notify-channel': deliverNotification(deliver),
      'notify-digest': deliverDigest(deliver),
      'resolve-when-clear': resolveWhenClear(incidents),
      'end-silence': endSilenceOf(incidents),
      'slack-receipt': reception.handle,
      'note-self-test': noteSelfTest(db),
    },
    owner: data.node?.id ?? `engine-${process.pid}`,
    now: hooks.now,
    random: hooks.random,
    concurrency: JOB_CONCURRENCY,
    leaseMs: JOB_LEASE_MS,
    pausedQueues: () => pace.paused(),
    onFailure: (job, reason, isDead) => parts.reporter.jobFailed(job, reason, isDead),
    onFault: (error) => hooks.logger.error({ err: error }, 'The job worker paused'),
  }
}
