import type { OncePerCluster } from '../../cluster/once-per-cluster.ts'
import type { DeadManSwitches } from './dead-man-switches.ts'
import type { Heartbeat } from './heartbeat.ts'
import type { PipelineProof, Proof } from './pipeline-proof.ts'

export interface PipelineWatchParts {
  readonly proof: PipelineProof
  readonly switches: DeadManSwitches
  /** Null: nobody outside is told. */
  readonly heartbeat: Heartbeat | null
}

export interface PipelineWatchDeps {
  readonly once: OncePerCluster
  readonly everyMs: number
  /** A test failed: the log or the database could not be asked. */
  readonly onFault: (error: unknown) => void
}

/**
 * Tests the pipeline again and again on one node of the cluster, and draws the conclusions in this order: who has fallen
 * silent, and whether somebody outside may hear that all is well. When the test itself hangs, nobody does.
 */
export class PipelineWatch {
  readonly #parts: PipelineWatchParts
  readonly #deps: PipelineWatchDeps
  readonly #work: { readonly close: () => Promise<void> }
  /** What the last test on this node showed. */
  last: Proof | null = null

  constructor(parts: PipelineWatchParts, deps: PipelineWatchDeps) {
    this.#parts = parts
    this.#deps = deps
    this.#work = deps.once('watch-pipeline', deps.everyMs, (stop) => this.tick(stop))
  }

  async close(): Promise<void> {
    await this.#work.close()
  }

  /** One test. Never throws: a fault is reported, and the next test comes all the same. */
  async tick(stop: AbortSignal): Promise<void> {
    const { proof, switches, heartbeat } = this.#parts
    try {
      this.last = await proof.test()
      if (this.last.foldedUpTo !== null) await switches.judge(this.last.foldedUpTo)
      if (!stop.aborted) await heartbeat?.beat(this.last.provenUpTo, stop)
    } catch (error) {
      if (!stop.aborted) this.#deps.onFault(error)
    }
  }
}
