import { existsSync } from 'node:fs'
import { stringify } from 'yaml'
import { freePort } from './free-port.ts'
import { startOnFreePort } from './start-on-free-port.ts'
import { type ProgramEnd, SupervisedProgram } from './supervised-program.ts'
import { makeTempFolder, type TempFolder } from './temp-folder.ts'

const BINARY = '/usr/bin/prometheus'

/** Configuration and rule files as YAML text; the configuration names the rule files by the keys of `rules`. */
export interface PrometheusOptions {
  readonly config: string
  readonly rules?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
}

/** What a small test configuration says; see `prometheusConfig`. */
export interface PrometheusPlan {
  /** `host:port` of everything to scrape. */
  readonly targets: readonly string[]
  /** `host:port` of every Alertmanager that gets the alerts. */
  readonly alertmanagers: readonly string[]
  readonly ruleFiles?: readonly string[]
  /** Scrape and rule interval, for example `200ms`. */
  readonly every?: string
  readonly externalLabels?: Readonly<Record<string, string>>
}

/** The configuration of a Prometheus that scrapes and evaluates fast enough for a test. */
export function prometheusConfig(plan: PrometheusPlan): string {
  const every = plan.every ?? '200ms'
  return stringify({
    global: {
      scrape_interval: every,
      scrape_timeout: every,
      evaluation_interval: every,
      external_labels: plan.externalLabels ?? {},
    },
    rule_files: plan.ruleFiles ?? [],
    scrape_configs: [{ job_name: 'test', static_configs: [{ targets: plan.targets }] }],
    alerting: { alertmanagers: [{ static_configs: [{ targets: plan.alertmanagers }] }] },
  })
}

/** A private Prometheus on 127.0.0.1 with its data in a temporary folder. */
export class Prometheus {
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

  /** The last lines of its log, for failure messages. */
  logTail(): string {
    return this.#program.logTail()
  }

  /** Reads from its API, for example `/api/v1/alerts`. */
  async get(path: string): Promise<unknown> {
    const response = await fetch(this.url + path)
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}.\n${this.logTail()}`)
    return await response.json()
  }

  async stop(): Promise<ProgramEnd> {
    return await this.#finish('SIGTERM')
  }

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

/** Starts a Prometheus and waits until it is ready; fails with its log when it is not. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  return await startOnFreePort(() => startOne(options))
}

async function startOne(options: PrometheusOptions): Promise<Prometheus> {
  if (!existsSync(BINARY)) throw new Error('There is no Prometheus here: install the package prometheus.')
  const port = await freePort()
  const folder = makeTempFolder('prometheus')
  const config = folder.write('prometheus.yml', options.config)
  for (const [name, text] of Object.entries(options.rules ?? {})) folder.write(name, text)
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${folder.path}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    // Otherwise an alert that goes on is reported only once a minute.
    '--rules.alert.resend-delay=1s',
    ...(options.args ?? []),
  ]
  const program = new SupervisedProgram({ name: 'Prometheus', command: BINARY, args, cwd: folder.path })
  const prometheus = new Prometheus({ port, folder, program })
  try {
    await program.waitUntilReady(async () => (await fetch(`${prometheus.url}/-/ready`)).ok, 20_000)
  } catch (error) {
    await prometheus.kill9()
    throw error
  }
  return prometheus
}
