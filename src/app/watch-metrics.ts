import { Counter, Gauge, Registry } from '@prometheus-io/client'
import type { ReconcileState } from '../intake/reconcile/reconciler.ts'
import type { PipelineWatching } from './build-pipeline-watch.ts'

export interface WatchMetricsDeps {
  readonly reconciled: () => readonly ReconcileState[]
  readonly pipeline: Pick<PipelineWatching, 'heartbeat' | 'watch'>
}

/** What the parts that watch senders and the product itself tell Prometheus; read when it is scraped. */
export class WatchMetrics {
  readonly #registry = new Registry()

  constructor({ reconciled, pipeline }: WatchMetricsDeps) {
    const registers = [this.#registry]
    registerCounters(reconciled, registers)
    registerGauges(reconciled, registers)
    registerPipeline(pipeline, registers)
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }
}

function registerCounters(states: () => readonly ReconcileState[], registers: Registry[]): void {
  new Counter({
    name: 'nunchi_reconcile_polls_total',
    help: 'How often a sender was asked what fires, by whether all of its servers answered.',
    labelNames: ['source', 'outcome'],
    registers,
    collect() {
      this.reset()
      for (const { source, polls } of states()) {
        this.inc({ source, outcome: 'ok' }, polls.ok)
        this.inc({ source, outcome: 'failed' }, polls.failed)
      }
    },
  })
  new Counter({
    name: 'nunchi_reconcile_healed_total',
    help: 'Alerts that were told in place of a message of the sender that never came.',
    labelNames: ['source', 'lost'],
    registers,
    collect() {
      this.reset()
      for (const { source, healed } of states()) {
        this.inc({ source, lost: 'resolve' }, healed.resolve)
        this.inc({ source, lost: 'firing' }, healed.firing)
      }
    },
  })
}

function registerGauges(states: () => readonly ReconcileState[], registers: Registry[]): void {
  const gauge = (name: string, help: string, read: (state: ReconcileState) => number | null): void => {
    new Gauge({
      name: `nunchi_reconcile_${name}`,
      help,
      labelNames: ['source'],
      registers,
      collect() {
        this.reset()
        for (const state of states()) {
          const value = read(state)
          if (value !== null) this.set({ source: state.source }, value)
        }
      },
    })
  }
  gauge('last_success_timestamp_seconds', 'When all servers of the sender last answered.', ({ answeredAt }) =>
    answeredAt === null ? null : answeredAt / 1000,
  )
  gauge('listed_alerts', 'Alerts that the sender listed at the last poll.', ({ last }) => last?.listed ?? null)
  gauge('believed_alerts', 'Alerts of the sender that fire as far as we know.', ({ last }) => last?.believed ?? null)
  gauge('waiting_ends', 'Alerts that fire with us and not there, and are not healed yet.', ({ last }) =>
    last === null ? null : last.waiting.over,
  )
  gauge('waiting_alerts', 'Alerts that fire there, unknown to us, and are not healed yet.', ({ last }) =>
    last === null ? null : last.waiting.unheard,
  )
  gauge('trusted', 'Whether the absence of an alert counts: 0 after a restart of the sender.', ({ last }) =>
    last === null ? null : Number(last.doubt === null),
  )
}

function registerPipeline({ heartbeat, watch }: WatchMetricsDeps['pipeline'], registers: Registry[]): void {
  if (watch !== null)
    new Gauge({
      name: 'nunchi_pipeline_proven_timestamp_seconds',
      help: 'When the newest self-test began that went from the log through the fold to the jobs; on the node that tests.',
      labelNames: [],
      registers,
      collect() {
        const at = watch.last?.provenUpTo ?? null
        if (at === null) this.remove()
        else this.set(at / 1000)
      },
    })
  if (heartbeat === null) return
  new Counter({
    name: 'nunchi_heartbeats_total',
    help: 'Heartbeats by whether their receiver took them.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset()
      this.inc({ outcome: 'taken' }, heartbeat.state.sent)
      this.inc({ outcome: 'failed' }, heartbeat.state.failed)
    },
  })
}
