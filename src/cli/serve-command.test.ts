import { EventEmitter } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { ALONE } from '../../test/support/alone.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import type { Config } from '../app/config/config-shape.ts'
import { readConfig } from '../app/config.ts'
import { IncompatibleNeighbourError } from '../cluster/refuse-incompatible-neighbours.ts'
import { DatabaseError, NOT_READY } from '../store/dialects/database-error.ts'
import { NewerSchemaError } from '../store/migrate.ts'
import type { CliContext } from './cli-context.ts'
import { type ServeDeps, serve } from './serve-command.ts'

function configOf(env: Record<string, string> = {}): Config {
  const read = readConfig({ env: { NUNCHI_DATA_DIR: mkdtempSync(join(tmpdir(), 'nunchi-serve-')), ...env } })
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return read.config
}

function stage(start: ServeDeps['start']) {
  const events = new EventEmitter()
  const exits: number[] = []
  const lines: { level: number; msg: string }[] = []
  let now = 0
  const context = {
    process: events,
    exit: (code: number) => void exits.push(code),
    now: () => now,
    sleep: async (ms: number) => {
      now += ms
    },
  } as unknown as CliContext
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  return { events, exits, lines, deps: { context, logger, start } }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('a signal stops it gracefully, a second one at once', async () => {
  let finish = () => {}
  const closing = new Promise<void>((resolve) => {
    finish = resolve
  })
  const { events, exits, deps } = stage(async () => ({ address: 'http://127.0.0.1:9009', close: () => closing }))
  const served = serve(configOf(), deps)
  await turn()
  events.emit('SIGTERM', 'SIGTERM')
  await turn()
  expect(exits).toEqual([])
  events.emit('SIGINT', 'SIGINT')
  expect(exits).toEqual([1])
  finish()
  await served
})

test('a signal during the start is not lost', async () => {
  const { events, lines, deps } = stage(async () => {
    events.emit('SIGTERM', 'SIGTERM')
    return { address: 'http://127.0.0.1:9009', close: async () => {} }
  })
  await serve(configOf(), deps)
  expect(lines.at(-1)?.msg).toBe('Stopped')
})

test('a fault that nobody caught is logged and ends the process', async () => {
  const { events, exits, lines, deps } = stage(async () => ({ address: 'http://x', close: async () => {} }))
  const served = serve(configOf(), deps)
  await turn()
  events.emit('unhandledRejection', new Error('forgotten'))
  expect(exits).toEqual([1])
  expect(lines.some(({ level }) => level === 60)).toBe(true)
  events.emit('SIGTERM', 'SIGTERM')
  await served
})

const listenFault = (code: string) => Object.assign(new Error(code), { code, syscall: 'listen' })
const faults: readonly [fault: Error, expected: RegExp][] = [
  [listenFault('EADDRINUSE'), /^Port 9009 on 127\.0\.0\.1 is already in use\.\n→ .*PORT or --port/],
  [listenFault('EACCES'), /^This user may not listen on port 9009\./],
  [listenFault('EADDRNOTAVAIL'), /no address of this machine/],
  [
    Object.assign(new Error('x'), { code: 'EACCES', syscall: 'mkdir', path: '/data' }),
    /^This user may not write to \/data\./,
  ],
  [Object.assign(new Error('x'), { code: 'ENOSPC', syscall: 'write' }), /is full\.\n→ Make room/],
  [new NewerSchemaError(['20991231-0000-future']), /^The database was upgraded by a newer Nunchi/],
  [
    new IncompatibleNeighbourError(ALONE.nodes, ['20991231-0000-future']),
    /^An older Nunchi is running on this database, and would misread .*20991231-0000-future.*\n→ Stop those nodes, then do this again.* docs\/cluster\.md/,
  ],
  [
    new DatabaseError('read ECONNRESET', { fault: 'unavailable' }),
    /^The database went away in the middle: read ECONNRESET\.\n→ Start again when it answers/,
  ],
  [new DatabaseError('Lock wait timeout exceeded', { fault: 'busy' }), /^Others keep the database busy: Lock wait/],
  [Object.assign(new Error('x'), { errcode: 14 }), /cannot be opened\.\n→ /],
  [Object.assign(new Error('x'), { errcode: 517 }), /held by another program/],
]
for (const [fault, expected] of faults) {
  test(`a start that fails says: ${expected.source}`, async () => {
    const { deps } = stage(async () => {
      throw fault
    })
    await expect(serve(configOf(), deps)).rejects.toMatchObject({
      name: 'CliFailure',
      text: expect.stringMatching(expected),
    })
  })
}

const restarting = new DatabaseError('The database is starting or stopping.', {
  fault: 'unavailable',
  code: NOT_READY,
  remedy: 'Wait.',
})

test('a start during which the database is restarted is tried again until it is back', async () => {
  let attempts = 0
  const { events, lines, deps } = stage(async () => {
    if (++attempts < 4) throw restarting
    return { address: 'http://x', close: async () => {} }
  })
  const served = serve(configOf(), deps)
  await waitUntil(() => lines.some(({ msg }) => msg.startsWith('Nunchi is ready')), { why: 'it is ready' })
  events.emit('SIGTERM', 'SIGTERM')
  await served
  expect([attempts, lines.filter(({ level }) => level === 40).length, lines.some(({ level }) => level > 40)]).toEqual([
    4,
    3,
    false,
  ])
})

test('one that stays away ends the start within half a minute, in words; what needs a person ends it at once', async () => {
  const attemptsWith = async (fault: Error): Promise<number> => {
    let attempts = 0
    const { deps } = stage(async () => {
      attempts++
      throw fault
    })
    await expect(serve(configOf(), deps)).rejects.toMatchObject({ name: 'CliFailure' })
    return attempts
  }
  expect(await attemptsWith(restarting)).toBe(21)
  const login = new DatabaseError('It refuses the password.', { fault: 'unavailable', remedy: 'Correct it.' })
  expect(await attemptsWith(login)).toBe(1)
})

test('a thread that died without its reason: the database is asked', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'nunchi-serve-')), 'notes.txt')
  writeFileSync(file, 'This is a text and certainly no database of anybody. '.repeat(50))
  const { deps } = stage(async () => {
    throw new Error('The database thread has ended')
  })
  await expect(serve(configOf({ DATABASE_URL: `sqlite:${file}` }), deps)).rejects.toMatchObject({ name: 'CliFailure' })
})

test('a fault that nobody foresaw is logged with its stack and thrown', async () => {
  const { lines, deps } = stage(async () => {
    throw new Error('never seen before')
  })
  await expect(serve(configOf(), deps)).rejects.toThrow('never seen before')
  expect(lines.at(-1)).toMatchObject({ level: 60 })
})
