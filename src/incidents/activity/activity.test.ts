import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { activityViolations } from '../../../test/support/check-activity.ts'
import { openTestDoor, type TestDoor, type ToldAlert } from '../../../test/support/test-door.ts'
import type { ActivityView } from './activity-queries.ts'
import { MOST_SERIES } from './series-roster.ts'

let door: TestDoor
beforeEach(async () => {
  door = await openTestDoor()
})
afterEach(async () => {
  await door.close()
})

const HOUR_MS = 3_600_000
const stats = async (query = ''): Promise<ActivityView> => (await door.get<ActivityView>(`/api/v1/stats?${query}`)).body

/** The roll-ups say what the rows say. The door folds without the ledger of the intake. */
async function expectExact(): Promise<void> {
  const ask = async (query: string) => (await sql.raw(query).execute(door.deps.db)).rows as never[]
  const violations = await activityViolations(ask)
  expect(violations.filter((text) => !text.startsWith('Roll-up of ledger'))).toEqual([])
}

const alert = (over: Partial<ToldAlert> = {}): ToldAlert => ({
  alertname: 'Disk',
  severity: 'warning',
  startsAt: Date.parse('2026-01-05T11:59:00Z'),
  labels: { service: 'db', cluster: 'eu' },
  ...over,
})

test('an alert from beginning to end counts once each, with the time that people and it took', async () => {
  await door.tell(alert())
  await door.tell(alert())
  door.now += 60_000
  await door.post('/api/v1/incidents/INC-1/acknowledge')
  door.now += HOUR_MS
  await door.tell(alert({ status: 'resolved' }))
  const [all] = (await stats()).groups
  expect(all?.total).toMatchObject({
    alerts: { opened: 1, repeated: 1, cleared: 1, updated: 0 },
    incidents: { opened: 1, reopened: 0, acknowledged: 1, resolved: 1 },
    timeToAcknowledge: { count: 1, meanMs: 60_000, leastMs: 60_000, mostMs: 60_000, p50Ms: 60_000, p95Ms: 60_000 },
    timeToResolve: { count: 1, meanMs: HOUR_MS + 60_000 },
  })
  expect(all?.points.map(({ at, incidents }) => [at, incidents.opened, incidents.resolved])).toEqual([
    ['2026-01-05T12:00:00.000Z', 1, 0],
    ['2026-01-05T13:00:00.000Z', 0, 1],
  ])
  await expectExact()
})

test('each happening counts with the severity that the incident had then, and nothing is taken back', async () => {
  await door.tell(alert())
  await door.tell(
    alert({ alertname: 'Disk', severity: 'critical', labels: { service: 'db', cluster: 'eu', disk: '2' } }),
  )
  await door.post('/api/v1/incidents/INC-1/set-severity', { severity: 'info' })
  await door.post('/api/v1/incidents/INC-1/resolve')
  const found = await stats('groupBy=severity')
  const by = Object.fromEntries(found.groups.map(({ value, total }) => [value, total.incidents]))
  expect(by['warning']).toMatchObject({ opened: 1, resolved: 0 })
  expect(by['info']).toMatchObject({ opened: 0, resolved: 1 })
  await expectExact()
})

test('after a reopening the times run from there', async () => {
  await door.tell(alert())
  await door.post('/api/v1/incidents/INC-1/resolve')
  door.now += 2 * HOUR_MS
  await door.post('/api/v1/incidents/INC-1/reopen')
  door.now += 5000
  await door.post('/api/v1/incidents/INC-1/acknowledge')
  const { total } = (await stats()).groups[0] as ActivityView['groups'][number]
  expect(total.incidents).toEqual({ opened: 1, reopened: 1, acknowledged: 1, resolved: 1 })
  expect(total.timeToAcknowledge).toMatchObject({ count: 1, mostMs: 5000 })
  await expectExact()
})

test('what a frozen node hands in late counts by the order in which it was folded, whatever the times say', async () => {
  const began = door.now
  const tell = async (seconds: number, status: 'firing' | 'resolved', episode: number): Promise<void> => {
    door.now = began + seconds * 1000
    await door.tell(alert({ status, startsAt: began + episode }))
  }
  await tell(0, 'firing', 0)
  await tell(60, 'resolved', 0)
  await tell(120, 'firing', 3)
  await tell(100, 'resolved', 3)
  await tell(80, 'firing', 4)
  await tell(200, 'resolved', 4)
  const { total } = (await stats()).groups[0] as ActivityView['groups'][number]
  expect(total.incidents).toMatchObject({ opened: 1, reopened: 2, resolved: 3 })
  expect(total.timeToResolve).toMatchObject({ count: 3, leastMs: 0, mostMs: 120_000, meanMs: 60_000 })
  await expectExact()
})

test('groups are told apart, the busiest first, and what is beyond them is the rest', async () => {
  for (const [service, n] of [
    ['a', 3],
    ['b', 2],
    ['c', 1],
    ['d', 1],
  ] as const)
    for (let i = 0; i < n; i++)
      await door.tell(alert({ alertname: `${service}${i}`, labels: { service, cluster: 'eu' } }))
  const { groups } = await stats('groupBy=service&groups=2')
  expect(groups.map(({ value, isRest, total }) => [value, isRest, total.incidents.opened])).toEqual([
    ['a', false, 3],
    ['b', false, 2],
    [null, true, 2],
  ])
  const filtered = await stats('groupBy=source&service=a&service=d')
  expect(filtered.groups.map(({ total }) => total.incidents.opened)).toEqual([4])
  await expectExact()
})

describe('a period with more services than it tells apart', () => {
  test('counts the others together, and loses none', async () => {
    const told = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) =>
        alert({ alertname: `a${from + i}`, labels: { service: `s${from + i}`, cluster: 'eu' } }),
      )
    await door.tell(...told(0, 150))
    await door.tell(...told(150, 260))
    await door.tell(...told(0, 300))
    const rows = await door.deps.db
      .selectFrom('activity')
      .select('series_id')
      .distinct()
      .where('step_hours', '=', 1)
      .execute()
    expect(rows.length).toBe(MOST_SERIES[1] + 1)
    const { groups } = await stats('groupBy=service&groups=20')
    const opened = groups.reduce((sum, { total }) => sum + total.alerts.opened, 0)
    expect([groups.length, opened]).toEqual([21, 300])
    await expectExact()
  })
})

test('more steps than a chart has places are refused, and say what to ask instead', async () => {
  const answer = await door.get<{ detail: string }>('/api/v1/stats?from=2025-01-01T00:00:00Z&to=2026-01-01T00:00:00Z')
  expect(answer.status).toBe(400)
  expect(answer.body.detail).toContain('step=day')
  const days = await stats('from=2025-01-01T00:00:00Z&to=2026-01-01T00:00:00Z&step=day')
  expect(days).toMatchObject({ step: 'day', groups: [{ value: null, isRest: false, points: [] }] })
})
