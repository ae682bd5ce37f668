import { type ProgramEnd, SupervisedProgram } from './supervised-program.ts'
import type { TempFolder } from './temp-folder.ts'

/** How a server is started, and how one sees that it answers. */
export interface ServerPlan {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Only of the very first start. */
  readonly firstArgs?: readonly string[]
  /** Holds its data; it is the working folder, and removed by `stop`. */
  readonly folder: TempFolder
  /** Asked again and again; throwing counts as "not yet". */
  readonly isReady: () => Promise<boolean>
  readonly env?: NodeJS.ProcessEnv
  /** What ends it politely and soon; default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals
  readonly readyTimeoutMs?: number
}

/** A private server whose data outlives its process, for `restart`, until `stop`. */
export class ServerProgram {
  readonly #plan: ServerPlan
  #program: SupervisedProgram

  constructor(plan: ServerPlan) {
    this.#plan = plan
    this.#program = spawnPlanned(plan, plan.firstArgs)
  }

  get pid(): number {
    return this.#program.pid
  }

  get folder(): string {
    return this.#plan.folder.path
  }

  get hasEnded(): boolean {
    return this.#program.hasEnded
  }

  /** The last lines of its log, for failure messages. */
  logTail(count?: number): string {
    return this.#program.logTail(count)
  }

  /** Waits until it answers; when it does not, it is ended, its folder removed, and the failure shows its log. */
  async waitUntilReady(): Promise<void> {
    try {
      await this.#program.waitUntilReady(this.#plan.isReady, this.#plan.readyTimeoutMs ?? 30_000)
    } catch (error) {
      await this.kill9()
      this.#plan.folder.remove()
      throw error
    }
  }

  /** Sends any signal, for example SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void {
    this.#program.signal(signal)
  }

  /** Ends it as a crash would; resolves when its children are gone too. The data stay for `restart`. */
  async kill9(): Promise<ProgramEnd> {
    return await this.#program.stop({ signal: 'SIGKILL', graceMs: 5_000 })
  }

  /** Ends it politely, and by SIGKILL after `graceMs`. The data stay for `restart`. */
  async term(graceMs = 15_000): Promise<ProgramEnd> {
    return await this.#program.stop({ signal: this.#plan.stopSignal ?? 'SIGTERM', graceMs })
  }

  /** Starts it again on the same port and data, after an end by whatever cause, and waits until it answers. */
  async restart(): Promise<void> {
    this.startAgain()
    await this.waitUntilReady()
  }

  /** The first half of `restart`, for servers that are ready only once others have started as well. */
  startAgain(): void {
    if (!this.#program.hasEnded) throw new Error(`${this.#plan.name} still runs: end it before it starts again.`)
    this.#program = spawnPlanned(this.#plan)
  }

  /** Ends it and removes its data. */
  async stop(): Promise<ProgramEnd> {
    const end = await this.term()
    this.#plan.folder.remove()
    return end
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

function spawnPlanned(plan: ServerPlan, firstArgs: readonly string[] = []): SupervisedProgram {
  const { name, command, folder, env } = plan
  const args = [...plan.args, ...firstArgs]
  return new SupervisedProgram({ name, command, args, cwd: folder.path, ...(env === undefined ? {} : { env }) })
}
