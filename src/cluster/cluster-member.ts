import { type HeldLease, LeaseKeeper } from './lease-keeper.ts'
import { NodeRegistry, type NodeRegistryOptions, type Standing } from './node-registry.ts'
import { createOncePerCluster, type OncePerCluster } from './once-per-cluster.ts'
import { PartitionAssignment, type PartitionChange, type PartitionGroup } from './partition-assignment.ts'

export interface ClusterMemberOptions extends Omit<NodeRegistryOptions, 'onFault' | 'timing'> {
  readonly onChanged: (change: PartitionChange) => void
  /** Something that is tried again failed. */
  readonly onFault: (error: unknown, what: string) => void
}

/** This node as a member of its cluster: heartbeat, leases, its share of the partitions, and the work that one node does for all. */
export class ClusterMember {
  /** Does work on one node at a time; nothing of it begins before `join`. */
  readonly once: OncePerCluster
  readonly #options: ClusterMemberOptions
  readonly #registry: NodeRegistry
  readonly #keeper: LeaseKeeper
  #assignment: PartitionAssignment | null = null

  constructor(options: ClusterMemberOptions) {
    this.#options = options
    const { db, identity, monotonic, onFault } = options
    this.#registry = new NodeRegistry({
      ...options,
      onFault: (error) => onFault(error, 'The heartbeat of this node did not reach the database'),
    })
    this.#keeper = new LeaseKeeper({
      db,
      owner: identity.id,
      monotonic,
      onLost: (name) => void this.#assignment?.lost(name),
      onFault: (error) => onFault(error, 'Leases of this node could not be renewed'),
    })
    this.once = createOncePerCluster({
      db,
      keeper: this.#keeper,
      onFault: (error, name) => onFault(error, `What one node does for all (${name}) failed`),
    })
  }

  get standing(): Standing {
    return this.#registry.standing
  }

  get leases(): readonly HeldLease[] {
    return this.#keeper.held
  }

  /** Says that this node is there. Throws what the database throws. */
  async join(): Promise<void> {
    await this.#registry.join()
  }

  /** Folds its share of these partitions from now on. Never throws: what fails is tried again. */
  async share(group: PartitionGroup): Promise<void> {
    const { db, identity, onChanged, onFault } = this.#options
    this.#assignment = new PartitionAssignment({
      db,
      nodeId: identity.id,
      keeper: this.#keeper,
      group,
      onChanged,
      onFault: (error) => onFault(error, 'The shares of the nodes could not be looked at'),
    })
    await this.#assignment.start()
  }

  async listensAt(address: string): Promise<void> {
    await this.#registry.listensAt(address)
  }

  /** Says that this node stops, and gives its partitions to the others as soon as the batches under way have ended. */
  async handOver(): Promise<void> {
    await Promise.all([this.#registry.stopping(), this.#assignment?.handOver()])
  }

  /** `handOver` when there is a node that can go on; otherwise this one goes on until it leaves. */
  async handOverToOthers(): Promise<void> {
    if (this.#assignment?.hasOthers !== false) await this.handOver()
  }

  /** Gives back what is left and says goodbye. */
  async leave(): Promise<void> {
    await this.handOver()
    await this.#keeper.close()
    await this.#registry.leave()
  }
}
