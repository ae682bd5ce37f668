import { randomUUID } from 'node:crypto'
import { type SlackProcess, startSlackProcess } from './fake-slack/run-as-process.ts'
import { type FreshStream, removeStreams } from './fresh-stream.ts'
import { startExampleHaproxy } from './run-example-haproxy.ts'
import type { Haproxy } from './run-haproxy.ts'
import { type NatsCluster, startNats } from './run-nats.ts'
import type { ProductStore } from './run-nunchi.ts'
import { SeveralNodes } from './several-nodes.ts'
import { type StageDatabase, startStageDatabase } from './stage-database.ts'
import { TcpProxy } from './tcp-proxy.ts'

/** What the nodes of a stage keep their data in. */
export type StageKind = 'postgres' | 'mariadb' | 'jetstream' | 'galera'

const NODES = 3
// Groups come and go so fast here that the hold-off of flapping incidents would only make the end late.
const SOURCES = [{ name: 'alertmanager', kind: 'alertmanager', lifecycle: { flap: { threshold: 1_000 } } }]

interface StageParts {
  readonly slack: SlackProcess
  readonly database: StageDatabase
  readonly proxy: TcpProxy
  readonly nats: NatsCluster | null
  readonly cluster: SeveralNodes
  readonly haproxy: Haproxy
}

/** Three nodes behind the load balancer of `deploy/`, on servers of their own that may be killed, reached through a proxy that may break. */
export class ChaosStage {
  readonly slack: SlackProcess
  readonly database: StageDatabase
  /** Between the nodes and the database. */
  readonly proxy: TcpProxy
  readonly nats: NatsCluster | null
  readonly cluster: SeveralNodes
  readonly haproxy: Haproxy

  private constructor(parts: StageParts) {
    this.slack = parts.slack
    this.database = parts.database
    this.proxy = parts.proxy
    this.nats = parts.nats
    this.cluster = parts.cluster
    this.haproxy = parts.haproxy
  }

  /** `env` goes to every node. */
  static async start(kind: StageKind, env: Readonly<Record<string, string>> = {}): Promise<ChaosStage> {
    const slack = await startSlackProcess({ limits: 'off' })
    const database = await startStageDatabase(kind)
    const proxy = await TcpProxy.start(database.port)
    const url = new URL(database.url)
    url.port = String(proxy.port)
    const nats = kind === 'jetstream' ? await startNats(NODES) : null
    const store: ProductStore = {
      database: { url: url.href, drop: async () => undefined },
      stream: nats && streamOn(nats),
    }
    const cluster = await SeveralNodes.start(slack, NODES, { store, env, config: { sources: SOURCES } })
    const haproxy = await startExampleHaproxy(cluster.nodes.map(({ port }) => `127.0.0.1:${port}`))
    return new ChaosStage({ slack, database, proxy, nats, cluster, haproxy })
  }

  /** Everything runs and nothing is in its way any more. */
  async calm(): Promise<void> {
    this.proxy.mode = 'forward'
    this.proxy.delayMs = 0
    await this.database.calm()
    await this.nats?.restart()
    for (const node of this.cluster.nodes) {
      if (node.hasEnded) await node.restart()
      else node.signal('SIGCONT')
    }
    await this.cluster.untilShared(this.cluster.nodes, 60_000)
  }

  async stop(): Promise<void> {
    await this.haproxy.stop()
    await this.cluster.stop()
    await this.nats?.stop()
    await this.proxy.close()
    await this.database.stop()
    await this.slack.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

function streamOn(nats: NatsCluster): FreshStream {
  const name = `chaos-${randomUUID()}`
  return { url: nats.url, name, partitions: NODES, drop: () => removeStreams(nats.url, name) }
}
