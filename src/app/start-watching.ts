import type { ReconcileState } from '../intake/reconcile/reconciler.ts'
import { buildPipelineWatch, type PipelineWatching } from './build-pipeline-watch.ts'
import { buildReconciler } from './build-reconciler.ts'
import type { Config } from './config/config-shape.ts'
import type { HealthProblem } from './health-problem.ts'
import { WatchMetrics } from './watch-metrics.ts'
import type { WatchParts } from './watch-parts.ts'

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
