import type { FakeSlack } from './fake-slack/fake-slack.ts'
import type { SlackProcess } from './fake-slack/run-as-process.ts'
import { type SlackNunchiOptions, startNunchiWithSlack } from './nunchi-and-slack.ts'
import { dropProductStore, makeProductStore, type ProductStore, type RunningNunchi } from './run-nunchi.ts'
import { waitUntil } from './wait-until.ts'

/** The part of `GET /api/v1/cluster` that tests look at. */
export interface ClusterAnswer {
  readonly now: string
  readonly nodes: readonly {
    readonly id: string
    readonly address: string
    readonly state: string
    readonly stateReason: string | null
    readonly isSelf: boolean
    readonly clockOffsetMs: number
    readonly partitions: readonly string[]
  }[]
  readonly partitions: readonly { readonly partition: string; readonly owner: string | null; readonly lag: number }[]
  readonly leases: readonly { readonly name: string; readonly owner: string | null; readonly fence: number }[]
}

/** Several nodes of one installation, as processes that share a database server. */
export class SeveralNodes {
  readonly nodes: RunningNunchi[] = []
  readonly #store: ProductStore
  readonly #slack: FakeSlack | SlackProcess

  private constructor(store: ProductStore, slack: FakeSlack | SlackProcess) {
    this.#store = store
    this.#slack = slack
  }

  /** Starts `count` nodes; resolves when each folds its share. Fails where the run's size has no server. */
  static async start(
    slack: FakeSlack | SlackProcess,
    count: number,
    options: SlackNunchiOptions = {},
  ): Promise<SeveralNodes> {
    const store = options.store ?? (await makeProductStore())
    if (store.database === null)
      throw new Error('Several nodes need a database server: run this with --project=postgres')
    const cluster = new SeveralNodes(store, slack)
    try {
      for (let i = 0; i < count; i++) await cluster.add(options)
      if (count > 0) await cluster.untilShared()
    } catch (error) {
      await cluster.stop()
      throw error
    }
    return cluster
  }

  async add(options: SlackNunchiOptions = {}): Promise<RunningNunchi> {
    const name = `node ${this.nodes.length}`
    const node = await startNunchiWithSlack(this.#slack, { name, ...options, store: this.#store })
    this.nodes.push(node)
    return node
  }

  node(index: number): RunningNunchi {
    return this.nodes[index] as RunningNunchi
  }

  /** What a node says of its cluster. */
  async seenBy(node: RunningNunchi): Promise<ClusterAnswer> {
    const { status, body } = await node.api<ClusterAnswer>('/api/v1/cluster')
    if (status !== 200) throw new Error(`GET /api/v1/cluster answered ${status}: ${JSON.stringify(body)}`)
    return body
  }

  /** Waits until the partitions are with these nodes and with nobody else, evenly; answers how long that took, ms. */
  async untilShared(live: readonly RunningNunchi[] = this.nodes, timeoutMs = 30_000): Promise<number> {
    const before = performance.now()
    let seen: ClusterAnswer | undefined
    const isShared = async (): Promise<boolean> => {
      seen = await this.seenBy(live[0] as RunningNunchi)
      const shares = seen.nodes.filter(({ partitions }) => partitions.length > 0)
      const counts = shares.map(({ partitions }) => partitions.length)
      return (
        seen.partitions.every(({ owner }) => owner !== null) &&
        shares.length === live.length &&
        shares.every(({ address }) => live.some(({ url }) => url === address)) &&
        Math.max(...counts) - Math.min(...counts) <= 1
      )
    }
    const describe = (): string => JSON.stringify(seen)
    await waitUntil(isShared, { timeoutMs, why: `${live.length} nodes share the partitions`, describe })
    return performance.now() - before
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()))
    await dropProductStore(this.#store)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
