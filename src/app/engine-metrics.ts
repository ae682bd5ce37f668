import { Counter, Gauge, Registry } from '@prometheus-io/client'
import type { ClusterMember } from '../cluster/cluster-member.ts'
import type { PartitionChange } from '../cluster/partition-assignment.ts'

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
  readonly #moved = new Counter({
    name: 'nunchi_partition_moves_total',
    help: 'Partitions of the delivery log that this node took, gave to others, or lost, since the start of this process.',
    labelNames: ['how'],
    registers: [this.#registry],
  })

  folded(events: number): void {
    this.#folded.inc(events)
  }

  sent(channel: string, outcome: string): void {
    this.#sent.inc({ channel, outcome })
  }

  partitionsChanged({ kind, partitions }: PartitionChange): void {
    this.#moved.inc({ how: kind }, partitions.length)
  }

  /** Adds what a member of a cluster says of itself. */
  watchMember(member: Pick<ClusterMember, 'leases' | 'standing'>): void {
    const registers = [this.#registry]
    new Gauge({
      name: 'nunchi_leases_held',
      help: 'Leases that this node holds now: a partition to fold, or work that one node does for all.',
      registers,
      collect() {
        this.set(member.leases.length)
      },
    })
    new Gauge({
      name: 'nunchi_node_working',
      help: 'Whether this node takes its part of the work: not when it is cut off, stopping, or older than the schema.',
      registers,
      collect() {
        this.set(member.standing.kind === 'working' ? 1 : 0)
      },
    })
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }
}
