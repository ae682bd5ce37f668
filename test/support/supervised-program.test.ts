import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { freePort } from './free-port.ts'
import { missingPackages } from './missing-packages.ts'
import { SupervisedProgram } from './supervised-program.ts'
import { makeTempFolder } from './temp-folder.ts'
import { waitUntil } from './wait-until.ts'

const run = (script: string) =>
  new SupervisedProgram({ name: 'script', command: process.execPath, args: ['-e', script] })

test('output is kept line by line, the last one without a line break too', async () => {
  const program = run('console.log("one\\ntwo"); console.error("three"); process.stdout.write("four")')
  expect(await program.ended).toEqual({ code: 0, signal: null })
  expect([...program.lines].sort()).toEqual(['four', 'one', 'three', 'two'])
})

test('a program that ends before it is ready shows its output', async () => {
  const program = run('console.log("no licence"); process.exit(3)')
  await expect(program.waitUntilReady(async () => false, 5_000)).rejects.toThrow(/code 3[\s\S]*no licence/)
})

test('a program that ignores SIGTERM is killed after its grace', async () => {
  const program = run('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)')
  await waitUntil(() => program.lines.length > 0, { why: 'the program runs' })
  expect(await program.stop({ graceMs: 100 })).toEqual({ code: null, signal: 'SIGKILL' })
})

test('a program that does not exist fails with its name', async () => {
  const program = new SupervisedProgram({ name: 'ghost', command: '/nowhere/ghost', args: [] })
  await expect(program.waitUntilReady(async () => false, 1_000)).rejects.toThrow(
    /ghost ended before it was ready[\s\S]*ENOENT/,
  )
})

test('a worker that is killed takes its programs and folders along', async () => {
  const child = fileURLToPath(new URL('supervised-program.ts', import.meta.url))
  const folder = fileURLToPath(new URL('temp-folder.ts', import.meta.url))
  const worker = run(`
    Promise.all([import(${JSON.stringify(child)}), import(${JSON.stringify(folder)})]).then(([programs, folders]) => {
      const options = { name: 'sleeper', command: 'sleep', args: ['60'] }
      console.log(new programs.SupervisedProgram(options).pid + ' ' + folders.makeTempFolder('orphan').path)
    })`)
  const line = await waitUntil(() => worker.lines.find((text) => /^\d+ /.test(text)), { why: 'the worker started' })
  const [pid = '', path = ''] = line.split(' ')
  expect([existsSync(`/proc/${pid}`), existsSync(path)]).toEqual([true, true])
  await worker.stop({ signal: 'SIGKILL' })
  await waitUntil(() => !existsSync(`/proc/${pid}`) && !existsSync(path), { why: 'both are gone' })
})

test('waiting in vain tells why, shows the state and keeps the cause', async () => {
  const failing = () => {
    throw new Error('refused')
  }
  const waiting = waitUntil(failing, { timeoutMs: 30, why: 'the door opens', describe: () => 'door: shut' })
  await expect(waiting).rejects.toMatchObject({
    message: expect.stringMatching(/waiting until the door opens\.\ndoor: shut/),
    cause: new Error('refused'),
  })
})

test('a temporary folder disappears at the end of its scope', () => {
  let path: string
  {
    using folder = makeTempFolder('test')
    path = folder.write('a.txt', 'x')
    expect(existsSync(path)).toBe(true)
  }
  expect(existsSync(path)).toBe(false)
})

test('free ports are real and different', async () => {
  const ports = [await freePort(), await freePort()]
  expect(new Set(ports).size).toBe(2)
})

test('missing packages are read from the environment', () => {
  expect(missingPackages({ NUNCHI_TEST_MISSING_PACKAGES: 'prometheus, redis  ' })).toEqual(['prometheus', 'redis'])
  expect(missingPackages({})).toEqual([])
})
