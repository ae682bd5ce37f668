import { afterEach, describe, expect, test } from 'vitest'
import { type IntakeRig, type RigOptions, startIntakeRig } from '../../test/support/intake-rig.ts'
import { hashOfToken } from '../auth/key-secret.ts'
import { uptimeText } from './routes/compat-state-routes.ts'

let rigs: IntakeRig[] = []
afterEach(async () => {
  for (const rig of rigs) await rig.stop()
  rigs = []
})

async function start(options: RigOptions = {}): Promise<IntakeRig> {
  const rig = await startIntakeRig({ isRunning: false, ...options })
  rigs.push(rig)
  return rig
}

const PROBLEM = {
  part: 'channel',
  problem: 'Channel slack refuses',
  remedy: 'Invite the bot: /invite @nunchi',
} as const

describe('/health', () => {
  test('has the fields of system 2 and no other', async () => {
    const rig = await start()
    await rig.deps.threads.put('a', '1')
    const { status, body } = await rig.get('/health')
    expect(status).toBe(200)
    expect(body).toEqual({
      status: 'healthy',
      environment: 'production',
      channel: 'none',
      thread_store: 'database',
      cached_threads: 1,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    })
  })

  test('names what to repair when it is degraded, and answers 200 all the same', async () => {
    const rig = await start({ deps: { problems: async () => [PROBLEM] } })
    const { status, body } = await rig.get('/health')
    expect(status).toBe(200)
    expect(body).toMatchObject({ status: 'degraded', problems: [PROBLEM] })
  })

  test('answers while the thread store does not', async () => {
    const count = () => Promise.reject(new Error('The engine thread has ended'))
    const rig = await start({ deps: { threads: { kind: 'file', count } as never, problems: async () => [PROBLEM] } })
    expect((await rig.get('/health')).body).toMatchObject({
      status: 'degraded',
      cached_threads: null,
      thread_store: 'file',
    })
  })
})

test('/stats has the fields of system 2 and no other', async () => {
  const rig = await start({ deps: { startedAt: Date.now() - 3_723_000 } })
  expect((await rig.get('/stats')).body).toEqual({
    cached_threads: 0,
    thread_store: 'database',
    environment: 'production',
    uptime: expect.stringMatching(/^1h 2m [34]s$/),
  })
})

const uptimes: readonly [ms: number, text: string][] = [
  [0, '0s'],
  [59_999, '59s'],
  [60_000, '1m 0s'],
  [3_600_000, '1h 0m 0s'],
  [90_061_000, '1d 1h 1m 1s'],
  [40 * 86_400_000, '40d 0h 0m 0s'],
  [-5, '0s'],
]
for (const [ms, text] of uptimes) test(`an uptime of ${ms} ms reads ${text}`, () => expect(uptimeText(ms)).toBe(text))

describe('/cache', () => {
  test('lists the threads and forgets them', async () => {
    const rig = await start()
    await rig.deps.threads.put('a|b|c', '1700000000.000100')
    expect((await rig.get('/cache')).body).toEqual({
      cached_threads: 1,
      thread_store: 'database',
      threads: { 'a|b|c': '1700000000.000100' },
    })
    const cleared = await fetch(`${rig.url}/cache`, { method: 'DELETE' })
    expect(await cleared.json()).toEqual({ ok: true, cleared: 1 })
    expect((await rig.get('/cache')).body.threads).toEqual({})
  })

  test('is read with the scope read and emptied with admin only', async () => {
    const key = (name: string, scope: 'read' | 'respond' | 'admin') => ({
      name,
      scopes: [scope],
      secretHash: hashOfToken(`key-${scope}`),
    })
    const rig = await start({
      deps: { isOpen: false, configuredKeys: [key('r', 'read'), key('o', 'respond'), key('a', 'admin')] },
    })
    const statusOf = async (method: string, scope?: string) =>
      (await fetch(`${rig.url}/cache`, { method, headers: scope ? { 'x-api-key': `key-${scope}` } : {} })).status
    expect([await statusOf('GET'), await statusOf('GET', 'read')]).toEqual([401, 200])
    expect([await statusOf('DELETE'), await statusOf('DELETE', 'respond'), await statusOf('DELETE', 'admin')]).toEqual([
      401, 403, 200,
    ])
  })
})

describe('readiness', () => {
  test('the process is alive whatever else is wrong', async () => {
    const rig = await start({
      deps: { isReady: () => false, problems: async () => [{ ...PROBLEM, part: 'database' }] },
    })
    expect((await rig.get('/healthz')).status).toBe(200)
  })

  const cases: readonly [over: RigOptions['deps'], status: number, why: string][] = [
    [{}, 200, 'all is well'],
    [{ isReady: () => false }, 503, 'it is starting or stopping'],
    [{ problems: async () => [PROBLEM] }, 200, 'a channel that is down is waited for'],
    [{ problems: async () => [{ ...PROBLEM, part: 'database' }] }, 503, 'nothing can be folded'],
    [{ problems: async () => [{ ...PROBLEM, part: 'delivery-log' }] }, 503, 'nothing can be stored'],
    [{ problems: async () => [{ ...PROBLEM, part: 'log-partition' }] }, 200, 'the rest of the log stores'],
    [{ problems: async () => [{ ...PROBLEM, part: 'engine' }] }, 503, 'nothing is folded'],
  ]
  for (const [deps, status, why] of cases) {
    test(`/readyz answers ${status}: ${why}`, async () => {
      const rig = await start({ deps: deps ?? {} })
      const reply = await rig.get('/readyz')
      expect(reply.status).toBe(status)
      expect(reply.body.reasons.length).toBe(status === 200 ? 0 : 1)
    })
  }
})

describe('/metrics', () => {
  test('is one document of all threads in the Prometheus format', async () => {
    const rig = await start()
    const { status, headers, body } = await rig.get('/metrics')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(body).toMatch(/^nunchi_engine_up 1$/m)
    expect(body).toMatch(/^nunchi_folded_events_total 0$/m)
  })

  test('says so when the engine does not answer', async () => {
    const rig = await start({ deps: { engineMetrics: () => Promise.reject(new Error('gone')) } })
    expect((await rig.get('/metrics')).body).toMatch(/^nunchi_engine_up 0$/m)
  })
})
