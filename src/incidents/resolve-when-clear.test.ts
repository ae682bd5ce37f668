import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestDoor, type TestDoor } from '../../test/support/test-door.ts'
import type { JobOutcome } from '../jobs/finish-job.ts'
import { incidentFromRow, incidentToRow } from '../store/incident-row.ts'
import { loadIncident } from './load-incident.ts'
import { resolveWhenClear } from './resolve-when-clear.ts'

let door: TestDoor

beforeEach(async () => {
  door = await openTestDoor()
  await door.tell({ alertname: 'Disk', labels: { service: 'db' } })
})
afterEach(async () => await door.close())

const alone = async () =>
  incidentFromRow(await door.deps.db.selectFrom('incident').selectAll().executeTakeFirstOrThrow())

/** Puts the incident into a hold-off, as a source with one would. */
async function holdOff(over: Partial<Awaited<ReturnType<typeof alone>>> = {}): Promise<void> {
  const { id, tenant_id, ...columns } = incidentToRow({
    ...(await alone()),
    firing: {},
    clearsAt: door.now + 60_000,
    ...over,
  })
  await door.deps.db
    .updateTable('incident')
    .set(columns)
    .where('id', '=', id)
    .where('tenant_id', '=', tenant_id)
    .execute()
}

async function run(): Promise<JobOutcome> {
  return await resolveWhenClear(door.deps)({ tenantId: 'default', payload: { incidentId: (await alone()).id } })
}

test('when the hold-off has ended it is resolved, by Nunchi, and everybody is told', async () => {
  await holdOff()
  door.now += 60_000
  expect(await run()).toEqual({ kind: 'done' })
  expect(await alone()).toMatchObject({ status: 'resolved', resolvedBy: { id: 'nunchi' }, clearsAt: null, version: 2 })
  const entries = await door.deps.db
    .selectFrom('timeline_entry')
    .select(['kind', 'actor_via'])
    .orderBy('id', 'desc')
    .execute()
  expect({ ...entries[0] }).toEqual({ kind: 'resolved', actor_via: 'rule' })
})

test('a hold-off that began anew is waited for', async () => {
  await holdOff()
  door.now += 30_000
  expect(await run()).toMatchObject({ kind: 'again', at: (await alone()).clearsAt, counts: false })
  expect((await alone()).status).toBe('active')
})

test('one that fired again meanwhile needs nothing', async () => {
  await holdOff({ firing: { warning: 1 }, clearsAt: null })
  door.now += 60_000
  expect(await run()).toEqual({ kind: 'done' })
  expect((await alone()).status).toBe('active')
})

test('one that a person resolved meanwhile needs nothing', async () => {
  await holdOff({ status: 'resolved', resolvedAt: door.now, clearsAt: null })
  door.now += 60_000
  expect(await run()).toEqual({ kind: 'done' })
  expect((await alone()).version).toBe(1)
})

test('one that is gone needs nothing', async () => {
  expect(await resolveWhenClear(door.deps)({ tenantId: 'default', payload: { incidentId: 'gone' } })).toEqual({
    kind: 'done',
  })
  expect(await loadIncident(door.deps.db, 'default', 'gone')).toBeNull()
})
