import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { freePort } from './free-port.ts'
import { type FreshDatabase, makeFreshDatabase } from './fresh-database.ts'
import { type FreshStream, nameFreshStream, streamEnv } from './fresh-stream.ts'
import type { ProductPlace } from './product-place.ts'
import { startOnFreePort } from './start-on-free-port.ts'
import { type ProgramEnd, SupervisedProgram } from './supervised-program.ts'
import { makeTempFolder, type TempFolder } from './temp-folder.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const BUNDLE = join(ROOT, 'dist/nunchi.js')
const SOURCE = join(ROOT, 'src/cli/main.ts')
const PINO_ERROR = 50
// Settings of the person who runs the tests must not leak into the product under test.
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'NODE_EXTRA_CA_CERTS', 'NODE_V8_COVERAGE'] as const

/** One line that the product logged. */
export interface LogLine {
  readonly level: number
  readonly msg?: string
  readonly [field: string]: unknown
}

/** What an HTTP request to the product brought back; `body` is parsed when it is JSON. */
export interface HttpReply<T = unknown> {
  readonly status: number
  readonly headers: Headers
  readonly body: T
}

/** What `startNunchi` may be told. */
export interface NunchiOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Written as YAML into the temporary folder and passed as NUNCHI_CONFIG. */
  readonly config?: object
  /** Default: a temporary folder that disappears with `stop`. */
  readonly dataDir?: string
  /** Default: fresh ones of the run's size that disappear with `stop`. Given, several nodes share them, and the test drops them. */
  readonly store?: ProductStore
  readonly port?: number
  /** Default: `['serve']`. */
  readonly args?: readonly string[]
  readonly readyTimeoutMs?: number
  readonly name?: string
  /** Another program file than this tree's, for example an older release. */
  readonly entry?: string
}

/** How the product ended and how long it took from the signal on. */
export interface NunchiEnd extends ProgramEnd {
  readonly durationMs: number
}

/** What a product keeps outside of its data folder; null: nothing of the kind. */
export interface ProductStore {
  readonly database: FreshDatabase | null
  readonly stream: FreshStream | null
}

/** The product as a child process, as its users run it. */
export class RunningNunchi implements ProductPlace {
  readonly port: number
  readonly dataDir: string
  readonly databaseUrl: string | undefined
  readonly stream: FreshStream | undefined
  readonly #options: NunchiOptions
  readonly #folder: TempFolder
  readonly #store: ProductStore
  readonly #log: LogLine[] = []
  readonly #plainOutput: string[] = []
  #program: SupervisedProgram

  constructor(options: NunchiOptions, port: number, store: ProductStore) {
    this.#options = options
    this.port = port
    this.#store = store
    this.databaseUrl = store.database?.url
    this.stream = store.stream ?? undefined
    this.#folder = makeTempFolder('product')
    this.dataDir = options.dataDir ?? join(this.#folder.path, 'data')
    this.#program = this.#spawn({})
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get pid(): number {
    return this.#program.pid
  }

  get hasEnded(): boolean {
    return this.#program.hasEnded
  }

  /** Resolves when the current process ends, whoever ended it: for crash points that kill the product from inside. */
  get ended(): Promise<ProgramEnd> {
    return this.#program.ended
  }

  /** Every JSON log line since the first start, restarts included. */
  get log(): readonly LogLine[] {
    return this.#log
  }

  /** Output that was not a JSON log line: warnings of the runtime, stack traces of a crash. */
  get plainOutput(): readonly string[] {
    return this.#plainOutput
  }

  logTail(count?: number): string {
    return this.#program.logTail(count)
  }

  /** Waits until `/readyz` answers 200; fails with the log when it does not. */
  async waitUntilReady(): Promise<void> {
    const { readyTimeoutMs = 60_000 } = this.#options
    const isReady = async () => {
      const reply = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2_000) })
      await reply.arrayBuffer()
      return reply.status === 200
    }
    await this.#program.waitUntilReady(isReady, readyTimeoutMs)
  }

  /** GET with the answer parsed. */
  async api<T = unknown>(path: string, headers: Readonly<Record<string, string>> = {}): Promise<HttpReply<T>> {
    return await readReply<T>(await fetch(this.url + path, { headers }))
  }

  /** POST; an object goes as JSON, text and bytes go as they are. */
  async post<T = unknown>(
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpReply<T>> {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }
    const bodyInit = (isRaw ? body : JSON.stringify(body)) as string
    return await readReply<T>(await fetch(this.url + path, { ...init, body: bodyInit }))
  }

  /** Sends any signal, for example SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void {
    this.#program.signal(signal)
  }

  /** SIGKILL: nothing that was not yet on disk survives. The data folder stays for `restart`. */
  async kill9(): Promise<NunchiEnd> {
    return await this.#end('SIGKILL', 5_000)
  }

  /** SIGTERM, and SIGKILL after `graceMs`; the caller checks the exit code and the duration. */
  async term(graceMs = 15_000): Promise<NunchiEnd> {
    return await this.#end('SIGTERM', graceMs)
  }

  /** Starts again on the same port and data, after an end by whatever cause; `env` is added for this start only. */
  async restart(options: { readonly env?: Readonly<Record<string, string>> } = {}): Promise<void> {
    if (!this.#program.hasEnded) await this.kill9()
    this.#program = this.#spawn(options.env ?? {})
    await this.waitUntilReady()
  }

  /** Ends the process and removes its temporary folder and its own database. */
  async stop(): Promise<NunchiEnd> {
    const end = await this.term()
    if (this.#options.store === undefined) await dropProductStore(this.#store)
    this.#folder.remove()
    return end
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** Fails when the product logged an error, or a crash printed one, that no pattern in `allow` matches. */
  assertNoErrorLogs(options: { readonly allow?: readonly RegExp[] } = {}): void {
    const { allow = [] } = options
    const errors = this.#log.filter((line) => line.level >= PINO_ERROR).map((line) => JSON.stringify(line))
    const crashes = this.#plainOutput.filter((line) => /^\s*(\w*Error|Uncaught)\b/.test(line))
    const unexpected = [...errors, ...crashes].filter((line) => !allow.some((pattern) => pattern.test(line)))
    if (unexpected.length === 0) return
    throw new Error(`${unexpected.length} unexpected error log line(s):\n${unexpected.slice(0, 20).join('\n')}`)
  }

  async #end(signal: NodeJS.Signals, graceMs: number): Promise<NunchiEnd> {
    const before = performance.now()
    const end = await this.#program.stop({ signal, graceMs })
    return { ...end, durationMs: performance.now() - before }
  }

  #spawn(extraEnv: Readonly<Record<string, string>>): SupervisedProgram {
    const { config, env = {}, args = ['serve'], name = 'Nunchi' } = this.#options
    const configFile =
      config === undefined ? {} : { NUNCHI_CONFIG: this.#folder.write('nunchi.yaml', stringify(config)) }
    return new SupervisedProgram({
      name,
      command: process.execPath,
      args: [...entryPoint(this.#options.entry), ...args],
      cwd: this.#folder.path,
      env: {
        ...Object.fromEntries(PASSED_ON.flatMap((key) => (key in process.env ? [[key, process.env[key]]] : []))),
        HOST: '127.0.0.1',
        PORT: String(this.port),
        NUNCHI_DATA_DIR: this.dataDir,
        ...storeEnv(this.#store),
        LOG_LEVEL: 'info',
        ...configFile,
        ...env,
        ...extraEnv,
      },
      onLine: (line) => this.#keep(line),
    })
  }

  #keep(line: string): void {
    const entry = parseLogLine(line)
    if (entry === undefined) this.#plainOutput.push(line)
    else this.#log.push(entry)
  }
}

/** Starts the product and waits until it is ready; fails with its log when it is not. */
export async function startNunchi(options: NunchiOptions = {}): Promise<RunningNunchi> {
  return await startOnFreePort(() => startOnce(options))
}

/** Runs a command of the `nunchi` program to its end, for example `['check-config']`. */
export async function runNunchiCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ProgramEnd & { readonly output: string }> {
  const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env }
  const command = { name: `nunchi ${args.join(' ')}`, command: process.execPath, args: [...entryPoint(), ...args] }
  const program = new SupervisedProgram({ ...command, env: environment })
  const end = await program.ended
  return { ...end, output: program.lines.join('\n') }
}

/** Makes what the size of the run keeps outside of the data folder: for several nodes of one installation. */
export async function makeProductStore(): Promise<ProductStore> {
  return { database: await makeFreshDatabase(), stream: await nameFreshStream() }
}

/** On a busy machine a dozen products that start at once wait for each other; no test but those that say so is about that. */
const PATIENCE = { DATABASE_CONNECT_TIMEOUT: '20s', DATABASE_STATEMENT_TIMEOUT: '30s' }

/** How a product is told of it. */
export function storeEnv({ database, stream }: ProductStore): Readonly<Record<string, string>> {
  return { ...(database && { ...PATIENCE, DATABASE_URL: database.url }), ...(stream && streamEnv(stream)) }
}

/** Removes it; the products that used it have ended. */
export async function dropProductStore({ database, stream }: ProductStore): Promise<void> {
  await stream?.drop()
  await database?.drop()
}

async function startOnce(options: NunchiOptions): Promise<RunningNunchi> {
  const store = options.store ?? (await makeProductStore())
  const nunchi = new RunningNunchi(options, options.port ?? (await freePort()), store)
  try {
    await nunchi.waitUntilReady()
  } catch (error) {
    await nunchi.kill9()
    await nunchi.stop()
    throw error
  }
  return nunchi
}

function entryPoint(entry?: string): readonly string[] {
  // `source`, or the path of a bundle that was built elsewhere, such as that of a release.
  const from = process.env['NUNCHI_TEST_FROM'] ?? ''
  const chosen = from.endsWith('.js') ? from : from === 'source' || !existsSync(BUNDLE) ? SOURCE : BUNDLE
  return [entry ?? chosen]
}

function parseLogLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const entry = JSON.parse(line) as Partial<LogLine>
    return typeof entry.level === 'number' ? (entry as LogLine) : undefined
  } catch {
    // A line cut off by a SIGKILL is no log entry.
    return undefined
  }
}

async function readReply<T>(response: Response): Promise<HttpReply<T>> {
  const text = await response.text()
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    body: (isJson && text !== '' ? JSON.parse(text) : text) as T,
  }
}
