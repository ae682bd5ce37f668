import type { ReconcileState } from '../intake/reconcile/reconciler.ts'
import type { HealthProblem } from './build-app.ts'
import { buildReconciler, type ReconcilerParts } from './build-reconciler.ts'
import type { Config } from './config/config-shape.ts'
import { WatchMetrics } from './watch-metrics.ts'

/** What watches over senders and over the product itself, beside what they deliver. */
export interface Watching {
  readonly problems: () => readonly HealthProblem[]
  readonly metricsText: () => Promise<string>
  readonly close: () => Promise<void>
}

/** Starts everything of it that the configuration asks for. */
export function startWatching(config: Config, parts: ReconcilerParts): Watching {
  const reconciler = buildReconciler(config, parts)
  const metrics = new WatchMetrics(() => reconciler.states())
  return {
    problems: () => problemsOfSenders(reconciler.states()),
    metricsText: () => metrics.text(),
    close: () => reconciler.close(),
  }
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
