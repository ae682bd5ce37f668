import { existsSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { startNunchi } from './run-nunchi.ts'
import { makeTempFolder } from './temp-folder.ts'

// Stands in for the product: this file tests the harness, not Nunchi.
const STAND_IN = `
import { createServer } from 'node:http'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
const log = (level, msg) => console.log(JSON.stringify({ level, msg }))
const data = process.env.NUNCHI_DATA_DIR
mkdirSync(data, { recursive: true })
const starts = (existsSync(data + '/starts') ? Number(readFileSync(data + '/starts')) : 0) + 1
writeFileSync(data + '/starts', String(starts))
if (process.env.FAIL_START) { log(60, 'the database is newer than this program'); process.exit(1) }
const server = createServer((request, response) => {
  if (request.url === '/readyz') return response.writeHead(200).end()
  if (request.url === '/fail') log(50, 'something broke')
  const config = process.env.NUNCHI_CONFIG ? readFileSync(process.env.NUNCHI_CONFIG, 'utf8') : ''
  response.setHeader('content-type', 'application/json')
  let body = ''
  request.on('data', (chunk) => (body += chunk)).on('end', () => response.end(JSON.stringify(
    { starts, config, body, slack: process.env.SLACK_BOT_TOKEN ?? null, args: process.argv.slice(2) })))
})
server.listen(Number(process.env.PORT), process.env.HOST, () => log(30, 'ready'))
process.on('SIGTERM', () => process.exit(0))
`

function standIn() {
  const folder = makeTempFolder('stand-in')
  return { entry: folder.write('nunchi.mjs', STAND_IN) }
}

test('the product gets its settings and nothing of the environment around it', async () => {
  process.env['SLACK_BOT_TOKEN'] = 'xoxb-private'
  await using nunchi = await startNunchi({ ...standIn(), config: { sources: [{ name: 'a' }] } })
  delete process.env['SLACK_BOT_TOKEN']
  const reply = await nunchi.api('/')
  expect(reply).toMatchObject({
    status: 200,
    body: { config: 'sources:\n  - name: a\n', slack: null, args: ['serve'] },
  })
  expect((await nunchi.post('/', { a: 1 })).body).toMatchObject({ body: '{"a":1}' })
  expect((await nunchi.post('/', '{"a":')).body).toMatchObject({ body: '{"a":' })
})

test('a restart keeps the data and the log, and stop removes both', async () => {
  const nunchi = await startNunchi(standIn())
  expect(await nunchi.kill9()).toMatchObject({ signal: 'SIGKILL' })
  await nunchi.restart({ env: { SLACK_BOT_TOKEN: 'xoxb-now' } })
  expect((await nunchi.api('/')).body).toMatchObject({ starts: 2, slack: 'xoxb-now' })
  expect(nunchi.log.filter((line) => line.msg === 'ready')).toHaveLength(2)
  const end = await nunchi.stop()
  expect(end).toMatchObject({ code: 0, signal: null })
  expect(end.durationMs).toBeLessThan(5_000)
  expect(existsSync(nunchi.dataDir)).toBe(false)
})

test('an error in the log fails the test unless it was expected', async () => {
  await using nunchi = await startNunchi(standIn())
  nunchi.assertNoErrorLogs()
  await nunchi.api('/fail')
  // The log comes over a pipe and the answer over a socket: either may be here first.
  await vi.waitUntil(() => nunchi.log.some((line) => line.msg === 'something broke'))
  expect(() => nunchi.assertNoErrorLogs()).toThrow(/1 unexpected error log line[\s\S]*something broke/)
  nunchi.assertNoErrorLogs({ allow: [/something broke/] })
})

test('a product that does not come up shows its log', async () => {
  await expect(startNunchi({ ...standIn(), env: { FAIL_START: '1' } })).rejects.toThrow(
    /code 1[\s\S]*newer than this program/,
  )
})
