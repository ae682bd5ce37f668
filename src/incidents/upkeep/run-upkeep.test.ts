import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { activityViolations } from '../../../test/support/check-activity.ts'
import { openTestDoor, type TestDoor } from '../../../test/support/test-door.ts'
import { runUpkeep } from './run-upkeep.ts'

let door: TestDoor
beforeEach(async () => {
  door = await openTestDoor()
})
afterEach(async () => {
  await door.close()
})

const run = () => runUpkeep({ db: door.deps.db, tenantId: 'default', signal: new AbortController().signal })
const found = async (q: string): Promise<readonly string[]> =>
  (await door.get<{ items: { name: string }[] }>(`/api/v1/incidents?q=${q}`)).body.items.map(({ name }) => name)

/** As a database of the release before is after its upgrade. */
async function forget(): Promise<void> {
  const { db } = door.deps
  for (const table of ['incident_term', 'activity', 'activity_duration', 'activity_series', 'upkeep'] as const)
    await db.deleteFrom(table).execute()
  await db.updateTable('incident').set({ words: null }).execute()
  for (const [name, table] of [
    ['incidents', 'timeline_entry'],
    ['events', 'alert_event'],
  ] as const) {
    const { id } = await db
      .selectFrom(table)
      .select((eb) => eb.fn.max('id').as('id'))
      .executeTakeFirstOrThrow()
    await db.insertInto('upkeep').values({ tenant_id: 'default', name, done_to: '', until: id }).execute()
  }
}

async function expectExact(): Promise<void> {
  const ask = async (query: string) => (await sql.raw(query).execute(door.deps.db)).rows as never[]
  const violations = await activityViolations(ask)
  // What left no row cannot be counted later, and the door folds without the ledger.
  expect(violations.filter((text) => !text.startsWith('Roll-up of ledger'))).toEqual([])
}

async function liveThrough(service: string): Promise<void> {
  const labels = { service, cluster: 'eu' }
  await door.tell({ alertname: `Disk ${service}`, labels })
  await door.tell({ alertname: `Latency ${service}`, severity: 'critical', labels })
  const [name] = await found(`disk+${service}`)
  door.now += 90_000
  await door.post(`/api/v1/incidents/${name}/acknowledge`)
  await door.post(`/api/v1/incidents/${name}/set-severity`, { severity: 'info' })
  await door.post(`/api/v1/incidents/${name}/resolve`)
  door.now += 3_600_000
  await door.post(`/api/v1/incidents/${name}/reopen`)
}

test('what happened before an upgrade is found and counted afterwards, and what happens since is counted once', async () => {
  for (const service of ['db', 'web']) await liveThrough(service)
  await forget()
  await liveThrough('mq')
  await door.post('/api/v1/incidents/INC-1/resolve')
  expect(await found('latency')).toEqual(['INC-6'])
  await run()
  expect((await found('latency')).toSorted()).toEqual(['INC-2', 'INC-4', 'INC-6'])
  await expectExact()
  expect(await run()).toEqual({ incidents: 0, events: 0 })
  await expectExact()
})

test('an incident that a program of before made meanwhile is found after the next run', async () => {
  await door.tell({ alertname: 'Disk' })
  await run()
  await door.tell({ alertname: 'Latency' })
  await door.deps.db
    .deleteFrom('incident_term')
    .where('incident_id', 'in', (eb) => eb.selectFrom('incident').select('id').where('number', '=', 2))
    .execute()
  await door.deps.db.updateTable('incident').set({ words: null }).where('number', '=', 2).execute()
  expect(await found('latency')).toEqual([])
  await run()
  expect(await found('latency')).toEqual(['INC-2'])
})

test('two that run at once take nothing in twice', async () => {
  for (const service of ['db', 'web', 'mq']) await liveThrough(service)
  await forget()
  const other = door.database.openAnother()
  await Promise.all([run(), runUpkeep({ db: other, tenantId: 'default', signal: new AbortController().signal })])
  await expectExact()
})
