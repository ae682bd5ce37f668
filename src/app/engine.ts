import { ConsumerGroup } from '../intake/consumer-group.ts'
import { openDeliveryReaders } from '../intake/delivery-log/open-log.ts'
import { releaseAllLeases } from '../jobs/release-leases.ts'
import { JobWorker } from '../jobs/run-worker.ts'
import { SendingPace } from '../notify/sending-pace.ts'
import type { ThreadStore } from '../notify/threads/thread-store.ts'
import { armCrashPoint } from '../store/crash-point.ts'
import { type Db, openDatabase } from '../store/database.ts'
import { capabilitiesOf } from '../store/dialects/engine-capabilities.ts'
import { createNewId } from '../store/new-id.ts'
import { PlannerStatistics } from '../store/planner-statistics.ts'
import { checkChannels, createChannels } from './build-channels.ts'
import { sourcesOf } from './build-fold.ts'
import { openThreadStore } from './build-thread-store.ts'
import { ChannelReporter } from './channel-reporter.ts'
import { createRouting } from './create-routing.ts'
import type { EngineData } from './engine-data.ts'
import { EngineMetrics } from './engine-metrics.ts'
import { consumerOptions, type EngineHooks, type EngineParts, receptionOf, workerOptions } from './engine-parts.ts'
import { type Membership, openMembership } from './membership.ts'
import type { SlackReception } from './slack-reception.ts'

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
