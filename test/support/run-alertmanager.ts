import { existsSync } from 'node:fs'
import { freePort } from './free-port.ts'
import { startOnFreePort } from './start-on-free-port.ts'
import { type ProgramEnd, SupervisedProgram } from './supervised-program.ts'
import { makeTempFolder, type TempFolder } from './temp-folder.ts'

const BINARIES = ['/usr/bin/prometheus-alertmanager', '/usr/bin/alertmanager']

/** One alert as `POST /api/v2/alerts` takes it. */
export interface PushedAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly startsAt?: string
  readonly endsAt?: string
  readonly generatorURL?: string
}

/** The configuration as YAML text, and flags beyond those that keep an instance private. */
export interface AlertmanagerOptions {
  readonly config: string
  readonly args?: readonly string[]
  /** Where it listens; default: any free port. With the port of one that ended, it is that one started again, its memory empty. */
  readonly port?: number
}

interface ClusterPlace {
  readonly port: number
  readonly peers: readonly number[]
}

/** A private Alertmanager on 127.0.0.1 with its data in a temporary folder. */
export class Alertmanager {
  readonly port: number
  readonly #folder: TempFolder
  readonly #program: SupervisedProgram

  constructor(parts: { readonly port: number; readonly folder: TempFolder; readonly program: SupervisedProgram }) {
    this.port = parts.port
    this.#folder = parts.folder
    this.#program = parts.program
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get pid(): number {
    return this.#program.pid
  }

  /** The last lines of its log, for failure messages. */
  logTail(): string {
    return this.#program.logTail()
  }

  /** Hands alerts in as Prometheus does; fails with the answer and the log when they are refused. */
  async pushAlerts(alerts: readonly PushedAlert[]): Promise<void> {
    const response = await fetch(`${this.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts),
    })
    const answer = await response.text()
    if (!response.ok)
      throw new Error(`Alertmanager refused the alerts: ${response.status} ${answer}\n${this.logTail()}`)
  }

  /** Reads from its API, for example `/api/v2/alerts/groups`. */
  async get(path: string): Promise<unknown> {
    const response = await fetch(this.url + path)
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}.\n${this.logTail()}`)
    return await response.json()
  }

  /** Rereads the configuration file after replacing it. */
  async reload(config: string): Promise<void> {
    this.#folder.write('alertmanager.yml', config)
    const response = await fetch(`${this.url}/-/reload`, { method: 'POST' })
    if (!response.ok) throw new Error(`The reload failed: ${await response.text()}\n${this.logTail()}`)
  }

  async stop(): Promise<ProgramEnd> {
    return await this.#finish('SIGTERM')
  }

  /** Ends it as a power cut would: what it has not written yet is gone. */
  async kill9(): Promise<ProgramEnd> {
    return await this.#finish('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #finish(signal: NodeJS.Signals): Promise<ProgramEnd> {
    const end = await this.#program.stop({ signal, graceMs: 5_000 })
    this.#folder.remove()
    return end
  }
}

/** Starts one Alertmanager without a cluster and waits until it is ready. */
export async function startAlertmanager(options: AlertmanagerOptions): Promise<Alertmanager> {
  return await startOnFreePort(() => startOne(options))
}

/** Starts two Alertmanagers that know each other: both send every notification that the other did not see in time. */
export async function startAlertmanagerPair(
  options: AlertmanagerOptions,
): Promise<readonly [Alertmanager, Alertmanager]> {
  return await startOnFreePort(async () => {
    const [firstPort, secondPort] = [await freePort(), await freePort()]
    const first = await startOne(options, { port: firstPort, peers: [] })
    try {
      return [first, await startOne(options, { port: secondPort, peers: [firstPort] })] as const
    } catch (error) {
      await first.stop()
      throw error
    }
  })
}

async function startOne(options: AlertmanagerOptions, cluster?: ClusterPlace): Promise<Alertmanager> {
  const command = BINARIES.find((path) => existsSync(path))
  if (command === undefined)
    throw new Error('There is no Alertmanager here: install the package prometheus-alertmanager.')
  const port = options.port ?? (await freePort())
  const folder = makeTempFolder('alertmanager')
  const config = folder.write('alertmanager.yml', options.config)
  const args = [
    `--config.file=${config}`,
    `--storage.path=${folder.path}`,
    `--web.listen-address=127.0.0.1:${port}`,
    ...clusterFlags(cluster),
    ...(options.args ?? []),
  ]
  const program = new SupervisedProgram({ name: 'Alertmanager', command, args, cwd: folder.path })
  const alertmanager = new Alertmanager({ port, folder, program })
  try {
    await program.waitUntilReady(async () => (await fetch(`${alertmanager.url}/-/ready`)).ok, 20_000)
  } catch (error) {
    await alertmanager.kill9()
    throw error
  }
  return alertmanager
}

function clusterFlags(cluster: ClusterPlace | undefined): readonly string[] {
  if (cluster === undefined) return ['--cluster.listen-address=']
  return [
    `--cluster.listen-address=127.0.0.1:${cluster.port}`,
    `--cluster.advertise-address=127.0.0.1:${cluster.port}`,
    // The peers of a test are there at once; the default would hold back the first notification for a minute.
    '--cluster.settle-timeout=3s',
    // How long the second waits for word of the first before it sends too; the default is 15 s.
    '--cluster.peer-timeout=1s',
    '--cluster.gossip-interval=50ms',
    ...cluster.peers.map((peer) => `--cluster.peer=127.0.0.1:${peer}`),
  ]
}
