import type { Db } from '../store/database.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { readLeases } from './lease-repository.ts'
import { readNodes } from './node-repository.ts'
import { planShares, type SharesNow } from './plan-shares.ts'

/** Folds exactly the partitions it is told; resolves when it has stopped folding the others. */
export interface PartitionGroup {
  readonly partitions: readonly string[]
  readonly assign: (partitions: readonly string[]) => Promise<void>
}

export interface PartitionAssignmentOptions {
  readonly db: Db
  /** Id of this node. */
  readonly nodeId: string
  readonly keeper: LeaseKeeper
  readonly group: PartitionGroup
  /** What this node folds has changed. */
  readonly onChanged: (change: PartitionChange) => void
  /** The database could not be asked; it is tried again. */
  readonly onFault: (error: unknown) => void
  readonly timing?: AssignmentTiming
}

export interface PartitionChange {
  readonly kind: 'taken' | 'given' | 'lost'
  readonly partitions: readonly string[]
}

export interface AssignmentTiming {
  /** Between two looks while everybody has his share. */
  readonly calmMs: number
  /** Between two looks while something is on its way from one node to another. */
  readonly movingMs: number
  readonly deadAfterMs: number
}

const TIMING: AssignmentTiming = { calmMs: 500, movingMs: 100, deadAfterMs: 10_000 }
const PREFIX = 'fold/'

/** The lease of a partition. */
export function leaseOfPartition(partition: string): string {
  return PREFIX + partition
}

/**
 * Gives this node its share of the partitions of a log that several nodes fold: it takes what is free, gives back what is above
 * its share, and stops at once what it lost. A lease only decides who folds; that nothing is folded twice is decided by
 * the position, which moves in the transaction of its effects.
 */
export class PartitionAssignment {
  readonly #options: PartitionAssignmentOptions
  readonly #timing: AssignmentTiming
  readonly #leaving = new Set<string>()
  #timer: NodeJS.Timeout | null = null
  #looking: Promise<void> | null = null
  #hasStopped = false
  #hasOthers = false

  constructor(options: PartitionAssignmentOptions) {
    this.#options = options
    this.#timing = options.timing ?? TIMING
  }

  /** The partitions that this node folds now. */
  get owned(): readonly string[] {
    const names = new Set(this.#options.keeper.held.map(({ name }) => name))
    return this.#options.group.partitions.filter((partition) => names.has(leaseOfPartition(partition)))
  }

  /** Looks for the first time and goes on looking. Never throws: what fails is tried again. */
  async start(): Promise<void> {
    this.#looking = this.#lookAgain()
    await this.#looking
  }

  /** To be called by whoever keeps the leases; says whether the lease is one of a partition. */
  lost(leaseName: string): boolean {
    const partition = this.#options.group.partitions.find((each) => leaseOfPartition(each) === leaseName)
    if (partition === undefined) return false
    this.#options.onChanged({ kind: 'lost', partitions: [partition] })
    this.#options.group.assign(this.#toFold()).catch(this.#options.onFault)
    return true
  }

  /** Whether another node works, as far as the last look told. */
  get hasOthers(): boolean {
    return this.#hasOthers
  }

  /** Stops folding and gives everything to the other nodes. Resolves when they may have it. */
  async handOver(): Promise<void> {
    this.#hasStopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#give(this.owned)
    // What a look under way took in this moment goes the same way.
    await this.#looking
    await this.#give(this.owned)
  }

  async #lookAgain(): Promise<void> {
    let nextMs = this.#timing.movingMs
    try {
      if (await this.#look()) nextMs = this.#timing.calmMs
    } catch (error) {
      nextMs = this.#timing.calmMs
      this.#options.onFault(error)
    }
    if (this.#hasStopped) return
    this.#timer = setTimeout(() => {
      this.#looking = this.#lookAgain()
    }, nextMs)
  }

  /** One look, and what follows from it; true when all is settled. */
  async #look(): Promise<boolean> {
    const plan = planShares(await this.#sharesNow(), this.#options.nodeId)
    await this.#give(plan.give)
    await this.#take(plan.take)
    return plan.isSettled
  }

  async #sharesNow(): Promise<SharesNow> {
    const { db, nodeId, group } = this.#options
    const [views, nodes] = await Promise.all([readLeases(db), readNodes(db, this.#timing.deadAfterMs)])
    const leases = new Map(views.map(({ name, owner }) => [name, owner]))
    const working = nodes.filter(({ state }) => state === 'working').map(({ id }) => id)
    this.#hasOthers = working.some((id) => id !== nodeId)
    const mine = new Set(this.owned)
    const owners = new Map<string, string>()
    for (const partition of group.partitions) {
      const owner = leases.get(leaseOfPartition(partition)) ?? null
      // What this node lost it may take again, though the database still counts it as its own.
      if (mine.has(partition)) owners.set(partition, nodeId)
      else if (owner !== null && owner !== nodeId) owners.set(partition, owner)
    }
    return { partitions: group.partitions, nodes: working, owners }
  }

  async #take(partitions: readonly string[]): Promise<void> {
    const { keeper, group, onChanged } = this.#options
    if (partitions.length === 0 || this.#hasStopped) return
    const before = new Set(this.owned)
    await keeper.acquireAll(partitions.map(leaseOfPartition))
    const taken = this.owned.filter((partition) => !before.has(partition))
    if (taken.length === 0) return
    await group.assign(this.#toFold())
    onChanged({ kind: 'taken', partitions: taken })
  }

  async #give(partitions: readonly string[]): Promise<void> {
    const { keeper, group, onChanged } = this.#options
    if (partitions.length === 0) return
    for (const partition of partitions) this.#leaving.add(partition)
    try {
      await group.assign(this.#toFold())
      await keeper.release(partitions.map(leaseOfPartition))
    } finally {
      this.#leaving.clear()
    }
    onChanged({ kind: 'given', partitions })
  }

  /** What is owned and stays so: a partition that is being given back must not begin anew because another was lost meanwhile. */
  #toFold(): readonly string[] {
    return this.owned.filter((partition) => !this.#leaving.has(partition))
  }
}
