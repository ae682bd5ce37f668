import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestDoor, type TestDoor } from '../../test/support/test-door.ts'
import { createApiKey } from '../auth/api-keys.ts'
import { systemActor } from '../domain/actor.ts'

interface Row {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly status: string
  readonly title: string
}
interface PageOf<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

let door: TestDoor

beforeEach(async () => {
  door = await openTestDoor()
  await door.tell({ alertname: 'Disk', labels: { service: 'db' }, severity: 'critical', raw: '{"n":1.0,"n":2}' })
})
afterEach(async () => await door.close())

async function keyOf(name: string): Promise<{ readonly 'x-api-key': string }> {
  return { 'x-api-key': (await createApiKey(door.deps, systemActor('default'), { name, scopes: ['respond'] })).text }
}

test('who comes too late is told who was first, and sees what is true now', async () => {
  await door.post('/api/v1/incidents/INC-1/acknowledge', { version: 1 }, await keyOf('Minji'))
  door.now += 3000
  const { status, body } = await door.post('/api/v1/incidents/INC-1/acknowledge', { version: 1 }, await keyOf('Jisu'))
  expect(status).toBe(409)
  expect(body).toMatchObject({
    type: 'urn:nunchi:problem:already-there',
    detail: 'Minji acknowledged 3s before you.',
    refusal: 'already-there',
    incident: { name: 'INC-1', version: 2, status: 'acknowledged' },
    lastChange: { kind: 'acknowledged', at: '2026-01-05T12:00:00.000Z', by: { name: 'Minji' }, via: 'api' },
    other: null,
  })
})

test('who decided on what is no longer true is asked to look again', async () => {
  await door.post('/api/v1/incidents/INC-1/assign', { assignee: { id: 'db', name: 'Team DB' } }, await keyOf('Minji'))
  door.now += 125_000
  const { status, body } = await door.post('/api/v1/incidents/INC-1/resolve', { version: 1 }, await keyOf('Jisu'))
  expect([status, body['detail']]).toEqual([
    409,
    'INC-1 has changed since you looked at it. Minji assigned it 2m before you. Look again and decide on version 2.',
  ])
})

test('what is not possible from here says where it is', async () => {
  const minji = await keyOf('Minji')
  await door.post('/api/v1/incidents/INC-1/resolve', {}, minji)
  door.now += 3_720_000
  const { status, body } = await door.post('/api/v1/incidents/INC-1/acknowledge', {}, minji)
  expect([status, body['detail']]).toEqual([
    409,
    'INC-1 is resolved, and from there "acknowledge" is not possible. You resolved 1h 2m ago.',
  ])
})

test('a command answers the whole incident and wakes the jobs', async () => {
  const { status, body } = await door.post<Row & { actions: unknown[] }>('/api/v1/incidents/INC-1/acknowledge')
  expect(status).toBe(200)
  expect(body).toMatchObject({ name: 'INC-1', version: 2, status: 'acknowledged', slack: { state: 'none' } })
  expect(body.actions).toContainEqual({ name: 'unacknowledge', allowed: true, refusal: null })
  expect(door.woken).toContain('jobs')
})

test('the same command with the same key gives the same answer, and with another body 422', async () => {
  const key = { 'idempotency-key': 'click-1' }
  const first = await door.post('/api/v1/incidents/INC-1/note', { text: 'Rolling back' }, key)
  expect(await door.post('/api/v1/incidents/INC-1/note', { text: 'Rolling back' }, key)).toEqual(first)
  const other = await door.post('/api/v1/incidents/INC-1/note', { text: 'Rolling forward' }, key)
  expect([other.status, other.body['type']]).toEqual([422, 'urn:nunchi:problem:idempotency-key-reused'])
  const { body } = await door.get<PageOf<{ kind: string }>>('/api/v1/incidents/INC-1/timeline')
  expect(body.items.map(({ kind }) => kind)).toEqual(['note', 'opened'])
})

test('what a person writes is kept as text, without what no database can hold', async () => {
  await door.post('/api/v1/incidents/INC-1/note', { text: '  <b>a\u0000\ud800</b>\n한글  ' })
  const { body } = await door.get<PageOf<{ reason: string }>>('/api/v1/incidents/INC-1/timeline')
  expect(body.items[0]?.reason).toBe('<b>a\ufffd\ufffd</b>\n한글')
})

test('filters repeat, exclude with !, and go together', async () => {
  await door.tell(
    { alertname: 'Cpu', labels: { service: 'web', cluster: 'eu' } },
    { alertname: 'Lag', labels: { service: 'mq', cluster: 'us' }, severity: 'error' },
  )
  const titles = async (query: string) =>
    (await door.get<PageOf<Row>>(`/api/v1/incidents?${query}`)).body.items.map(({ title }) => title)
  expect(await titles('service=db&service=mq')).toEqual(['Disk', 'Lag'])
  expect(await titles('service=!db&cluster=!us')).toEqual(['Cpu'])
  expect(await titles('severity=critical&severity=error&sort=-startedAt')).toEqual(['Lag', 'Disk'])
  expect(await titles('q=mq')).toEqual(['Lag'])
  expect(await titles('from=2026-01-05T12:00:00Z&to=2026-01-05T12:00:00.001Z')).toHaveLength(3)
  expect(await titles(`to=${Date.parse('2026-01-05T12:00:00Z')}`)).toEqual([])
  expect(await titles('owner=')).toHaveLength(3)
})

test('pages follow each other by their cursor', async () => {
  await door.tell(...Array.from({ length: 6 }, (_, i) => ({ alertname: `a${i}` })))
  const seen: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body }: { body: PageOf<Row> } = await door.get<PageOf<Row>>(
      `/api/v1/incidents?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`,
    )
    seen.push(...body.items.map(({ name }) => name))
    cursor = body.nextCursor
  }
  expect(seen.toSorted()).toEqual(['INC-1', 'INC-2', 'INC-3', 'INC-4', 'INC-5', 'INC-6', 'INC-7'])
})

test('an incident is found by its id and by its name, with its alerts and its timeline', async () => {
  const byName = await door.get<Row & { alerts: PageOf<{ title: string }>; timeline: PageOf<{ kind: string }> }>(
    '/api/v1/incidents/inc-1',
  )
  expect(byName.body).toMatchObject({
    name: 'INC-1',
    labels: { alertname: 'Disk', service: 'db' },
    alerts: { items: [{ title: 'Disk' }], nextCursor: null },
    timeline: { items: [{ kind: 'opened' }] },
  })
  expect(await door.get(`/api/v1/incidents/${byName.body.id}`)).toEqual(byName)
})

test('an incident with many alerts gives the first hundred and the cursor for more', async () => {
  await door.tell(
    ...Array.from({ length: 130 }, (_, i) => ({
      alertname: 'Wide',
      labels: { instance: `i-${i}` },
      status: i % 2 ? ('resolved' as const) : ('firing' as const),
    })),
  )
  const { body } = await door.get<{ alerts: PageOf<Row> }>('/api/v1/incidents/INC-2')
  expect(body.alerts.items.length).toBeLessThanOrEqual(100)
  const firing = await door.get<PageOf<{ status: string }>>('/api/v1/incidents/INC-2/alerts?status=firing&limit=200')
  expect(firing.body.items).toHaveLength(65)
  expect(new Set(firing.body.items.map(({ status }) => status))).toEqual(new Set(['firing']))
})

test('an alert tells its observations, and each what was really sent', async () => {
  const { body: page } = await door.get<PageOf<Row>>('/api/v1/alerts?status=firing&source=am')
  const id = page.items[0]?.id ?? ''
  const { body: alert } = await door.get<{ events: PageOf<Row> }>(`/api/v1/alerts/${id}`)
  expect(alert).toMatchObject({
    title: 'Disk',
    occurrences: 1,
    events: { items: [{ observation: 'fired', sourceKind: 'alertmanager' }] },
  })
  expect((await door.get<PageOf<Row>>(`/api/v1/alerts/${id}/events`)).body.items).toEqual(alert.events.items)
  const event = await door.get<{ raw: string }>(`/api/v1/alerts/${id}/events/${alert.events.items[0]?.id}`)
  expect(event.body.raw).toBe('{"n":1.0,"n":2}')
  expect((await door.get(`/api/v1/alerts/other/events/${alert.events.items[0]?.id}`)).status).toBe(404)
})

test('dead jobs are listed, and retried with an entry in the audit trail', async () => {
  const { db } = door.deps
  await db.updateTable('job').set({ state: 'dead', attempts: 9, last_error: 'channel_not_found' }).execute()
  const { body } = await door.get<PageOf<Row>>('/api/v1/jobs')
  expect(body.items).toMatchObject([
    { kind: 'notify-channel', state: 'dead', attempts: 9, lastError: 'channel_not_found', queue: 'channel:slack' },
  ])
  const retried = await door.post(`/api/v1/jobs/${body.items[0]?.id}/retry`)
  expect([retried.status, retried.body]).toMatchObject([200, { state: 'waiting', attempts: 0 }])
  expect(door.woken).toContain('jobs')
  expect(await db.selectFrom('audit_entry').select('action').execute()).toMatchObject([{ action: 'job.retry' }])
  expect((await door.get<PageOf<Row>>('/api/v1/jobs')).body.items).toEqual([])
  // Twice does no harm, and leaves no second trace.
  expect((await door.post(`/api/v1/jobs/${body.items[0]?.id}/retry`)).status).toBe(200)
  expect(await db.selectFrom('audit_entry').select('action').execute()).toHaveLength(1)
})

test('sources show what came of everything, those that are gone too', async () => {
  await door.deps.db
    .insertInto('source_ledger')
    .values({
      tenant_id: 'default',
      source: 'old',
      deliveries: 3,
      events_read: 10,
      events_linked: 7,
      events_suppressed: 2,
      events_quarantined: 1,
      last_received_at: door.now,
    })
    .execute()
  const { body } = await door.get<PageOf<unknown>>('/api/v1/sources')
  expect(body.items).toEqual([
    {
      name: 'old',
      kind: null,
      isConfigured: false,
      hasToken: false,
      deliveries: 3,
      events: { read: 10, linked: 7, suppressed: 2, quarantined: 1 },
      lastReceivedAt: '2026-01-05T12:00:00.000Z',
    },
  ])
})

test('messages that no channel was there to take are listed, newest first; sent ones are not', async () => {
  const post = (id: string, body: string | null) => ({
    tenant_id: 'default',
    id,
    incident_id: 'i',
    channel_id: 'preview',
    kind: 'firing',
    external_id: `preview-${id}`,
    thread_id: null,
    posted_at: door.now,
    body,
  })
  await door.deps.db
    .insertInto('notification_post')
    .values([post('1', '{"text":"a"}'), post('2', null), post('3', 'plain')])
    .execute()
  const { body } = await door.get<PageOf<unknown>>('/api/v1/notifications/would-be')
  expect(body.items).toMatchObject([
    { id: '3', body: 'plain' },
    { id: '1', body: { text: 'a' }, postedAt: '2026-01-05T12:00:00.000Z' },
  ])
})

test('a silence in the past is refused before anything is touched', async () => {
  const past = new Date(door.now - 1).toISOString()
  expect(await door.post('/api/v1/incidents/INC-1/silence', { until: past })).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'body.until' }] },
  })
})

test('what is so already is refused in words of its own', async () => {
  const until = new Date(door.now + 60_000).toISOString()
  const twice = async (path: string, body: object) => {
    await door.post(`/api/v1/incidents/INC-1/${path}`, body)
    return (await door.post(`/api/v1/incidents/INC-1/${path}`, body)).body['detail']
  }
  expect(await twice('silence', { until })).toBe(`INC-1 is silenced already, until ${until}.`)
  expect(await twice('unsilence', {})).toBe('INC-1 is not silenced.')
  expect(await twice('set-severity', { severity: 'info' })).toBe('Somebody set INC-1 to info already.')
  expect(await twice('move', { channelId: 'C2' })).toBe('INC-1 is told in C2 already.')
})
