import { randomUUID } from 'node:crypto'
import { askDatabase } from './ask-database.ts'
import { type SlackProcess, startSlackProcess } from './fake-slack/run-as-process.ts'
import { urlOfDatabase } from './fresh-database.ts'
import { type FreshStream, removeStreams } from './fresh-stream.ts'
import { startExampleHaproxy } from './run-example-haproxy.ts'
import type { Haproxy } from './run-haproxy.ts'
import { type MariadbServer, startMariadb } from './run-mariadb.ts'
import { type NatsCluster, startNats } from './run-nats.ts'
import type { ProductStore } from './run-nunchi.ts'
import { type PostgresServer, startPostgres } from './run-postgres.ts'
import { SeveralNodes } from './several-nodes.ts'
import { TcpProxy } from './tcp-proxy.ts'

/** What the nodes of a stage keep their data in. */
export type StageKind = 'postgres' | 'mariadb' | 'jetstream'

const NODES = 3
const DATABASE = 'chaos'
// Groups come and go so fast here that the hold-off of flapping incidents would only make the end late.
const SOURCES = [{ name: 'alertmanager', kind: 'alertmanager', lifecycle: { flap: { threshold: 1_000 } } }]

interface StageParts {
  readonly slack: SlackProcess
  readonly server: PostgresServer | MariadbServer
  readonly proxy: TcpProxy
  readonly nats: NatsCluster | null
  readonly cluster: SeveralNodes
  readonly haproxy: Haproxy
  readonly killConnections: string
}

/** Three nodes behind the load balancer of `deploy/`, on servers of their own that may be killed, reached through a proxy that may break. */
export class ChaosStage {
  readonly slack: SlackProcess
  /** The database server; committed data survives its end. */
  readonly server: PostgresServer | MariadbServer
  /** Between the nodes and the database. */
  readonly proxy: TcpProxy
  readonly nats: NatsCluster | null
  readonly cluster: SeveralNodes
  readonly haproxy: Haproxy
  readonly #killConnections: string

  private constructor(parts: StageParts) {
    this.slack = parts.slack
    this.server = parts.server
    this.proxy = parts.proxy
    this.nats = parts.nats
    this.cluster = parts.cluster
    this.haproxy = parts.haproxy
    this.#killConnections = parts.killConnections
  }

  static async start(kind: StageKind): Promise<ChaosStage> {
    const slack = await startSlackProcess({ limits: 'off' })
    const isMaria = kind === 'mariadb'
    const server = isMaria ? await startMariadb({ durable: true }) : await startPostgres({ durable: true })
    await askDatabase(server.url(), `create database ${DATABASE}`)
    const proxy = await TcpProxy.start(server.port)
    const url = new URL(urlOfDatabase(server.url(), DATABASE))
    url.port = String(proxy.port)
    const nats = kind === 'jetstream' ? await startNats(NODES) : null
    const store: ProductStore = {
      database: { url: url.href, drop: async () => undefined },
      stream: nats && streamOn(nats),
    }
    const cluster = await SeveralNodes.start(slack, NODES, { store, config: { sources: SOURCES } })
    const haproxy = await startExampleHaproxy(cluster.nodes.map(({ port }) => `127.0.0.1:${port}`))
    const killConnections = isMaria ? MARIADB_KILLER : POSTGRES_KILLER
    return new ChaosStage({ slack, server, proxy, nats, cluster, haproxy, killConnections })
  }

  /** Where the data of the nodes is, without the proxy. */
  get databaseUrl(): string {
    return urlOfDatabase(this.server.url(), DATABASE)
  }

  /** Ends every connection of the nodes to the database, as a restarting pooler does. */
  async killConnections(): Promise<void> {
    const rows = await askDatabase(this.server.url(), this.#killConnections)
    // MariaDB has no statement that ends many.
    for (const { id } of rows)
      if (id !== undefined && id !== null)
        await askDatabase(this.server.url(), `kill ${Number(id)}`).catch(() => undefined)
  }

  /** Everything runs and nothing is in its way any more. */
  async calm(): Promise<void> {
    this.proxy.mode = 'forward'
    this.proxy.delayMs = 0
    if (this.server.hasEnded) await this.server.restart()
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
    await this.server.stop()
    await this.slack.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

const POSTGRES_KILLER = `select pg_terminate_backend(pid)::text as done from pg_stat_activity where datname = '${DATABASE}'`
const MARIADB_KILLER = `select id from information_schema.processlist where db = '${DATABASE}'`

function streamOn(nats: NatsCluster): FreshStream {
  const name = `chaos-${randomUUID()}`
  return { url: nats.url, name, partitions: NODES, drop: () => removeStreams(nats.url, name) }
}
