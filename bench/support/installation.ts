import { setTimeout as sleep } from 'node:timers/promises'
import { askDatabase } from '../../test/support/ask-database.ts'
import { startExampleHaproxy } from '../../test/support/run-example-haproxy.ts'
import type { Haproxy } from '../../test/support/run-haproxy.ts'
import type { ClusterAnswer } from '../../test/support/several-nodes.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import type { EnginePlace, EngineServers } from './engine-servers.ts'
import type { Bench } from './figure.ts'
import { logStateOf } from './log-state.ts'
import { folderBytes, usageOf } from './process-usage.ts'
import { type Product, startProduct } from './start-product.ts'
import { treeCpuMs } from './tree-cpu.ts'

/** CPU time since the start of each part, ms. */
export interface CpuOfParts {
  readonly nunchi: number
  readonly database: number
  readonly nats: number
  readonly proxy: number
}

/** What an installation may be told beside its engine. */
export interface InstallationOptions {
  /** Default 1. */
  readonly nodes?: number
  /** Whether the load balancer of `deploy/` stands in front; default false, and then there is one node. */
  readonly isProxied?: boolean
  /** A place that already holds something; default a new one. */
  readonly place?: EnginePlace
  /** For storage in files. */
  readonly dataDir?: string
}

const WRITE_AHEAD = /-(?:wal|shm)$/
const POLL_MS = 200

/** One or several nodes of the product on the servers of an engine, and what they have done and used. */
export class Installation {
  readonly nodes: readonly Product[]
  readonly #engine: EngineServers
  readonly #place: EnginePlace
  readonly #haproxy: Haproxy | null

  private constructor(
    nodes: readonly Product[],
    parts: { readonly engine: EngineServers; readonly place: EnginePlace; readonly haproxy: Haproxy | null },
  ) {
    this.nodes = nodes
    this.#engine = parts.engine
    this.#place = parts.place
    this.#haproxy = parts.haproxy
  }

  /** Starts it; resolves when it takes alerts in and each node folds its share. */
  static async start(bench: Bench, engine: EngineServers, options: InstallationOptions = {}): Promise<Installation> {
    const { nodes: count = 1, isProxied = false, place = await engine.newPlace(), dataDir } = options
    const start = (): Promise<Product> => startProduct(bench, { env: place.env, ...(dataDir && { dataDir }) })
    // The first one makes the schema; the others would wait for it anyway.
    const nodes = [await start()]
    while (nodes.length < count) nodes.push(await start())
    await untilShared(nodes)
    const [first] = nodes as [Product]
    // The example has places for two nodes at least.
    const behind = count === 1 ? [first, first] : nodes
    const haproxy = isProxied ? await startExampleHaproxy(behind.map(({ port }) => `127.0.0.1:${port}`)) : null
    return new Installation(nodes, { engine, place, haproxy })
  }

  /** Where alerts are sent to. */
  get port(): number {
    return this.#haproxy?.port ?? (this.nodes[0] as Product).port
  }

  /** Each part since its start. */
  cpuMs(): CpuOfParts {
    return {
      nunchi: this.nodes.reduce((sum, { pid }) => sum + usageOf(pid).cpuMs, 0),
      database: this.#engine.databaseCpuMs(),
      nats: this.#engine.natsCpuMs(),
      proxy: this.#haproxy === null ? 0 : treeCpuMs(this.#haproxy.pid),
    }
  }

  /** What its data takes on all disks, logs that are written ahead left out: they are used again and do not grow. */
  bytes(): number {
    const folders = this.#place.databaseUrl === undefined ? this.nodes.map(({ dataDir }) => dataDir) : []
    return [...folders, ...this.#place.folders].reduce((sum, path) => sum + folderBytes(path, WRITE_AHEAD), 0)
  }

  /** How many alerts have been folded. */
  async folded(): Promise<number> {
    const { databaseUrl } = this.#place
    if (databaseUrl === undefined) return logStateOf((this.nodes[0] as Product).dataDir).eventsRead
    const [row] = await askDatabase(databaseUrl, 'select coalesce(sum(events_read), 0) as n from source_ledger')
    return Number(row?.['n'])
  }

  /** Waits until so many have been folded; answers when that was (`performance.now()`). */
  async untilFolded(alerts: number, timeoutMs = 900_000): Promise<number> {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const folded = await this.folded()
      if (folded >= alerts) return performance.now()
      if (performance.now() > deadline) throw new Error(`Only ${folded} of ${alerts} were folded in ${timeoutMs} ms`)
      await sleep(POLL_MS)
    }
  }

  /** How many alerts it knows: those that were accepted and not among them are lost. */
  async alerts(): Promise<number> {
    const { databaseUrl = `sqlite:${(this.nodes[0] as Product).dataDir}/nunchi.db` } = this.#place
    const [row] = await askDatabase(databaseUrl, 'select count(*) as n from alert')
    return Number(row?.['n'])
  }

  /** Ends the processes; what they stored can be looked at until `remove`. */
  async stop(): Promise<void> {
    await this.#haproxy?.stop()
    await Promise.all(this.nodes.map((node) => node.stop()))
  }

  remove(): void {
    for (const node of this.nodes) node.remove()
  }
}

async function untilShared(nodes: readonly Product[]): Promise<void> {
  const url = `${(nodes[0] as Product).url}/api/v1/cluster`
  let seen: ClusterAnswer | undefined
  const isShared = async (): Promise<boolean> => {
    seen = (await (await fetch(url)).json()) as ClusterAnswer
    const counts = seen.nodes.map(({ partitions }) => partitions.length)
    return (
      seen.partitions.every(({ owner }) => owner !== null) &&
      counts.length === nodes.length &&
      Math.max(...counts) - Math.min(...counts) <= 1
    )
  }
  const describe = (): string => JSON.stringify(seen)
  await waitUntil(isShared, { timeoutMs: 60_000, why: `${nodes.length} nodes share the partitions`, describe })
}
