import { join } from 'node:path'
import { stringify } from 'yaml'
import { freePort } from '../../test/support/free-port.ts'
import { startOnFreePort } from '../../test/support/start-on-free-port.ts'
import { SupervisedProgram } from '../../test/support/supervised-program.ts'
import { makeTempFolder } from '../../test/support/temp-folder.ts'
import type { Bench } from './figure.ts'

/** The product as people run it: `node dist/nunchi.js serve`, with its data in a temporary folder. */
export interface Product {
  readonly pid: number
  readonly port: number
  readonly url: string
  readonly dataDir: string
  /** From the start of the process to the first 200 of `/readyz`. */
  readonly readyAfterMs: number
  /** Ends it as an operator would; its data stays until `remove`. */
  readonly stop: () => Promise<void>
  readonly remove: () => void
}

/** What a scenario may ask of the product. */
export interface ProductOptions {
  readonly env?: Readonly<Record<string, string>>
  /** The configuration file, as an object. */
  readonly config?: object
  /** Default: an empty folder. */
  readonly dataDir?: string
}

const READY_WITHIN_MS = 60_000
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'LANG'] as const

/** Starts the bundled program and waits until it is ready; fails with its log when it is not. */
export async function startProduct(bench: Bench, options: ProductOptions = {}): Promise<Product> {
  return await startOnFreePort(() => startOnce(bench, options))
}

async function startOnce(bench: Bench, options: ProductOptions): Promise<Product> {
  const port = await freePort()
  const folder = makeTempFolder('bench')
  const dataDir = options.dataDir ?? join(folder.path, 'data')
  const config =
    options.config === undefined ? {} : { NUNCHI_CONFIG: folder.write('nunchi.yaml', stringify(options.config)) }
  const passedOn = PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  const before = performance.now()
  const program = new SupervisedProgram({
    name: 'Nunchi',
    command: process.execPath,
    args: [...bench.nodeArguments, bench.program, 'serve'],
    cwd: folder.path,
    env: {
      ...Object.fromEntries(passedOn),
      HOST: '127.0.0.1',
      PORT: String(port),
      NUNCHI_DATA_DIR: dataDir,
      LOG_LEVEL: 'warn',
      ...config,
      ...options.env,
    },
  })
  const url = `http://127.0.0.1:${port}`
  try {
    await program.waitUntilReady(async () => (await fetch(`${url}/readyz`)).ok, READY_WITHIN_MS)
  } catch (error) {
    await program.stop({ signal: 'SIGKILL' })
    folder.remove()
    throw error
  }
  const readyAfterMs = performance.now() - before
  const stop = async (): Promise<void> => {
    const { code } = await program.stop({ graceMs: 30_000 })
    if (code !== 0) throw new Error(`Nunchi ended with code ${code}.\n${program.logTail()}`)
  }
  return { pid: program.pid, port, url, dataDir, readyAfterMs, stop, remove: folder.remove }
}
