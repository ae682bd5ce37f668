import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestDoor, type TestDoor } from '../../test/support/test-door.ts'
import type { JobOutcome } from '../jobs/finish-job.ts'
import { endSilenceOf } from './end-silence.ts'

let door: TestDoor

beforeEach(async () => {
  door = await openTestDoor()
  await door.tell({ alertname: 'Disk', labels: { service: 'db' } })
})
afterEach(async () => await door.close())

const at = (minutes: number): string => new Date(door.now + minutes * 60_000).toISOString()
const silence = async (body: object) => await door.post('/api/v1/incidents/INC-1/silence', body)
const incident = async () => (await door.get<Record<string, unknown>>('/api/v1/incidents/INC-1')).body
async function run(): Promise<JobOutcome> {
  const payload = { incidentId: String((await incident())['id']) }
  return await endSilenceOf(door.deps)({ tenantId: 'default', payload })
}
const timers = async () =>
  await door.deps.db.selectFrom('job').select(['run_at', 'dedupe_key']).where('kind', '=', 'end-silence').execute()

test('a silence has a timer at its end, and a longer one has another', async () => {
  await silence({ until: at(60) })
  await silence({ until: at(120) })
  expect((await timers()).map(({ run_at }) => Number(run_at) - door.now)).toEqual([3_600_000, 7_200_000])
})

test('a silence until it is resolved has no timer', async () => {
  await silence({})
  expect(await timers()).toEqual([])
  expect(await incident()).toMatchObject({ silence: { until: null } })
})

test('when the silence is over it is taken away, by Nunchi, and everybody is told', async () => {
  await silence({ until: at(60) })
  door.now += 3_600_000
  expect(await run()).toEqual({ kind: 'done' })
  expect(await incident()).toMatchObject({ silence: null, version: 3 })
  const { body } = await door.get<{ items: unknown[] }>('/api/v1/incidents/INC-1/timeline')
  expect(body.items[0]).toMatchObject({ kind: 'unsilenced', by: { id: 'nunchi' } })
  const notify = await door.deps.db
    .selectFrom('job')
    .select('wanted')
    .where('kind', '=', 'notify-channel')
    .executeTakeFirst()
  expect(Number(notify?.wanted)).toBe(3)
})

test('the timer of a silence that was made longer or taken back does nothing', async () => {
  await silence({ until: at(60) })
  await silence({ until: at(120) })
  door.now += 3_600_000
  expect(await run()).toEqual({ kind: 'done' })
  expect(await incident()).toMatchObject({ version: 3 })
  await door.post('/api/v1/incidents/INC-1/unsilence')
  door.now += 3_600_000
  expect(await run()).toEqual({ kind: 'done' })
  expect(await incident()).toMatchObject({ version: 4, silence: null })
})
