import { findBinary } from './find-binary.ts'
import { freePort } from './free-port.ts'
import { type ServerPlan, ServerProgram } from './server-program.ts'
import { startOnFreePort } from './start-on-free-port.ts'
import { makeTempFolder } from './temp-folder.ts'

export interface NatsOptions {
  /** In the language of its configuration file, for what has no flag: users, TLS, limits. */
  readonly config?: string
  /** Default true. */
  readonly hasJetStream?: boolean
}

interface NatsPorts {
  readonly client: number
  readonly monitor: number
  readonly cluster: number
}

/** One private NATS server on 127.0.0.1 with JetStream; its streams lie in a temporary folder. */
export class NatsServer extends ServerProgram {
  readonly port: number

  constructor(plan: ServerPlan, port: number) {
    super(plan)
    this.port = port
  }

  /** Its own address, without the others of its cluster. */
  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }
}

/** Servers that know each other and agree about their streams. */
export class NatsCluster {
  readonly servers: readonly NatsServer[]

  constructor(servers: readonly NatsServer[]) {
    this.servers = servers
  }

  /** The addresses of all servers, as NATS_URL has them. */
  get url(): string {
    return this.servers.map(({ url }) => url).join(',')
  }

  logTail(): string {
    return this.servers.map((server) => server.logTail(20)).join('\n')
  }

  /** Starts those that have ended, and waits until all agree again. */
  async restart(): Promise<void> {
    for (const server of this.servers) if (server.hasEnded) server.startAgain()
    await Promise.all(this.servers.map((server) => server.waitUntilReady()))
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

/** Starts so many NATS servers with JetStream and waits until they have found a leader; fails with a log if not. */
export async function startNats(count = 1, options: NatsOptions = {}): Promise<NatsCluster> {
  return await startOnFreePort(async () => {
    const ports: NatsPorts[] = []
    for (let index = 0; index < count; index += 1)
      ports.push({ client: await freePort(), monitor: await freePort(), cluster: await freePort() })
    const cluster = new NatsCluster(ports.map((_, index) => spawnNats(ports, index, options)))
    const outcomes = await Promise.allSettled(cluster.servers.map((server) => server.waitUntilReady()))
    const failure = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failure !== undefined) {
      await cluster.stop()
      throw failure.reason
    }
    return cluster
  })
}

function spawnNats(all: readonly NatsPorts[], index: number, options: NatsOptions): NatsServer {
  const { client, monitor, cluster } = all[index] as NatsPorts
  const command = findBinary('nats-server', '/usr/sbin/nats-server', '/usr/bin/nats-server')
  const folder = makeTempFolder('nats')
  const routes = all.map((ports) => `nats://127.0.0.1:${ports.cluster}`).join(',')
  const together = ['--cluster_name', 'test', '--cluster', `nats://127.0.0.1:${cluster}`, '--routes', routes]
  const args = [
    ...['--addr', '127.0.0.1', '--port', String(client), '--http_port', String(monitor)],
    ...['--server_name', `server-${index + 1}`],
    ...(options.hasJetStream === false ? [] : ['--jetstream', '--store_dir', folder.path]),
    ...(options.config === undefined ? [] : ['--config', folder.write('nats.conf', options.config)]),
    ...(all.length === 1 ? [] : together),
  ]
  const isReady = async (): Promise<boolean> => {
    const reply = await fetch(`http://127.0.0.1:${monitor}/healthz`, { signal: AbortSignal.timeout(2_000) })
    await reply.arrayBuffer()
    return reply.ok
  }
  return new NatsServer({ name: `NATS ${index + 1}`, command, args, folder, isReady, stopSignal: 'SIGTERM' }, client)
}
