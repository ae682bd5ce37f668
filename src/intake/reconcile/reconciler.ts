import type { OncePerCluster } from '../../cluster/once-per-cluster.ts'
import type { Loss } from './healed-delivery.ts'
import {
  type PollReport,
  type ReconciledSource,
  type ReconcileSourceDeps,
  SourceReconciler,
} from './reconcile-source.ts'

/** What metrics and `/health` tell of one source. Counts begin with this process. */
export interface ReconcileState {
  readonly source: string
  readonly polls: { readonly ok: number; readonly failed: number }
  readonly healed: Readonly<Record<Loss, number>>
  /** Null before the first poll, and on a node where another one polls. */
  readonly last: PollReport | null
  /** When all servers last answered, ms since 1970. */
  readonly answeredAt: number | null
  /** Null while it works. */
  readonly problem: { readonly problem: string; readonly remedy: string } | null
}

export interface ReconcilerDeps extends ReconcileSourceDeps {
  readonly once: OncePerCluster
  readonly random: () => number
  readonly onHealed: (source: string, healed: PollReport['healed']) => void
  /** Our own storage failed; it is tried again at the next poll. */
  readonly onFault: (source: string, error: unknown) => void
}

/** A server that does not answer is asked less and less often, but at least so often. */
const RAREST_MS = 5 * 60_000

/**
 * Polls the sources that are to be reconciled, each in its own time, on one node of the cluster. Whatever a sender
 * answers, or does not, stays here: nothing of it reaches those who deliver.
 */
export class Reconciler {
  readonly #watches: readonly SourceWatch[]
  readonly #works: readonly { readonly close: () => Promise<void> }[]

  constructor(sources: readonly ReconciledSource[], deps: ReconcilerDeps) {
    this.#watches = sources.map((source) => new SourceWatch(source, deps))
    this.#works = this.#watches.map((watch) =>
      deps.once(`reconcile/${watch.source.name}`, watch.source.policy.everyMs, (stop) => watch.poll(stop)),
    )
  }

  states(): readonly ReconcileState[] {
    return this.#watches.map((watch) => watch.state)
  }

  /** Breaks off what is being asked. */
  async close(): Promise<void> {
    await Promise.all(this.#works.map((work) => work.close()))
  }
}

class SourceWatch {
  readonly source: ReconciledSource
  state: ReconcileState
  readonly #deps: ReconcilerDeps
  readonly #reconciler: SourceReconciler
  #failures = 0
  #notBefore = 0

  constructor(source: ReconciledSource, deps: ReconcilerDeps) {
    this.source = source
    this.#deps = deps
    this.#reconciler = new SourceReconciler(source, deps)
    this.state = {
      source: source.name,
      polls: { ok: 0, failed: 0 },
      healed: { resolve: 0, firing: 0 },
      last: null,
      answeredAt: null,
      problem: null,
    }
  }

  async poll(stop: AbortSignal): Promise<void> {
    if (performance.now() < this.#notBefore) return
    try {
      const report = await this.#reconciler.poll(stop)
      if (!stop.aborted) this.#note(report)
    } catch (error) {
      this.#deps.onFault(this.source.name, error)
    }
  }

  #note(report: PollReport): void {
    const { healed, problems } = report
    const failed = problems.length > 0
    this.#failures = report.answered === 0 ? this.#failures + 1 : 0
    this.#notBefore = this.#failures === 0 ? 0 : performance.now() + this.#pauseMs()
    const { polls, healed: before, answeredAt } = this.state
    this.state = {
      source: this.source.name,
      polls: { ok: polls.ok + (failed ? 0 : 1), failed: polls.failed + (failed ? 1 : 0) },
      healed: { resolve: before.resolve + healed.resolve, firing: before.firing + healed.firing },
      last: report,
      answeredAt: failed ? answeredAt : this.#deps.now(),
      problem: problems[0] ?? null,
    }
    if (healed.resolve + healed.firing > 0) this.#deps.onHealed(this.source.name, healed)
  }

  /** Zero after the first failure: the next poll is early enough. */
  #pauseMs(): number {
    const { everyMs } = this.source.policy
    const pause = Math.min(RAREST_MS, everyMs * (2 ** Math.min(this.#failures - 1, 10) - 1))
    return pause * (0.8 + 0.2 * this.#deps.random())
  }
}
