import type { EventEmitter } from 'node:events'
import type { Environment, ReadFile } from '../app/config/read-environment.ts'
import type { SpawnThread } from '../store/dialects/sqlite/sqlite-thread.ts'

/** What a command needs of the world around it. */
export interface CliContext {
  readonly spawn: SpawnThread
  /** Default: the environment of the process. */
  readonly env?: Environment
  readonly readFile?: ReadFile
  readonly print: (text: string) => void
  /** For what is no result: warnings, problems, words beside a result. */
  readonly printAside: (text: string) => void
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  /** Where signals and faults of the process arrive. */
  readonly process: Pick<EventEmitter, 'on' | 'off'>
  /** Ends the process at once. */
  readonly exit: (code: number) => void
}

/** The real world. */
export function processContext(spawn: SpawnThread): CliContext {
  return {
    spawn,
    print: (text) => void process.stdout.write(`${text}\n`),
    printAside: (text) => void process.stderr.write(`${text}\n`),
    fetch: globalThis.fetch,
    now: Date.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    process,
    exit: (code) => process.exit(code),
  }
}
