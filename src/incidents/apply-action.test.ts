import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestDoor, type TestDoor } from '../../test/support/test-door.ts'
import { type Actor, systemActor } from '../domain/actor.ts'
import { type ActionAnswer, type ActionCommand, applyAction } from './apply-action.ts'
import { REPLY_KEPT_MS } from './idempotent-replies.ts'

const person = (name: string): Actor => ({
  kind: 'user',
  id: name.toLowerCase(),
  name,
  via: 'web',
  tenantId: 'default',
  scopes: ['respond'],
})
const minji = person('Minji')
const jisu = person('Jisu')
let door: TestDoor

beforeEach(async () => {
  door = await openTestDoor()
  await door.tell({ alertname: 'Disk', labels: { service: 'db' }, severity: 'critical' })
})
afterEach(async () => await door.close())

const act = async (
  actor: Actor,
  action: ActionCommand['action'],
  over: Partial<ActionCommand> = {},
): Promise<ActionAnswer> =>
  await applyAction(door.deps, actor, {
    incidentId: 'INC-1',
    action,
    reason: '',
    expectedVersion: null,
    assignee: null,
    idempotencyKey: null,
    ...over,
  })
const rows = async (
  table: 'timeline_entry' | 'audit_entry' | 'job' | 'change_feed',
): Promise<Record<string, unknown>[]> =>
  (await door.deps.db.selectFrom(table).selectAll().execute()).map((row) => ({ ...row }))

test('an acknowledgement gives an owner, and is told to the timeline, the trail, the channels and the stream', async () => {
  const answer = await act(minji, 'acknowledge', { reason: 'On it' })
  expect(answer).toMatchObject({
    ok: true,
    incident: {
      status: 'acknowledged',
      version: 2,
      owner: { id: 'minji', name: 'Minji' },
      acknowledgedAt: '2026-01-05T12:00:00.000Z',
    },
  })
  expect((await rows('timeline_entry')).at(-1)).toMatchObject({
    kind: 'acknowledged',
    reason: 'On it',
    actor_name: 'Minji',
    actor_via: 'web',
  })
  expect(await rows('audit_entry')).toMatchObject([{ action: 'incident.acknowledge', actor_id: 'minji' }])
  expect((await rows('change_feed')).at(-1)).toMatchObject({
    data: '{"version":2,"status":"acknowledged","severity":"critical"}',
  })
  // The order to tell the channel that opening made is asked for once more, not made a second time.
  expect(await rows('job')).toMatchObject([{ kind: 'notify-channel', wanted: 2 }])
})

test('of two people who acknowledge at once one wins, and the other learns who', async () => {
  const answers = await Promise.all([act(minji, 'acknowledge'), act(jisu, 'acknowledge')])
  expect(answers.map(({ ok }) => ok).sort()).toEqual([false, true])
  const winner = answers[0]?.ok ? 'Minji' : 'Jisu'
  expect(answers.find(({ ok }) => !ok)).toMatchObject({
    refusal: 'already-there',
    lastChange: { kind: 'acknowledged', by: { name: winner } },
    incident: { version: 2 },
  })
  expect(await rows('audit_entry')).toHaveLength(1)
})

test('two handles on one database give the same guarantee', async () => {
  const others = Array.from({ length: 6 }, () => ({ ...door.deps, db: door.database.openAnother() }))
  const command: ActionCommand = {
    incidentId: 'INC-1',
    action: 'acknowledge',
    reason: '',
    expectedVersion: 1,
    assignee: null,
    idempotencyKey: null,
  }
  const answers = await Promise.all(others.map(async (deps, i) => await applyAction(deps, person(`P${i}`), command)))
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
})

test('a command on an old version is refused with the incident as it is', async () => {
  await act(jisu, 'assign', { assignee: { id: 'team-db', name: 'Team DB' } })
  const answer = await act(minji, 'resolve', { expectedVersion: 1 })
  expect(answer).toMatchObject({
    ok: false,
    refusal: 'version-changed',
    incident: { version: 2, status: 'active' },
    lastChange: { kind: 'assigned', by: { name: 'Jisu' } },
  })
})

test('a command on the version seen is done', async () => {
  expect(await act(minji, 'resolve', { expectedVersion: 1 })).toMatchObject({
    ok: true,
    incident: { status: 'resolved', resolvedBy: { name: 'Minji' } },
  })
})

test('the undo of acknowledge makes it unattended again', async () => {
  await act(minji, 'acknowledge')
  expect(await act(minji, 'unacknowledge')).toMatchObject({
    ok: true,
    incident: { status: 'active', owner: null, acknowledgedAt: null },
  })
})

test('a note is told, and changes nothing but the timeline and the version', async () => {
  const jobsBefore = await rows('job')
  expect(await act(minji, 'note', { reason: 'Rolling back' })).toMatchObject({
    ok: true,
    incident: { status: 'active', version: 2 },
  })
  expect((await rows('timeline_entry')).at(-1)).toMatchObject({ kind: 'note', reason: 'Rolling back' })
  expect(await rows('job')).toEqual(jobsBefore.map((job) => ({ ...job, wanted: 2 })))
})

test('an incident that is not there is not found', async () => {
  expect(await act(minji, 'resolve', { incidentId: 'INC-99' })).toEqual({ ok: false, refusal: 'not-found' })
  expect(await act({ ...minji, tenantId: 'other' }, 'resolve')).toEqual({ ok: false, refusal: 'not-found' })
})

test('who may only look is stopped before anything is read', async () => {
  await expect(act({ ...minji, scopes: ['read'] }, 'note', { reason: 'x' })).rejects.toThrow('no scope "respond"')
  await expect(act({ ...minji, scopes: ['ingest'] }, 'note', { reason: 'x' })).rejects.toThrow('no scope "respond"')
  expect(await act(systemActor('default'), 'note', { reason: 'x' })).toMatchObject({ ok: true })
})

describe('reopening', () => {
  test('is possible after a mistaken resolve', async () => {
    await act(minji, 'resolve')
    expect(await act(minji, 'reopen')).toMatchObject({
      ok: true,
      incident: { status: 'active', reopenCount: 1, resolvedAt: null },
    })
  })

  test('is refused while another incident of the same key is open, and names it', async () => {
    await act(minji, 'resolve')
    // Long after, so that a new incident is opened instead of the old one being reopened.
    door.now += 24 * 3_600_000
    await door.tell({ alertname: 'Disk', labels: { service: 'db' }, status: 'resolved' })
    door.now += 60_000
    await door.tell({ alertname: 'Disk', labels: { service: 'db' } })
    const auditBefore = (await rows('audit_entry')).length
    expect(await act(minji, 'reopen', { idempotencyKey: 'k' })).toMatchObject({
      ok: false,
      refusal: 'another-is-open',
      other: { name: 'INC-2' },
      incident: { name: 'INC-1', status: 'resolved' },
    })
    expect((await rows('audit_entry')).length).toBe(auditBefore)
    expect(await act(minji, 'reopen', { idempotencyKey: 'k' })).toMatchObject({ refusal: 'another-is-open' })
  })
})

describe('an idempotency key', () => {
  test('gives the same answer again and does nothing twice', async () => {
    const first = await act(minji, 'acknowledge', { idempotencyKey: 'k1' })
    door.now += 1000
    expect(await act(minji, 'acknowledge', { idempotencyKey: 'k1' })).toEqual(JSON.parse(JSON.stringify(first)))
    expect(await rows('audit_entry')).toHaveLength(1)
  })

  test('gives a refusal again, even when the command would be possible by now', async () => {
    await act(jisu, 'acknowledge')
    const refused = await act(minji, 'acknowledge', { idempotencyKey: 'k1' })
    await act(jisu, 'unacknowledge')
    expect(await act(minji, 'acknowledge', { idempotencyKey: 'k1' })).toEqual(JSON.parse(JSON.stringify(refused)))
  })

  test('belongs to one command', async () => {
    await act(minji, 'acknowledge', { idempotencyKey: 'k1' })
    expect(await act(minji, 'resolve', { idempotencyKey: 'k1' })).toEqual({
      ok: false,
      refusal: 'idempotency-key-reused',
    })
    expect(await act(minji, 'acknowledge', { idempotencyKey: 'k1', reason: 'other words' })).toEqual({
      ok: false,
      refusal: 'idempotency-key-reused',
    })
  })

  test('belongs to one actor', async () => {
    await act(minji, 'acknowledge', { idempotencyKey: 'k1' })
    expect(await act(jisu, 'resolve', { idempotencyKey: 'k1' })).toMatchObject({ ok: true })
  })

  test('is forgotten after a day', async () => {
    await act(minji, 'acknowledge', { idempotencyKey: 'k1' })
    door.now += REPLY_KEPT_MS + 1
    expect(await act(minji, 'resolve', { idempotencyKey: 'k1' })).toMatchObject({ ok: true })
  })

  test('sent twice at the same moment is done once', async () => {
    const other = { ...door.deps, db: door.database.openAnother() }
    const command: ActionCommand = {
      incidentId: 'INC-1',
      action: 'note',
      reason: 'once',
      expectedVersion: null,
      assignee: null,
      idempotencyKey: 'k1',
    }
    const [left, right] = await Promise.all([
      applyAction(door.deps, minji, command),
      applyAction(other, minji, command),
    ])
    expect(JSON.parse(JSON.stringify(left))).toEqual(JSON.parse(JSON.stringify(right)))
    expect((await rows('timeline_entry')).filter(({ kind }) => kind === 'note')).toHaveLength(1)
  })
})
