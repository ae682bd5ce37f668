import type { Logger } from 'pino'
import type { OncePerCluster } from '../cluster/once-per-cluster.ts'
import type { DeliveryLog } from '../intake/delivery-log/delivery-log.ts'
import type { ReconcileState } from '../intake/reconcile/reconciler.ts'
import type { Db } from '../store/database.ts'
import type { NewId } from '../store/new-id.ts'
import type { HealthProblem } from './build-app.ts'
import { buildPipelineWatch, type PipelineWatching } from './build-pipeline-watch.ts'
import { buildReconciler } from './build-reconciler.ts'
import type { Config } from './config/config-shape.ts'
import { WatchMetrics } from './watch-metrics.ts'

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

/** What watches over senders and over the product itself, beside what they deliver. */
export interface Watching {
  readonly problems: () => readonly HealthProblem[]
  readonly metricsText: () => Promise<string>
  readonly close: () => Promise<void>
}

/** Starts everything of it that the configuration asks for. */
export function startWatching(config: Config, parts: WatchParts): Watching {
  const reconciler = buildReconciler(config, parts)
  const pipeline = buildPipelineWatch(config, parts)
  const metrics = new WatchMetrics({ reconciled: () => reconciler.states(), pipeline })
  return {
    problems: () => [...problemsOfSenders(reconciler.states()), ...problemsOfHeartbeat(pipeline)],
    metricsText: () => metrics.text(),
    close: async () => {
      await pipeline.close()
      await reconciler.close()
    },
  }
}

/** Whoever waits for the heartbeat hears of it too; here stands why. */
function problemsOfHeartbeat({ heartbeat }: PipelineWatching): readonly HealthProblem[] {
  const problem = heartbeat?.state.problem ?? null
  return problem === null ? [] : [{ part: 'heartbeat', ...problem }]
}

/** A sender that does not answer harms nobody but the healing of its own messages. */
function problemsOfSenders(states: readonly ReconcileState[]): readonly HealthProblem[] {
  return states.flatMap(({ source, problem }) =>
    problem === null
      ? []
      : [
          {
            part: 'source',
            source,
            problem: `Source ${source} is not reconciled: ${problem.problem}`,
            remedy: problem.remedy,
          },
        ],
  )
}
