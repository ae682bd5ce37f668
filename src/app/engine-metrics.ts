import { Counter, Registry } from '@prometheus-io/client'

/** What the engine's thread counts. */
export class EngineMetrics {
  readonly #registry = new Registry()
  readonly #folded = new Counter({
    name: 'nunchi_folded_events_total',
    help: 'Alert events folded since the start of this process.',
    registers: [this.#registry],
  })
  readonly #sent = new Counter({
    name: 'nunchi_messages_total',
    help: 'Messages to channels by what became of them.',
    labelNames: ['channel', 'outcome'],
    registers: [this.#registry],
  })

  folded(events: number): void {
    this.#folded.inc(events)
  }

  sent(channel: string, outcome: string): void {
    this.#sent.inc({ channel, outcome })
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }
}
