import { afterEach, describe, expect, test } from 'vitest'
import { makeAlert, makeWebhookBody } from '../../test/support/generate-alerts.ts'
import { type IntakeRig, type RigOptions, startIntakeRig } from '../../test/support/intake-rig.ts'
import { hashOfToken } from '../auth/key-secret.ts'

const AM = '/webhook/alertmanager'
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

const KEYS = (['ingest', 'read', 'respond'] as const).map((scope) => ({
  name: scope,
  scopes: [scope],
  secretHash: hashOfToken(`key-${scope}`),
}))
const withKey = (scope: string) => ({ 'x-api-key': `key-${scope}` })

describe('deliveries', () => {
  test('are listed newest first, by source, page by page', async () => {
    const rig = await start()
    const stored: string[] = []
    for (let i = 0; i < 5; i++)
      stored.push((await rig.post(i === 2 ? '/webhook/grafana' : AM, `{"n":${i}}`)).body.delivery)
    const seqs: string[] = []
    for (let cursor = ''; ; ) {
      const { body } = await rig.get(`/api/v1/deliveries?limit=2${cursor}`)
      seqs.push(...body.items.map(({ seq }: { seq: string }) => seq))
      if (body.nextCursor === null) break
      cursor = `&cursor=${body.nextCursor}`
    }
    expect(seqs).toEqual(stored.toReversed())
    const grafana = await rig.get('/api/v1/deliveries?source=grafana')
    expect(grafana.body.items).toMatchObject([
      {
        seq: stored[2],
        source: 'grafana',
        sourceKind: 'grafana',
        bodyBytes: 7,
        bytesCut: 0,
        isFolded: false,
        contentType: 'application/json',
      },
    ])
    expect((await rig.get('/api/v1/deliveries?cursor=bm90IGEgY3Vyc29y')).status).toBe(400)
    await rig.nunchi.drain()
    expect((await rig.get('/api/v1/deliveries?limit=1')).body.items[0].isFolded).toBe(true)
  })

  test('show their body as text, and give it back byte for byte as a file that no browser opens', async () => {
    const rig = await start()
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => i % 256)
    const first = (await rig.post(AM, bytes)).body.delivery
    const second = (await rig.post(AM, `<script>alert(1)</script>${'x'.repeat(70_000)}`)).body.delivery
    const large = await rig.get(`/api/v1/deliveries/${second}`)
    expect(large.body).toMatchObject({ seq: second, isBodyWhole: false, bodyBytes: 70_025 })
    expect(large.body.body).toHaveLength(64 * 1024)
    const raw = await fetch(`${rig.url}/api/v1/deliveries/${first}?raw=1`)
    expect(Buffer.from(await raw.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true)
    expect(Object.fromEntries(raw.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="delivery-${first}.bin"`,
      'x-content-type-options': 'nosniff',
    })
  })

  test('that are gone or were never there are not found', async () => {
    const rig = await start()
    for (const seq of ['1', '999999999999999']) expect((await rig.get(`/api/v1/deliveries/${seq}`)).status).toBe(404)
    for (const seq of ['-1', 'x', '1e3', '9'.repeat(30)])
      expect((await rig.get(`/api/v1/deliveries/${seq}`)).status).toBe(400)
  })

  test('are for those who may read', async () => {
    const rig = await start({ deps: { isOpen: false, configuredKeys: KEYS } })
    for (const path of ['/api/v1/deliveries', '/api/v1/deliveries/1', '/api/v1/quarantine', '/api/v1/quarantine/x']) {
      expect((await rig.get(path)).status, path).toBe(401)
      expect((await rig.get(path, withKey('ingest'))).status, path).toBe(403)
      expect([200, 404], path).toContain((await rig.get(path, withKey('read'))).status)
    }
  })
})

describe('the quarantine', () => {
  /** Answers the deliveries, in order. */
  async function fill(rig: IntakeRig): Promise<readonly string[]> {
    const half = {
      ...makeWebhookBody([makeAlert({ labels: { alertname: 'A' } })]),
      alerts: [makeAlert({ labels: { alertname: 'A' } }), { labels: 'x' }],
    }
    const seqs: string[] = []
    for (const [path, body] of [
      [AM, 'not JSON'],
      [AM, half],
      ['/webhook/grafana', 'not JSON either'],
    ] as const) {
      seqs.push((await rig.post(path, body)).body.delivery)
      // One after another: the quarantine lists them in the order in which they were folded.
      await rig.nunchi.drain()
    }
    return seqs
  }

  test('lists what could not be read, with the reason, and shows what was received', async () => {
    const rig = await start()
    const [one, two, three] = await fill(rig)
    const { body } = await rig.get('/api/v1/quarantine')
    expect(body).toMatchObject({
      items: [
        { source: 'grafana', deliverySeq: three, alertIndex: null, replayedAt: null },
        { source: 'alertmanager', deliverySeq: two, alertIndex: 1, reason: expect.stringContaining('labels') },
        { source: 'alertmanager', deliverySeq: one, alertIndex: null },
      ],
      nextCursor: null,
    })
    const first = await rig.get('/api/v1/quarantine?limit=1&source=alertmanager')
    const second = await rig.get(`/api/v1/quarantine?limit=1&source=alertmanager&cursor=${first.body.nextCursor}`)
    expect([first.body.items[0].deliverySeq, second.body.items[0].deliverySeq]).toEqual([two, one])
    expect((await rig.get(`/api/v1/quarantine/${second.body.items[0].id}`)).body.raw).toBe('not JSON')
    expect((await rig.get('/api/v1/quarantine/nobody')).status).toBe(404)
  })

  test('is replayed one by one or all at once; what is still unreadable says so and stays', async () => {
    const rig = await start()
    await fill(rig)
    const [grafana] = (await rig.get('/api/v1/quarantine')).body.items
    const one = await rig.post(`/api/v1/quarantine/${grafana.id}/replay`, '')
    expect(one).toMatchObject({
      status: 200,
      body: { id: grafana.id, outcome: 'refused', refusal: 'still-unreadable', detail: expect.stringMatching(/\w/) },
    })
    const page = await rig.post('/api/v1/quarantine/replay', { limit: 2 })
    expect(page.body.items.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['refused', 'refused'])
    const rest = await rig.post('/api/v1/quarantine/replay', { limit: 2, cursor: page.body.nextCursor })
    expect(rest.body).toMatchObject({ items: [{ id: grafana.id }], nextCursor: null })
    expect((await rig.post('/api/v1/quarantine/replay', { source: 'nobody' })).body).toEqual({
      items: [],
      nextCursor: null,
    })
    expect((await rig.post('/api/v1/quarantine/nobody/replay', '')).status).toBe(404)
    expect((await rig.post('/api/v1/quarantine/replay', { limit: 0 })).status).toBe(400)
  })

  test('is replayed by those who may respond', async () => {
    const rig = await start({ deps: { isOpen: false, configuredKeys: KEYS } })
    const replayWith = async (scope: string) =>
      (await rig.post('/api/v1/quarantine/replay', {}, { headers: withKey(scope) })).status
    expect([await replayWith('read'), await replayWith('respond')]).toEqual([403, 200])
  })
})
