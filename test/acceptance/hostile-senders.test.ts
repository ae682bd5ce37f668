import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { countDeliveries } from '../support/delivery-log-state.ts'
import { DEFAULT_CHANNEL, type FakeSlack, startFakeSlack } from '../support/fake-slack/fake-slack.ts'
import { makeAlert, makeWebhookBody } from '../support/generate-alerts.ts'
import { assertEverythingHolds, startNunchiWithSlack } from '../support/nunchi-and-slack.ts'
import { queryMain } from '../support/query-product.ts'
import { postHead, readAnswer, sendRaw } from '../support/raw-http.ts'
import { type RunningNunchi, startNunchi } from '../support/run-nunchi.ts'
import { waitUntilQuiet } from '../support/settle.ts'
import { readableLines } from '../support/slack-text.ts'
import { waitUntil } from '../support/wait-until.ts'

const PATH = '/webhook/alertmanager'
const MIB = 1024 * 1024
const SOURCES = [
  { name: 'alertmanager', kind: 'alertmanager' },
  { name: 'neighbour', kind: 'alertmanager' },
]

let slack: FakeSlack
let nunchi: RunningNunchi

beforeEach(async () => {
  slack = await startFakeSlack({ limits: 'off' })
  nunchi = await startNunchiWithSlack(slack, { config: { sources: SOURCES } })
})
afterEach(async () => {
  await nunchi.stop()
  await slack.close()
})

describe('requests that hold on or go on', () => {
  test('a small body that unpacks into a huge one is cut and told as an alert of its own', async () => {
    const bomb = gzipSync(Buffer.alloc(300 * MIB, ' '))
    const { status } = await nunchi.post(PATH, bomb, { 'content-encoding': 'gzip' })
    expect(status).toBeLessThan(300)
    await expectOversizeTold()
  }, 120_000)

  test('a body over the limit is answered 2xx, cut, and told as a critical alert of its own', async () => {
    const body = `{"alerts":[${' '.repeat(65 * MIB)}]}`
    const { status } = await nunchi.post(PATH, body)
    expect(status).toBeLessThan(300)
    await expectOversizeTold()
  }, 120_000)

  test('a body in chunks that never ends is cut off, and its beginning is told', async () => {
    const socket = connect(nunchi.port, '127.0.0.1')
    socket.write(postHead(PATH, null))
    const answer = readAnswer(socket, 90_000)
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MIB, ' '), Buffer.from('\r\n')])
    await pourUntilClosed(socket, chunk)
    // Whoever still sends while the connection is closed may not see the answer; what it must not be is a refusal.
    const { status } = await answer
    expect([null, 200]).toContain(status)
    await expectOversizeTold()
    expect(peakMemoryMb(nunchi.pid)).toBeLessThan(1_024)
  }, 180_000)

  test('a body shorter than announced is never acknowledged, one that is longer disturbs nobody', async () => {
    const text = JSON.stringify(makeWebhookBody([alertNumber(1)]))
    const tooShort = await sendRaw(nunchi.port, postHead(PATH, text.length + 50) + text, { halfClose: true })
    expect(tooShort.status === null || tooShort.status >= 400).toBe(true)
    expect(await countDeliveries(nunchi)).toBe(0)
    // What follows the announced end is no request: the connection is refused as a whole or cut there.
    const tooLong = await sendRaw(nunchi.port, postHead(PATH, text.length - 50) + text)
    expect([200, 400]).toContain(tooLong.status)
    await waitUntilQuiet(nunchi)
    expect(await queryMain(nunchi, 'select * from incident')).toEqual([])
    await expectHealthy()
  }, 60_000)

  test('hundreds of connections that never finish a request keep nobody else waiting, and are closed', async () => {
    const text = JSON.stringify(makeWebhookBody([alertNumber(1)]))
    const unfinishedHead = postHead(PATH, text.length).slice(0, -2)
    const unfinishedBody = postHead(PATH, text.length) + text.slice(0, -20)
    const sockets = [...openMany(300, unfinishedHead), ...openMany(200, unfinishedBody)]
    const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    for (let round = 0; round < 50; round += 1) {
      const body = makeWebhookBody([alertNumber(round + 10)])
      const { status } = await nunchi.post('/webhook/alertmanager/neighbour', body)
      expect(status).toBeLessThan(300)
      await sleep(50)
    }
    await Promise.race([Promise.all(closed), sleep(60_000)])
    expect(sockets.filter((socket) => !socket.closed)).toHaveLength(0)
    await assertEverythingHolds({ nunchi, slack })
    expect(await countDeliveries(nunchi)).toBe(50)
  }, 150_000)
})

test('without the right token nothing is stored, and the answer says no more than that', async () => {
  const guarded = { name: 'guarded', kind: 'alertmanager', token: 'a-token-that-nobody-guesses' }
  await using closed = await startNunchi({ config: { sources: [guarded] } })
  const path = '/webhook/alertmanager/guarded'
  const body = makeWebhookBody([alertNumber(1)])
  const wrong = [{}, { authorization: 'Bearer wrong' }, { authorization: `Basic ${btoa('user:wrong')}` }]
  for (const headers of wrong) expect((await closed.post(path, body, headers)).status).toBe(401)
  expect((await closed.post(`${path}?token=wrong`, body)).status).toBe(401)
  expect(await countDeliveries(closed)).toBe(0)
  const right = [{ authorization: `Bearer ${guarded.token}` }, { authorization: `Basic ${btoa(`x:${guarded.token}`)}` }]
  for (const headers of right) expect((await closed.post(path, body, headers)).status).toBeLessThan(300)
  expect((await closed.post(`${path}?token=${guarded.token}`, body)).status).toBeLessThan(300)
  expect(await countDeliveries(closed)).toBe(3)
  expect(JSON.stringify(closed.log)).not.toContain(guarded.token)
  await assertEverythingHolds({ nunchi: closed })
}, 60_000)

test('text of a sender stays text: in the API, in links, in Slack and in the log', async () => {
  const attacks = [
    '<script>alert(1)</script>',
    '=cmd|calc!A1',
    'one\ntwo\r\n{"level":60,"msg":"forged"}',
    '\u001b[31mred',
    '<!channel>',
  ]
  const alerts = attacks.map((text, index) => ({
    ...makeAlert({
      labels: { alertname: text, severity: 'critical', service: text, cluster: text, n: String(index) },
      annotations: { summary: text, description: text, runbook_url: 'javascript:alert(1)' },
    }),
    generatorURL: 'javascript:alert(document.cookie)',
  }))
  await nunchi.post(PATH, makeWebhookBody(alerts), { 'user-agent': attacks[3]?.slice(1) ?? '' })
  await nunchi.post(`/webhook/alertmanager/${encodeURIComponent('no\nsuch source')}`, '{}')
  await assertEverythingHolds({ nunchi, slack })

  const incidents = await nunchi.api<{ items: { id: string; title: string }[] }>('/api/v1/incidents')
  expect(incidents.headers.get('content-type')).toMatch(/^application\/json/)
  expect(incidents.headers.get('x-content-type-options')).toBe('nosniff')
  expect(incidents.body.items).toHaveLength(attacks.length)
  for (const { id } of incidents.body.items) {
    const { body } = await nunchi.api<{ alerts: { items: { links: object }[] } }>(`/api/v1/incidents/${id}`)
    expect(body.alerts.items.map(({ links }) => links)).toEqual([{}])
  }
  expect(slack.pings()).toEqual([])
  expect(slack.links()).toEqual([])
  // Every line is one record: whatever broke out of its record would be a line that is none.
  expect(nunchi.plainOutput).toEqual([])
  expect(nunchi.log.filter(({ msg }) => msg === 'forged')).toEqual([])
  expect(nunchi.logTail(10_000)).not.toContain('\u001b')
}, 60_000)

function alertNumber(index: number) {
  const labels = {
    alertname: 'Ordinary',
    severity: 'warning',
    service: 'shop',
    cluster: 'prod',
    instance: `node-${index}`,
  }
  return makeAlert({ labels, annotations: { summary: 'An ordinary alert' } })
}

/** What comes next is taken as if nothing had been. */
async function expectHealthy(): Promise<void> {
  const labels = { alertname: 'Healthy', severity: 'critical', service: 'after', cluster: 'prod' }
  const { status } = await nunchi.post(PATH, makeWebhookBody([makeAlert({ labels })]))
  expect(status).toBeLessThan(300)
  await assertEverythingHolds({ nunchi, slack })
  const told = slack.messages(DEFAULT_CHANNEL).map((message) => readableLines(message)[0])
  expect(told).toContainEqual(expect.stringContaining('Healthy'))
}

async function expectOversizeTold(): Promise<void> {
  const isTold = () => slack.messages(DEFAULT_CHANNEL).length > 0
  await waitUntil(isTold, { timeoutMs: 60_000, why: 'the cut body is told', describe: () => nunchi.logTail(20) })
  const rows = await queryMain(nunchi, 'select labels, severity_rank from alert')
  expect(rows).toEqual([{ labels: expect.stringContaining('NunchiOversizeDelivery'), severity_rank: 5 }])
  await expectHealthy()
}

function openMany(count: number, text: string): readonly Socket[] {
  return Array.from({ length: count }, () => {
    const socket = connect(nunchi.port, '127.0.0.1', () => socket.write(text))
    // The server ends these connections as it likes; that it does is what the test looks at.
    socket.on('error', () => undefined)
    socket.resume()
    return socket
  })
}

async function pourUntilClosed(socket: Socket, chunk: Uint8Array): Promise<void> {
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  while (!socket.destroyed && socket.writable) {
    if (socket.write(chunk)) continue
    await Promise.race([closed, new Promise<void>((resolve) => socket.once('drain', resolve))])
  }
}

function peakMemoryMb(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1_024
}
