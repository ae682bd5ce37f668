import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { forgetProcess, watchProcess } from './leftovers-reaper.ts'
import { waitUntil } from './wait-until.ts'

const LOG_LINES_KEPT = 20_000

/** How a program ended: by its own exit code or by a signal. */
export interface ProgramEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** What to start and under which name it appears in failures. */
export interface ProgramOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Called with every complete line of standard output and standard error. */
  readonly onLine?: (line: string) => void
}

/** A child process whose output is kept, whose end can be awaited, and which never outlives the test run. */
export class SupervisedProgram {
  readonly ended: Promise<ProgramEnd>
  readonly #child: ChildProcess
  readonly #name: string
  readonly #lines: string[] = []
  readonly #onLine: ((line: string) => void) | undefined
  #end: ProgramEnd | undefined

  constructor(options: ProgramOptions) {
    this.#name = options.name
    this.#onLine = options.onLine
    const { env = process.env, cwd } = options
    const placement = cwd === undefined ? { env } : { env, cwd }
    this.#child = spawn(options.command, [...options.args], { ...placement, stdio: ['ignore', 'pipe', 'pipe'] })
    const { pid } = this.#child
    if (pid !== undefined) watchProcess(pid)
    this.ended = new Promise((resolve) => {
      const settle = (end: ProgramEnd) => {
        if (pid !== undefined) forgetProcess(pid)
        this.#end ??= end
        resolve(this.#end)
      }
      this.#child.once('error', (error) => {
        this.#keep(String(error))
        settle({ code: null, signal: null })
      })
      // 'close' and not 'exit': only then is the output complete.
      this.#child.once('close', (code, signal) => settle({ code, signal }))
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) this.#collect(stream)
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} could not be started.\n${this.logTail()}`)
    return this.#child.pid
  }

  get hasEnded(): boolean {
    return this.#end !== undefined
  }

  get lines(): readonly string[] {
    return this.#lines
  }

  /** The last lines of output, for failure messages. */
  logTail(count = 60): string {
    const tail = this.#lines.slice(-count)
    return `--- last ${tail.length} lines of ${this.#name} ---\n${tail.join('\n')}`
  }

  /** Waits until `isReady` answers true; fails with the output when it does not, or when the program ends first. */
  async waitUntilReady(isReady: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const check = async () => this.hasEnded || (await isReady())
    await waitUntil(check, { timeoutMs, why: `${this.#name} is ready`, describe: () => this.logTail() })
    if (this.#end !== undefined) {
      const { code, signal } = this.#end
      throw new Error(`${this.#name} ended before it was ready (code ${code}, signal ${signal}).\n${this.logTail()}`)
    }
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.hasEnded) this.#child.kill(signal)
  }

  /** Ends the program: a polite signal first, SIGKILL when it has not ended within `graceMs`. */
  async stop(options: { readonly signal?: NodeJS.Signals; readonly graceMs?: number } = {}): Promise<ProgramEnd> {
    const { signal = 'SIGTERM', graceMs = 10_000 } = options
    // A stopped (SIGSTOP) process would hold the polite signal back for ever.
    this.signal('SIGCONT')
    this.signal(signal)
    const patience = new AbortController()
    const grace = sleep(graceMs, 'late' as const, { signal: patience.signal }).catch(() => 'cancelled' as const)
    if ((await Promise.race([this.ended, grace])) === 'late') this.signal('SIGKILL')
    patience.abort()
    return await this.ended
  }

  #collect(stream: NodeJS.ReadableStream | null): void {
    if (stream === null) return
    let rest = ''
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop() ?? ''
      for (const line of parts) this.#keep(line)
    })
    stream.on('end', () => {
      if (rest !== '') this.#keep(rest)
    })
  }

  #keep(line: string): void {
    this.#lines.push(line)
    if (this.#lines.length > LOG_LINES_KEPT) this.#lines.splice(0, LOG_LINES_KEPT / 10)
    this.#onLine?.(line)
  }
}
