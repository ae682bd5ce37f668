import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeAlert, makeWebhookBody } from '../../test/support/generate-alerts.ts'
import { type IntakeRig, type RigOptions, startIntakeRig } from '../../test/support/intake-rig.ts'
import { postHead, readAnswer, sendRaw } from '../../test/support/raw-http.ts'
import { metricValue, readMetrics } from '../../test/support/read-metrics.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import { hashOfToken } from '../auth/key-secret.ts'
import { LogUnavailableError } from '../intake/delivery-log/delivery-log.ts'
import { SHARE_BYTES } from '../intake/fair-share.ts'

const TOKEN = 'a-token-that-nobody-guesses'
const AM = '/webhook/alertmanager'

let rigs: IntakeRig[] = []
beforeEach(() => {
  rigs = []
})
afterEach(async () => {
  for (const rig of rigs) await rig.stop()
})

async function start(options: RigOptions = {}): Promise<IntakeRig> {
  const rig = await startIntakeRig(options)
  rigs.push(rig)
  return rig
}

function bodyOf(alertname = 'HighCpu'): object {
  return makeWebhookBody([makeAlert({ labels: { alertname, severity: 'critical' } })])
}

async function stored(
  rig: IntakeRig,
): Promise<
  readonly { readonly source: string; readonly contentType: string; readonly text: string; readonly bytesCut: number }[]
> {
  const { log } = rig.nunchi
  const found = (await log.list({ before: null, source: null, limit: 1000 })).toReversed()
  return await Promise.all(
    found.map(async ({ seq, source, contentType, bytesCut }) => ({
      source,
      contentType,
      bytesCut,
      text: Buffer.from((await log.get(seq))?.body ?? []).toString(),
    })),
  )
}

async function count(
  rig: IntakeRig,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number | undefined> {
  return metricValue(readMetrics((await rig.get('/metrics')).body), name, labels)
}

describe('a delivery', () => {
  test('is answered when it is on disk, and then folded', async () => {
    const rig = await start()
    const { status, headers, body } = await rig.post(AM, bodyOf())
    const delivery = expect.stringMatching(/^[1-9]\d*$/)
    expect({ status, body }).toEqual({ status: 200, body: { ok: true, delivery } })
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await stored(rig)).toMatchObject([{ source: 'alertmanager', contentType: 'application/json', bytesCut: 0 }])
    await waitUntil(async () => (await rig.nunchi.db.selectFrom('incident').select('title').execute()).length === 1, {
      why: 'it is folded',
    })
    expect(await count(rig, 'nunchi_accept_duration_seconds_count')).toBe(1)
  })

  test('is taken in every way that senders use', async () => {
    const rig = await start({ isRunning: false })
    const ways: readonly [path: string, method: string, source: string][] = [
      [AM, 'POST', 'alertmanager'],
      [`${AM}/alertmanager`, 'POST', 'alertmanager'],
      ['/webhook/grafana', 'POST', 'grafana'],
      ['/webhook/grafana', 'PUT', 'grafana'],
      ['/webhook/grafana/grafana', 'PUT', 'grafana'],
      ['/webhook/generic', 'POST', 'generic'],
      ['/webhook/generic/generic?anything=else', 'POST', 'generic'],
    ]
    for (const [path, method] of ways)
      expect((await rig.post(path, '{}', { method })).status, `${method} ${path}`).toBe(200)
    expect((await stored(rig)).map(({ source }) => source)).toEqual(ways.map(([, , source]) => source))
  })

  const types: readonly [contentType: string | null, why: string][] = [
    ['application/json', 'the usual one'],
    ['text/plain; charset=utf-8', 'what a template may say'],
    ['application/x-www-form-urlencoded', 'what curl says'],
    ['json', 'no media type at all'],
    ['application/json; charset', 'a broken parameter'],
    [null, 'none'],
  ]
  for (const [contentType, why] of types) {
    test(`of type ${contentType} is taken: ${why}`, async () => {
      const rig = await start({ isRunning: false })
      const head = postHead(AM, 2).replace(
        'content-type: application/json\r\n',
        contentType === null ? '' : `content-type: ${contentType}\r\n`,
      )
      expect((await sendRaw(rig.port, `${head}{}`)).status).toBe(200)
      expect(await stored(rig)).toMatchObject([{ text: '{}', contentType: contentType ?? '' }])
    })
  }

  test('without a body, or with one that nobody can read, is kept and goes to quarantine', async () => {
    const rig = await start()
    expect((await rig.post(AM, '')).status).toBe(200)
    expect((await rig.post(AM, new Uint8Array([0, 255, 254, 123]))).status).toBe(200)
    expect((await rig.post(AM, '{"alerts":', { headers: { 'content-encoding': 'gzip' } })).status).toBe(200)
    expect((await rig.post(AM, 'x', { headers: { 'content-encoding': 'rot13' } })).status).toBe(200)
    await waitUntil(async () => (await rig.get('/api/v1/quarantine')).body.items.length === 4, {
      why: 'all are in quarantine',
    })
    expect((await stored(rig))[2]).toMatchObject({
      text: '{"alerts":',
      contentType: 'application/octet-stream; encoded="gzip"',
    })
  })

  test('in gzip is kept as what it says', async () => {
    const rig = await start({ isRunning: false })
    const body = JSON.stringify(bodyOf())
    expect((await rig.post(AM, gzipSync(body), { headers: { 'content-encoding': 'gzip' } })).status).toBe(200)
    expect(await stored(rig)).toMatchObject([{ text: body, contentType: 'application/json' }])
  })

  test('over the limit is answered 2xx all the same, and people hear of it', async () => {
    const rig = await start({ limits: { mostBytes: 100_000, keptBytes: 10_000 } })
    const body = `{"alerts":[${' '.repeat(200_000)}]}`
    expect((await rig.post(AM, body)).status).toBe(200)
    expect(await stored(rig)).toMatchObject([{ bytesCut: body.length - 10_000, text: body.slice(0, 10_000) }])
    const incident = await waitUntil(async () => (await rig.get('/api/v1/incidents')).body.items[0], {
      why: 'an incident tells it',
    })
    expect(incident).toMatchObject({ severity: 'critical', title: expect.stringContaining('oversize') })
  })
})

describe('who may deliver', () => {
  const guarded = [{ name: 'alertmanager', kind: 'alertmanager', token: TOKEN }]

  test('whoever presents the token, in any of three ways', async () => {
    const rig = await start({ sources: guarded, isRunning: false, deps: { isOpen: false } })
    const ways: readonly [path: string, headers: Record<string, string>][] = [
      [AM, { authorization: `Bearer ${TOKEN}` }],
      [AM, { authorization: `Basic ${btoa(`anybody:${TOKEN}`)}` }],
      [`${AM}?token=${TOKEN}`, {}],
      [`${AM}/alertmanager?x=1&token=${TOKEN}`, { authorization: 'Basic b2Y6cHJveHk=' }],
    ]
    for (const [path, headers] of ways) expect((await rig.post(path, '{}', { headers })).status).toBe(200)
    expect(await stored(rig)).toHaveLength(4)
  })

  test('nobody else, and the answer names the three ways', async () => {
    const rig = await start({ sources: guarded, deps: { isOpen: false } })
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: `Basic ${btoa(`${TOKEN}:`)}` }]) {
      const reply = await rig.post(AM, bodyOf(), { headers })
      expect(reply.status).toBe(401)
      expect(reply.headers.get('www-authenticate')).toContain('Bearer')
      expect(reply.body).toMatchObject({ type: 'urn:nunchi:problem:not-authenticated' })
      for (const way of ['Authorization: Bearer', 'basic authentication', '?token='])
        expect(reply.body.detail).toContain(way)
    }
    expect((await rig.post(`${AM}?token=wrong`, bodyOf())).status).toBe(401)
    expect((await rig.post('/alert', bodyOf())).status).toBe(401)
    expect(await stored(rig)).toEqual([])
    expect(
      await count(rig, 'nunchi_deliveries_refused_total', { source: 'alertmanager', reason: 'not-authenticated' }),
    ).toBe(5)
  })

  test('a stranger is refused before a byte of the body is read', async () => {
    const rig = await start({ sources: guarded, deps: { isOpen: false } })
    const socket = connect(rig.port, '127.0.0.1')
    socket.write(postHead(AM, 60 * 1024 * 1024))
    expect((await readAnswer(socket, 3_000)).status).toBe(401)
    expect(await count(rig, 'nunchi_intake_bytes_in_flight')).toBe(0)
  })

  test('an API key with the scope ingest, and no other', async () => {
    const configuredKeys = [
      { name: 'shipper', scopes: ['ingest'] as const, secretHash: hashOfToken('key-of-the-shipper') },
      { name: 'reader', scopes: ['read'] as const, secretHash: hashOfToken('key-of-the-reader') },
    ]
    const open = { name: 'generic', kind: 'generic' }
    const rig = await start({ sources: [...guarded, open], isRunning: false, deps: { isOpen: false, configuredKeys } })
    const with_ = (key: string) => ({ headers: { authorization: `Bearer ${key}` } })
    for (const path of [AM, '/webhook/generic']) {
      expect((await rig.post(path, '{}', with_('key-of-the-shipper'))).status).toBe(200)
      expect((await rig.post(path, '{}', with_('key-of-the-reader'))).status).toBe(401)
      expect((await rig.post(path, '{}')).status).toBe(401)
    }
  })

  test('at an open door everybody of this machine, but no page of another site', async () => {
    const rig = await start({ isRunning: false })
    expect((await rig.post(AM, '{}', { headers: { authorization: 'Bearer of-an-older-setup' } })).status).toBe(200)
    const attack = (name: string, value: string) => sendRaw(rig.port, `${postHead(AM, 2, { [name]: value })}{}`)
    expect((await attack('host', 'evil.example')).status).toBe(403)
    expect((await attack('origin', 'https://evil.example')).status).toBe(403)
    expect((await attack('sec-fetch-site', 'cross-site')).status).toBe(403)
    expect(await stored(rig)).toHaveLength(1)
    expect(await count(rig, 'nunchi_deliveries_refused_total', { reason: 'not-allowed-here' })).toBe(3)
  })

  test('a token in the address reaches no log line, whatever happens to the request', async () => {
    const append = () => Promise.reject(new LogUnavailableError('the disk is full'))
    const rig = await start({ sources: guarded, isRunning: false, deps: { isOpen: false } })
    Object.assign(rig.deps.log, { append })
    for (const path of [AM, '/webhook/alertmanager/none', '/webhook/none', '/alert', '/nowhere', '/%zz']) {
      await rig.post(`${path}?token=${TOKEN}`, '{}')
    }
    await rig.post(`${AM}?token=${TOKEN}x`, '{}')
    expect(rig.logged()).toContain('/webhook/alertmanager')
    expect(rig.logged()).not.toContain(TOKEN)
  })
})

test('an unknown source is told which there are and how to add it; one of another kind, where to send', async () => {
  const rig = await start({
    sources: [
      { name: 'am-eu', kind: 'alertmanager' },
      { name: 'grafana', kind: 'grafana' },
    ],
  })
  const unknown = await rig.post(`${AM}/am-us`, '{}')
  expect(unknown.status).toBe(404)
  expect(unknown.body.detail).toMatch(/am-us.*alertmanager: am-eu\..*- \{ name: "am-us", kind: alertmanager/)
  const wrongKind = await rig.post(`${AM}/grafana`, '{}')
  expect(wrongKind.status).toBe(404)
  expect(wrongKind.body.detail).toContain('/webhook/grafana/grafana')
  expect((await rig.post('/webhook/generic', '{}')).body.detail).toContain('No source of kind generic is configured')
  expect(await count(rig, 'nunchi_deliveries_refused_total', { source: '(unknown)', reason: 'no-such-source' })).toBe(3)
})

describe('what cannot be stored now is answered 503, never 4xx', () => {
  test('while the log fails, and readiness says so until it is over', async () => {
    const rig = await start()
    const append = rig.deps.log.append.bind(rig.deps.log)
    Object.assign(rig.deps.log, { append: () => Promise.reject(new LogUnavailableError('database or disk is full')) })
    for (let i = 0; i < 20; i++) {
      const reply = await rig.post(AM, bodyOf())
      expect(reply.status).toBe(503)
      expect(reply.headers.get('retry-after')).toBe('2')
      expect(reply.body).toMatchObject({
        type: 'urn:nunchi:problem:unavailable',
        detail: expect.stringContaining('disk is full'),
      })
    }
    expect((await rig.post('/alert', bodyOf())).status).toBe(503)
    const notReady = await rig.get('/readyz')
    expect(notReady.status).toBe(503)
    expect(notReady.body.reasons.join()).toContain('disk is full')
    expect(
      rig
        .logged()
        .split('\n')
        .filter((line) => line.includes('refused with 503')),
    ).toHaveLength(1)
    Object.assign(rig.deps.log, { append })
    expect((await rig.post(AM, bodyOf())).status).toBe(200)
    expect((await rig.get('/readyz')).status).toBe(200)
    expect(await count(rig, 'nunchi_deliveries_refused_total', { reason: 'log-unavailable' })).toBe(21)
    expect(await count(rig, 'nunchi_deliveries_received_total', { source: 'alertmanager' })).toBe(22)
  })

  test('while the log fails, and readiness comes back soon although nobody delivers to a node that is not ready', async () => {
    const rig = await start()
    const append = rig.deps.log.append.bind(rig.deps.log)
    Object.assign(rig.deps.log, { append: () => Promise.reject(new LogUnavailableError('the database restarts')) })
    expect((await rig.post(AM, bodyOf())).status).toBe(503)
    Object.assign(rig.deps.log, { append })
    expect((await rig.get('/readyz')).status).toBe(503)
    const isReady = async (): Promise<boolean> => (await rig.get('/readyz')).status === 200
    await waitUntil(isReady, { timeoutMs: 9_000, why: 'it is ready again' })
  })

  test('while one part of the log fails, and readiness stays, because others are stored meanwhile', async () => {
    const rig = await start()
    const append = rig.deps.log.append.bind(rig.deps.log)
    let fail: (error: Error) => void = () => undefined
    const failing = new Promise<never>((_resolve, reject) => {
      fail = reject
    })
    Object.assign(rig.deps.log, { append: () => failing })
    const stuck = rig.post(AM, bodyOf())
    await waitUntil(async () => ((await count(rig, 'nunchi_intake_bytes_in_flight')) ?? 0) > 0, { why: 'it waits' })
    Object.assign(rig.deps.log, { append })
    expect((await rig.post('/webhook/grafana', bodyOf())).status).toBe(200)
    fail(new LogUnavailableError('its stream has no leader'))
    expect((await stuck).status).toBe(503)
    expect((await rig.get('/readyz')).status).toBe(200)
  })

  test('while too much is in flight, and others are taken again as soon as there is room', async () => {
    const MIB = 1024 * 1024
    const rig = await start({ isRunning: false, limits: { inFlightBytes: 4 * MIB } })
    const held = [1, 2].map(() => {
      const socket = connect(rig.port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write(`${postHead(AM, 2 * MIB)}{`)
      return socket
    })
    await waitUntil(async () => (await count(rig, 'nunchi_intake_bytes_in_flight')) === 4 * MIB, {
      why: 'the room is taken',
    })
    const refused = await rig.post(AM, 'x'.repeat(MIB))
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('2')
    expect((await rig.post(AM, '{}')).status).toBe(503)
    for (const socket of held) socket.destroy()
    await waitUntil(async () => (await count(rig, 'nunchi_intake_bytes_in_flight')) === 0, { why: 'the room is free' })
    expect((await rig.post(AM, 'x'.repeat(MIB))).status).toBe(200)
    expect(await count(rig, 'nunchi_deliveries_refused_total', { reason: 'busy' })).toBe(2)
    expect(await count(rig, 'nunchi_deliveries_refused_total', { reason: 'aborted' })).toBe(2)
    expect(await stored(rig)).toHaveLength(1)
  })

  test('from a source that has more than its share waiting, while others are taken; folding makes room again', async () => {
    const rig = await start({ isRunning: false })
    const flood = async () => (await rig.post(AM, 'x'.repeat(SHARE_BYTES + 1))).status
    expect(await flood()).toBe(200)
    expect(await flood()).toBe(200)
    expect((await rig.post('/webhook/generic', '{}')).status).toBe(200)
    const refused = await rig.post(AM, bodyOf())
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('2')
    expect(refused.body.detail).toMatch(/more waiting .* than its share.*send it again/)
    expect(await flood()).toBe(503)
    expect((await rig.post('/webhook/generic', '{}')).status).toBe(200)
    expect(await count(rig, 'nunchi_deliveries_refused_total', { source: 'alertmanager', reason: 'over-share' })).toBe(
      2,
    )
    expect(await count(rig, 'nunchi_deliveries_refused_total', { source: 'generic' })).toBeUndefined()
    expect(await count(rig, 'nunchi_source_backlog_bytes', { source: 'alertmanager' })).toBe(2 * (SHARE_BYTES + 1))
    const told = rig
      .logged()
      .split('\n')
      .filter((line) => line.includes('"over-share"'))
    expect(told).toHaveLength(1)
    expect(JSON.parse(told[0] ?? '')).toMatchObject({ level: 40, source: 'alertmanager', reason: 'over-share' })

    await rig.nunchi.drain()
    await waitUntil(async () => (await count(rig, 'nunchi_source_backlog_bytes')) === 0, {
      why: 'it is known as folded',
    })
    expect((await rig.post(AM, bodyOf())).status).toBe(200)
  })

  test('when the body stops coming; nothing of it is kept, and the connection is closed', async () => {
    const rig = await start({ limits: { idleMs: 200, totalMs: 1_000 } })
    const socket = connect(rig.port, '127.0.0.1')
    socket.write(`${postHead(AM, 500)}{"alerts":`)
    const answer = await readAnswer(socket, 5_000)
    expect(answer.status).toBe(503)
    expect(answer.text.toLowerCase()).toContain('connection: close')
    expect(await stored(rig)).toEqual([])
    expect(await count(rig, 'nunchi_deliveries_refused_total', { reason: 'too-slow' })).toBe(1)
  })
})

test('a thousand senders that never finish hold up nobody, and are let go', { timeout: 60_000 }, async () => {
  const rig = await start({ isRunning: false, limits: { idleMs: 3_000, totalMs: 5_000 } })
  const sockets = Array.from({ length: 1_000 }, () => {
    const socket = connect(rig.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(`${postHead(AM, 1_000)}{"alerts":[`)
    socket.resume()
    return socket
  })
  await waitUntil(async () => ((await count(rig, 'nunchi_intake_bytes_in_flight')) ?? 0) >= 11_000, {
    why: 'all are being read',
    timeoutMs: 20_000,
  })
  const times: number[] = []
  for (let i = 0; i < 50; i++) {
    const before = performance.now()
    expect((await rig.post('/webhook/generic', '{}')).status).toBe(200)
    times.push(performance.now() - before)
  }
  expect(times.sort((a, b) => a - b)[25]).toBeLessThan(100)
  await waitUntil(async () => (await count(rig, 'nunchi_intake_bytes_in_flight')) === 0, {
    why: 'all are let go',
    timeoutMs: 20_000,
  })
  await waitUntil(() => sockets.every((socket) => socket.closed), {
    why: 'their connections are closed',
    timeoutMs: 10_000,
  })
  expect(await count(rig, 'nunchi_deliveries_refused_total', { reason: 'too-slow' })).toBe(1_000)
  expect(await stored(rig)).toHaveLength(50)
})

test('after everything that can go wrong, received is stored and refused', async () => {
  const rig = await start({ limits: { idleMs: 200, totalMs: 500, mostBytes: 50_000, keptBytes: 1_000 } })
  await rig.post(AM, bodyOf())
  await rig.post(AM, 'x'.repeat(60_000))
  await sendRaw(rig.port, `${postHead(AM, 500)}{"alerts":`, { halfClose: true })
  await sendRaw(rig.port, `${postHead(AM, 500)}{"alerts":`, { timeoutMs: 3_000 })
  await sendRaw(rig.port, `${postHead(AM, 2, { host: 'evil.example' })}{}`)
  await sleep(50)
  const samples = readMetrics((await rig.get('/metrics')).body)
  const of = (name: string) => metricValue(samples, name, { source: 'alertmanager' })
  expect(of('nunchi_deliveries_stored_total')).toBe(2)
  expect(of('nunchi_deliveries_refused_total')).toBe(3)
  expect(of('nunchi_deliveries_received_total')).toBe(5)
  await waitUntil(async () => (await count(rig, 'nunchi_delivery_log_lag')) === 0, { why: 'all is folded' })
  const read = await count(rig, 'nunchi_events_read_total', { source: 'alertmanager' })
  expect(await count(rig, 'nunchi_events_total', { source: 'alertmanager' })).toBe(read)
})
