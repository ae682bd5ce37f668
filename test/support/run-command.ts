import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { CliContext } from '../../src/cli/cli-context.ts'
import { runCli } from '../../src/cli/run-cli.ts'

/** What a command printed, and how it ended. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly aside: string
}

export type Answer = (url: URL, init: RequestInit) => Response | Promise<Response>

export type RunCommand = (argv: readonly string[], env?: Record<string, string>, answer?: Answer) => Promise<Ran>

/** Runs commands with `folder/data` as their data folder, a clock that stands, and servers that `answer` plays (nobody is there without). */
export function commandsIn(folder: () => string): RunCommand {
  return async (argv, env = {}, answer) => await runIn(folder(), { argv, env, answer })
}

interface Command {
  readonly argv: readonly string[]
  readonly env: Record<string, string>
  readonly answer: Answer | undefined
}

async function runIn(folder: string, { argv, env, answer }: Command): Promise<Ran> {
  const out: string[] = []
  const aside: string[] = []
  const context: CliContext = {
    spawn: () => {
      throw new Error('No test of a command starts threads')
    },
    env: { NUNCHI_DATA_DIR: join(folder, 'data'), ...env },
    print: (text) => void out.push(text),
    printAside: (text) => void aside.push(text),
    fetch: async (url, init) => {
      if (!answer) throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } })
      return await answer(new URL(String(url)), init ?? {})
    },
    now: () => Date.parse('2026-11-21T10:00:00Z'),
    sleep: async () => {
      // The clock of a test does not make it wait.
    },
    process: new EventEmitter(),
    exit: () => {
      throw new Error('Nothing here ends the process')
    },
  }
  const code = await runCli(argv, context)
  const ran = { code, out: out.join('\n'), aside: aside.join('\n') }
  expect(`${ran.out}${ran.aside}`).not.toMatch(/^\s+at .*:\d+:\d+/m)
  return ran
}

/** An answer of a server. */
export function jsonReply(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
}
