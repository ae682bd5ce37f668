import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestDoor, type TestDoor } from '../../test/support/test-door.ts'
import { systemActor } from '../domain/actor.ts'
import { applyAction } from './apply-action.ts'
import { countIncidents } from './incident-counts.ts'
import type { IncidentFilter } from './incident-filter.ts'
import { type IncidentListRequest, listIncidents } from './incident-queries.ts'

const actor = systemActor('default')
let door: TestDoor

beforeEach(async () => {
  door = await openTestDoor()
})
afterEach(async () => await door.close())

const list = async (over: Partial<IncidentListRequest> = {}) =>
  await listIncidents(door.deps.db, actor, { filter: {}, sort: 'inbox', cursor: null, limit: 50, ...over })
const titles = async (
  filter: IncidentFilter = {},
  over: Partial<IncidentListRequest> = {},
): Promise<readonly string[]> => (await list({ filter, ...over })).items.map(({ title }) => title)
const is = <V extends string>(...values: V[]) => ({ is: values, isNot: [] })
const isNot = <V extends string>(...values: V[]) => ({ is: [], isNot: values })

async function act(name: string, action: 'acknowledge' | 'resolve'): Promise<void> {
  await applyAction(door.deps, actor, {
    incidentId: name,
    action,
    reason: '',
    expectedVersion: null,
    assignee: null,
    idempotencyKey: null,
  })
}

/** Every page of a list, by following its cursors. */
async function allTitles(
  request: Partial<IncidentListRequest>,
  between: () => Promise<void> = async () => undefined,
): Promise<readonly string[]> {
  const found: string[] = []
  let cursor: string | null = null
  do {
    const page = await list({ ...request, cursor })
    found.push(...page.items.map(({ title }) => title))
    cursor = page.nextCursor
    await between()
  } while (cursor !== null)
  return found
}

describe('the order of the inbox', () => {
  test('is needs action, acknowledged, resolved; then severity; then start, newest first', async () => {
    const start = door.now
    await door.tell(
      { alertname: 'old-critical', severity: 'critical', startsAt: start - 5000 },
      { alertname: 'info', severity: 'info', startsAt: start - 100 },
    )
    await door.tell(
      { alertname: 'new-critical', severity: 'critical', startsAt: start - 1000 },
      { alertname: 'taken', severity: 'critical' },
      { alertname: 'over', severity: 'critical' },
    )
    await act('INC-4', 'acknowledge')
    await act('INC-5', 'resolve')
    expect(await titles()).toEqual(['new-critical', 'old-critical', 'info', 'taken', 'over'])
    expect(await titles({}, { sort: '-startedAt' })).toEqual(['over', 'taken', 'info', 'new-critical', 'old-critical'])
  })
})

describe('paging', () => {
  const alertsOf = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => ({
      alertname: `a${from + i}`,
      severity: (['critical', 'warning', 'info'] as const)[(from + i) % 3] ?? 'info',
      startsAt: door.now - ((from + i) % 4) * 1000,
    }))

  for (const sort of ['inbox', '-startedAt'] as const) {
    test(`by ${sort} gives every incident once, whatever the page size`, async () => {
      await door.tell(...alertsOf(0, 23))
      for (const n of [3, 7, 11]) await act(`INC-${n}`, 'acknowledge')
      const whole = await titles({}, { sort, limit: 200 })
      expect(whole).toHaveLength(23)
      for (const limit of [1, 2, 5, 22, 23]) expect(await allTitles({ sort, limit })).toEqual(whole)
    })

    test(`by ${sort} neither repeats nor skips what was there when more incidents arrive meanwhile`, async () => {
      await door.tell(...alertsOf(0, 12))
      const whole = await titles({}, { sort })
      let next = 100
      const seen = await allTitles({ sort, limit: 3 }, async () => {
        await door.tell(...alertsOf(next, next + 2))
        next += 2
        if (next > 120) throw new Error('the list never ends')
      })
      expect(seen.filter((title) => whole.includes(title))).toEqual(whole)
      expect(new Set(seen).size).toBe(seen.length)
    })

    test(`by ${sort} with filters gives the same as without paging`, async () => {
      await door.tell(...alertsOf(0, 20))
      const filter = { severity: isNot('info' as const), text: 'a1' }
      const whole = await titles(filter, { sort })
      expect(whole.length).toBeGreaterThan(3)
      expect(await allTitles({ sort, limit: 2, filter })).toEqual(whole)
    })
  }

  test('a cursor of another list, or no cursor at all, is refused', async () => {
    await door.tell(...alertsOf(0, 4))
    const inbox = (await list({ limit: 2 })).nextCursor
    const foreign = [
      inbox ?? '',
      'x',
      '',
      'bm90IGpzb24',
      Buffer.from('["-startedAt",1]').toString('base64url'),
      Buffer.from('["-startedAt","1","a"]').toString('base64url'),
    ]
    for (const cursor of foreign) await expect(list({ sort: '-startedAt', cursor })).rejects.toThrow('cursor')
  })
})

describe('filters', () => {
  beforeEach(async () => {
    const at = door.now
    await door.tell(
      {
        alertname: 'Disk full',
        severity: 'critical',
        labels: { service: 'db', cluster: 'eu', namespace: 'shop', environment: 'production' },
        source: 'am-1',
        startsAt: at - 3_600_000,
      },
      {
        alertname: 'Disk 50%',
        severity: 'warning',
        labels: { service: 'db', cluster: 'us', namespace: 'shop', environment: 'staging' },
        source: 'am-1',
        startsAt: at - 60_000,
      },
      {
        alertname: 'Latency',
        severity: 'warning',
        labels: { service: 'web', cluster: 'eu', namespace: 'front', environment: 'production' },
        source: 'am-2',
        startsAt: at,
      },
    )
    await act('INC-3', 'acknowledge')
  })

  const cases: readonly [name: string, filter: () => IncidentFilter, expected: readonly string[]][] = [
    ['a status', () => ({ status: is('active') }), ['Disk full', 'Disk 50%']],
    ['not a status', () => ({ status: isNot('active') }), ['Latency']],
    ['a severity', () => ({ severity: is('warning') }), ['Disk 50%', 'Latency']],
    ['any of two severities', () => ({ severity: is('critical', 'warning') }), ['Disk full', 'Disk 50%', 'Latency']],
    ['not a severity', () => ({ severity: isNot('warning') }), ['Disk full']],
    ['a service', () => ({ service: is('db') }), ['Disk full', 'Disk 50%']],
    ['any of two services', () => ({ service: is('db', 'web') }), ['Disk full', 'Disk 50%', 'Latency']],
    ['not a service', () => ({ service: isNot('db') }), ['Latency']],
    ['a service, and not a cluster', () => ({ service: is('db'), cluster: isNot('eu') }), ['Disk 50%']],
    ['a cluster', () => ({ cluster: is('eu') }), ['Disk full', 'Latency']],
    ['a namespace', () => ({ namespace: is('front') }), ['Latency']],
    ['an environment', () => ({ environment: is('staging') }), ['Disk 50%']],
    ['a source', () => ({ source: is('am-1') }), ['Disk full', 'Disk 50%']],
    ['an owner', () => ({ owner: is('nunchi') }), ['Latency']],
    ['nobody', () => ({ owner: is('') }), ['Disk full', 'Disk 50%']],
    ['anybody', () => ({ owner: isNot('') }), ['Latency']],
    ['words of the title, in any case', () => ({ text: 'DISK full' }), ['Disk full']],
    ['a word of the correlation text', () => ({ text: 'us' }), ['Disk 50%']],
    ['a sign that means something in LIKE', () => ({ text: '50%' }), ['Disk 50%']],
    ['another such sign', () => ({ text: 'disk_full' }), []],
    ['a name', () => ({ text: 'INC-2' }), ['Disk 50%']],
    ['a name and a status that it has not', () => ({ text: 'inc-2', status: is('resolved') }), []],
    ['a number alone is text', () => ({ text: '2' }), []],
    ['since an instant', () => ({ from: door.now - 60_000 }), ['Disk 50%', 'Latency']],
    ['before an instant', () => ({ to: door.now - 60_000 }), ['Disk full']],
  ]
  for (const [name, filter, expected] of cases) {
    test(`${name} → ${expected.join(', ') || 'nothing'}`, async () => {
      expect(await titles(filter())).toEqual(expected)
      expect([...(await titles(filter(), { sort: '-startedAt' }))].sort()).toEqual([...expected].sort())
    })
  }
})

test('another tenant sees nothing', async () => {
  await door.tell({ alertname: 'Disk' })
  const other = systemActor('other')
  expect(
    (await listIncidents(door.deps.db, other, { filter: {}, sort: 'inbox', cursor: null, limit: 50 })).items,
  ).toEqual([])
  expect(await countIncidents(door.deps.db, other, door.now)).toMatchObject({ needsAction: 0 })
})

test('whether chat shows it: the channel that needs a person speaks first, the preview does not count', async () => {
  await door.tell({ alertname: 'Disk' })
  const [incident] = (await list()).items
  expect(incident?.slack).toEqual({ state: 'none', url: null })
  const tell = async (
    channel: string,
    state: 'idle' | 'posting' | 'blocked',
    shown: string | null,
    link: string | null = null,
  ) => {
    const row = {
      tenant_id: 'default',
      incident_id: incident?.id ?? '',
      channel_id: channel,
      state,
      generation: 1,
      root_id: null,
      root_place: null,
      root_link: link,
      shown,
      delivery_id: null,
      delivery_kind: null,
      posting_since: null,
      blocked_reason: null,
      updated_at: 0,
    }
    await door.deps.db.insertInto('notification').values(row).execute()
    return (await list()).items[0]?.slack
  }
  expect(await tell('preview', 'idle', '{"isResolved":false}')).toEqual({ state: 'none', url: null })
  expect(await tell('slack', 'idle', '{"isResolved":false}', 'https://slack.example/p1')).toEqual({
    state: 'shown',
    url: 'https://slack.example/p1',
  })
  expect(await tell('webhook', 'posting', null)).toEqual({ state: 'pending', url: 'https://slack.example/p1' })
  expect(await tell('third', 'blocked', null)).toEqual({ state: 'blocked', url: 'https://slack.example/p1' })
})

test('an incident that a digest tells is shown, and leads to the digest', async () => {
  await door.tell({ alertname: 'Disk' })
  const [incident] = (await list()).items
  const { db } = door.deps
  const told = {
    tenant_id: 'default',
    channel_id: 'slack',
    root_place: null,
    delivery_id: null,
    posting_since: null,
    updated_at: 0,
  }
  await db
    .insertInto('digest')
    .values({
      ...told,
      id: 'd1',
      open_key: 'slack',
      state: 'idle',
      root_id: 'm1',
      root_link: 'https://slack.example/p7',
      root_hash: null,
      started_at: 0,
      last_news_at: 0,
      ended_at: null,
    })
    .execute()
  await db
    .insertInto('notification')
    .values({
      ...told,
      incident_id: incident?.id ?? '',
      state: 'digested',
      generation: 1,
      root_id: null,
      root_link: null,
      shown: '{"isResolved":false}',
      delivery_kind: null,
      blocked_reason: null,
      digest_id: 'd1',
    })
    .execute()
  expect((await list()).items[0]?.slack).toEqual({ state: 'shown', url: 'https://slack.example/p7' })
})

test('the counters tell what needs action, what is taken, what was resolved within a day, and how bad it is', async () => {
  await door.tell(
    { alertname: 'a', severity: 'critical' },
    { alertname: 'b', severity: 'warning' },
    { alertname: 'c', severity: 'warning' },
    { alertname: 'd', severity: 'info' },
  )
  await act('INC-2', 'acknowledge')
  await act('INC-4', 'resolve')
  const day = 24 * 3_600_000
  const openBySeverity = { critical: 1, error: 0, warning: 2, info: 0, debug: 0, success: 0 }
  expect(await countIncidents(door.deps.db, actor, door.now + day - 1)).toEqual({
    needsAction: 2,
    acknowledged: 1,
    resolved24h: 1,
    openBySeverity,
  })
  expect(await countIncidents(door.deps.db, actor, door.now + day)).toMatchObject({ resolved24h: 0 })
})
