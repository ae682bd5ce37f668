import type { Logger } from 'pino'
import { incidentName } from '../domain/incident.ts'
import type { DeclareDeps } from '../incidents/declare-incident.ts'
import { endSilenceOf } from '../incidents/end-silence.ts'
import { resolveWhenClear } from '../incidents/resolve-when-clear.ts'
import type { ConsumerGroupOptions } from '../intake/consumer-group.ts'
import { noteSelfTest } from '../intake/dead-man/note-self-test.ts'
import type { DeliveryReaders } from '../intake/delivery-log/delivery-log.ts'
import type { SourceRegistry } from '../intake/source-registry.ts'
import type { JobWorker } from '../jobs/run-worker.ts'
import type { Channel } from '../notify/channel.ts'
import { ChannelHealth } from '../notify/channel-health.ts'
import type { DeliverDeps, NotifyRules } from '../notify/deliver-deps.ts'
import { deliverNotification } from '../notify/deliver-notification.ts'
import { PROBE_MS } from '../notify/post-news.ts'
import type { SendingPace } from '../notify/sending-pace.ts'
import { deliverDigest } from '../notify/storm/deliver-digest.ts'
import type { ThreadStore } from '../notify/threads/thread-store.ts'
import type { Db } from '../store/database.ts'
import type { NewId } from '../store/new-id.ts'
import type { PlannerStatistics } from '../store/planner-statistics.ts'
import { threadChannelOf } from './build-channels.ts'
import { foldOf } from './build-fold.ts'
import type { ChannelReporter } from './channel-reporter.ts'
import type { Routing } from './create-routing.ts'
import type { EngineData } from './engine-data.ts'
import type { EngineMetrics } from './engine-metrics.ts'
import { followUpOrders } from './follow-up.ts'
import type { Membership } from './membership.ts'
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

/** What the engine is made of, opened. */
export interface EngineParts {
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

/** What folds, for the share of this node. */
export function consumerOptions(parts: EngineParts, wakeJobs: () => void): ConsumerGroupOptions {
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

/** What takes in clicks and words from Slack. */
export function receptionOf(parts: EngineParts, wakeJobs: () => void): SlackReception {
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

/** What runs jobs, with a handler for each kind. */
export function workerOptions(
  parts: EngineParts,
  reception: SlackReception,
): ConstructorParameters<typeof JobWorker>[0] {
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
