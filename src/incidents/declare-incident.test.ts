import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestDoor, type TestDoor } from '../../test/support/test-door.ts'

let door: TestDoor

beforeEach(async () => {
  door = await openTestDoor()
})
afterEach(async () => await door.close())

const DECLARATION = { title: 'Checkout is slow', severity: 'error', service: 'checkout', note: 'Since the deploy' }
const declare = async (body: object = DECLARATION, headers = {}) => await door.post('/api/v1/incidents', body, headers)

test('a declared incident has no alerts, and is told like any other', async () => {
  expect(await declare()).toMatchObject({
    status: 201,
    body: { name: 'INC-1', status: 'active', severity: 'error', source: 'manual', service: 'checkout', total: 0 },
  })
  const jobs = await door.deps.db.selectFrom('job').select(['kind', 'lane']).execute()
  expect(jobs).toEqual([{ kind: 'notify-channel', lane: 1 }])
  const { body } = await door.get<{ items: { kind: string; reason: string }[] }>('/api/v1/incidents/INC-1/timeline')
  expect(body.items.map(({ kind }) => kind)).toEqual(['note', 'declared'])
  const audit = await door.deps.db.selectFrom('audit_entry').select('action').execute()
  expect(audit).toEqual([{ action: 'incident.declare' }])
  expect(door.woken).toContain('jobs')
})

test('two of the same words are two incidents, and no alert joins them', async () => {
  await declare()
  await declare()
  await door.tell({ alertname: 'Checkout is slow', labels: { service: 'checkout' } })
  const { body } = await door.get<{ items: { name: string; total: number }[] }>('/api/v1/incidents')
  expect(body.items.map(({ name, total }) => `${name}: ${total}`).sort()).toEqual(['INC-1: 0', 'INC-2: 0', 'INC-3: 1'])
})

test('it stays open until a person resolves it, and can be reopened', async () => {
  await declare()
  expect(await door.post('/api/v1/incidents/INC-1/resolve')).toMatchObject({ body: { status: 'resolved' } })
  expect(await door.post('/api/v1/incidents/INC-1/reopen')).toMatchObject({ body: { status: 'active' } })
})

test('the same key declares once, and another declaration needs another key', async () => {
  const key = { 'idempotency-key': 'k1' }
  const [first, second] = await Promise.all([declare(DECLARATION, key), declare(DECLARATION, key)])
  expect([first.body['id'], first.status]).toEqual([second.body['id'], 201])
  expect(await declare({ ...DECLARATION, title: 'Other' }, key)).toMatchObject({ status: 422 })
})

test('a declaration needs a title and a severity that exists', async () => {
  expect((await declare({ ...DECLARATION, title: '  ' })).status).toBe(400)
  expect((await declare({ ...DECLARATION, severity: 'urgent' })).status).toBe(400)
})
