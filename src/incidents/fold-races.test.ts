import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import type { Actor } from '../domain/actor.ts'
import { DEFAULT_LIFECYCLE } from '../domain/incident-lifecycle.ts'
import { LANES } from '../domain/job-payloads.ts'
import type { ObservedEvent } from '../domain/observed-event.ts'
import type { Severity } from '../domain/severity.ts'
import { readChanges } from '../store/change-feed-queries.ts'
import type { Db } from '../store/database.ts'
import { incidentFromRow } from '../store/incident-row.ts'
import { createNewId } from '../store/new-id.ts'
import { inTransaction } from '../store/transaction.ts'
import { type ActionDeps, applyAction } from './apply-action.ts'
import { declareByHand } from './declare-incident.ts'
import { createFold } from './fold-events.ts'
import type { OrdersFor } from './follow-up-orders.ts'

const T = 1_700_000_000_000
const ROUNDS = 1000
const PATIENCE_MS = 240_000

let database: TempDatabase
/** What each node has of its own. */
let nodes: readonly { readonly db: Db; readonly fold: ReturnType<typeof createFold>; readonly deps: ActionDeps }[]

const ordersFor: OrdersFor = (incident) => [
  {
    kind: 'notify-channel',
    payload: { incidentId: incident.id, channelId: 'chat' },
    lane: LANES.warning,
    runAt: T,
    dedupeKey: `notify/chat/${incident.id}`,
    queue: 'channel:chat',
  },
]

beforeAll(async () => {
  database = await makeTempDatabase()
  nodes = [database.db, database.openAnother(), database.openAnother()].map((db) => {
    const newId = createNewId()
    const policy = {
      correlation: { fields: ['alertname'], windowMs: null, environment: 'production' },
      lifecycle: DEFAULT_LIFECYCLE,
      keepsEveryAlert: false,
    }
    return {
      db,
      fold: createFold({ newId, policyOf: () => policy, ordersFor }),
      deps: { db, newId, now: () => T + 60_000, ordersFor },
    }
  })
})
afterAll(() => database.close())

interface Told {
  readonly source: string
  readonly alertname: string
  readonly fingerprint: string
  readonly status?: 'firing' | 'resolved'
  readonly severity?: Severity
  readonly start?: number
}

function observed(told: Told): ObservedEvent {
  const { source, alertname, fingerprint, status = 'firing', severity = 'warning', start = 0 } = told
  const startsAt = T + start
  return {
    tenantId: 'default',
    source,
    sourceKind: 'alertmanager',
    deliverySeq: 1,
    index: 0,
    receivedAt: T + 5_000 + start,
    event: {
      fingerprint,
      status,
      title: alertname,
      severity,
      labels: { alertname },
      annotations: {},
      startsAtText: new Date(startsAt).toISOString(),
      startsAt,
      endsAt: status === 'resolved' ? startsAt + 1_000 : null,
      links: {},
      condition: null,
      clearedBecause: null,
      ruleId: null,
      fields: {},
      raw: '{}',
    },
  }
}

async function foldAt(node: number, told: readonly Told[]): Promise<void> {
  const { db, fold } = nodes[node] as (typeof nodes)[number]
  await inTransaction(db, (tx) => fold(tx, told.map(observed)))
}

const incidentsOf = async (source: string) =>
  (await database.db.selectFrom('incident').selectAll().where('source', '=', source).execute()).map(incidentFromRow)
const alertsOf = (source: string) => database.db.selectFrom('alert').selectAll().where('source', '=', source).execute()

describe('two nodes fold at the same moment', () => {
  test(`what opens one incident opens one, ${ROUNDS} times`, { timeout: PATIENCE_MS }, async () => {
    const race = (round: number) =>
      [0, 1].map((node) => foldAt(node, [{ source: 'new', alertname: `A${round}`, fingerprint: `${round}-${node}` }]))
    for (let round = 0; round < ROUNDS; round += 4) await Promise.all([0, 1, 2, 3].flatMap((i) => race(round + i)))
    const incidents = await incidentsOf('new')
    expect(incidents).toHaveLength(ROUNDS)
    expect(new Set(incidents.map(({ number }) => number)).size).toBe(ROUNDS)
    expect(incidents.every(({ alertCount, firing }) => alertCount === 2 && firing.warning === 2)).toBe(true)
    expect(await alertsOf('new')).toHaveLength(2 * ROUNDS)
  })

  test('one alert that both are told is one alert', { timeout: PATIENCE_MS }, async () => {
    for (let round = 0; round < 200; round++) {
      const twin = { source: 'twin', alertname: `A${round}`, fingerprint: `f${round}` }
      await Promise.all([0, 1].map((node) => foldAt(node, [twin])))
    }
    expect(await alertsOf('twin')).toHaveLength(200)
    const incidents = await incidentsOf('twin')
    expect(incidents.map(({ alertCount, version }) => `${alertCount} ${version}`)).toEqual(Array(200).fill('1 1'))
  })

  test('an incident that is reopened by one and joined by the other is open once', {
    timeout: PATIENCE_MS,
  }, async () => {
    for (let round = 0; round < 100; round++) {
      const alert = { source: 'again', alertname: `A${round}`, fingerprint: `f${round}` }
      await foldAt(0, [alert, { ...alert, status: 'resolved' }])
      const late = { ...alert, start: 3_600_000 }
      await Promise.all([foldAt(0, [late]), foldAt(1, [{ ...late, fingerprint: `g${round}` }])])
    }
    const open = (await incidentsOf('again')).filter(({ status }) => status !== 'resolved')
    expect(open).toHaveLength(100)
    expect(open.every(({ firing }) => firing.warning === 2)).toBe(true)
  })

  test('batches that meet in many incidents lose no alert, whatever their order', {
    timeout: PATIENCE_MS,
  }, async () => {
    const severities = ['critical', 'error', 'warning'] as const
    const told = Array.from({ length: 900 }, (_, i) => ({
      source: 'many',
      alertname: `A${(i * 7) % 30}`,
      fingerprint: `f${(i * 13) % 300}-${(i * 7) % 30}`,
      status: i % 11 === 4 ? ('resolved' as const) : ('firing' as const),
      severity: severities[i % 3] as Severity,
      start: Math.floor(i / 300) * 10_000,
    }))
    await Promise.all(
      [0, 1, 2].map(async (node) => {
        for (let from = node * 30; from < told.length; from += 90)
          await foldAt(node, node === 1 ? told.slice(from, from + 30).reverse() : told.slice(from, from + 30))
      }),
    )
    const [incidents, alerts] = [await incidentsOf('many'), await alertsOf('many')]
    expect(incidents).toHaveLength(30)
    for (const { id, alertCount, firing } of incidents) {
      const members = alerts.filter(({ incident_id }) => incident_id === id)
      expect(members).toHaveLength(alertCount)
      const firingMembers = members.filter(({ status }) => status === 'firing')
      expect(Object.values(firing).reduce((sum, count) => sum + (count ?? 0), 0)).toBe(firingMembers.length)
    }
  })

  test('who follows the feed misses nothing: numbers become visible in their order', {
    timeout: PATIENCE_MS,
  }, async () => {
    let isOver = false
    const seen: number[] = []
    const start = (await readChanges(database.db, 'default', 0, 1_000_000)).at(-1)?.seq ?? 0
    const reader = (async () => {
      for (let last = false; !last; ) {
        last = isOver
        for (const { seq } of await readChanges(nodes[2]?.db as Db, 'default', seen.at(-1) ?? Number(start), 500))
          seen.push(Number(seq))
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    })()
    await Promise.all(
      [0, 1].map(async (node) => {
        for (let i = 0; i < 100; i++)
          await foldAt(node, [{ source: 'feed', alertname: `A${i % 10}`, fingerprint: `${node}-${i}` }])
      }),
    )
    isOver = true
    await reader
    expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => Number(start) + 1 + i))
  })
})

describe('people at two nodes at the same moment', () => {
  const person = (id: string): Actor => ({
    kind: 'user',
    id,
    name: id,
    via: 'web',
    tenantId: 'default',
    scopes: ['respond'],
  })
  const acknowledge = { action: 'acknowledge', reason: '', expectedVersion: null, assignee: null } as const

  async function openIncidents(source: string, count: number): Promise<readonly string[]> {
    await foldAt(
      0,
      Array.from({ length: count }, (_, i) => ({ source, alertname: `P${i}`, fingerprint: `f${i}` })),
    )
    return (await incidentsOf(source)).map(({ id }) => id)
  }

  test('of two who take one incident one gets it, and the other is told who', { timeout: PATIENCE_MS }, async () => {
    for (const incidentId of await openIncidents('taken', 100)) {
      const answers = await Promise.all(
        ['minji', 'jisu'].map((who, node) =>
          applyAction((nodes[node] as (typeof nodes)[number]).deps, person(who), {
            ...acknowledge,
            incidentId,
            idempotencyKey: null,
          }),
        ),
      )
      expect(answers.map(({ ok }) => ok).sort()).toEqual([false, true])
      const [winner, loser] = answers[0]?.ok ? answers : [...answers].reverse()
      const owner = winner?.ok ? winner.incident.owner : null
      expect(loser).toMatchObject({ ok: false, refusal: 'already-there', lastChange: { by: owner } })
    }
  })

  test('one command that reaches both is done once and answered twice the same', { timeout: PATIENCE_MS }, async () => {
    for (const incidentId of await openIncidents('once', 100)) {
      const note = {
        ...acknowledge,
        action: 'note',
        reason: 'Looking',
        incidentId,
        idempotencyKey: incidentId,
      } as const
      const [first, second] = await Promise.all(
        [0, 1].map((node) => applyAction((nodes[node] as (typeof nodes)[number]).deps, person('minji'), note)),
      )
      expect(first?.ok).toBe(true)
      expect(second).toEqual(first)
      const notes = await database.db
        .selectFrom('timeline_entry')
        .select('id')
        .where('incident_id', '=', incidentId)
        .where('kind', '=', 'note')
        .execute()
      expect(notes).toHaveLength(1)
    }
  })

  test('one declaration that reaches both opens one incident', { timeout: PATIENCE_MS }, async () => {
    for (let round = 0; round < 50; round++) {
      const declaration = {
        title: `D${round}`,
        severity: 'error',
        service: 'api',
        note: '',
        movedTo: null,
        idempotencyKey: `d${round}`,
      } as const
      const [first, second] = await Promise.all(
        [0, 1].map((node) =>
          declareByHand(
            { ...(nodes[node] as (typeof nodes)[number]).deps, environment: 'production' },
            person('minji'),
            declaration,
          ),
        ),
      )
      expect(first?.ok).toBe(true)
      expect(second).toEqual(first)
    }
    const titles = (
      await database.db.selectFrom('incident').select('title').where('title', 'like', 'D%').execute()
    ).map(({ title }) => title)
    expect(titles).toHaveLength(50)
  })

  test('notes of both are told in the order in which they were stored, though one clock is ahead', async () => {
    const [incidentId] = await openIncidents('clocks', 1)
    for (let i = 0; i < 6; i++) {
      const { deps } = nodes[i % 2] as (typeof nodes)[number]
      const ahead = i % 2 === 0 ? 5_000 : 0
      const note = {
        ...acknowledge,
        action: 'note',
        reason: `${i}`,
        incidentId: incidentId as string,
        idempotencyKey: null,
      } as const
      await applyAction({ ...deps, now: () => T + 60_000 + ahead }, person('minji'), note)
    }
    const notes = await database.db
      .selectFrom('timeline_entry')
      .select('reason')
      .where('incident_id', '=', incidentId as string)
      .where('kind', '=', 'note')
      .orderBy('id')
      .execute()
    expect(notes.map(({ reason }) => reason).join('')).toBe('012345')
  })

  test('a fold and a person who move one incident both count', { timeout: PATIENCE_MS }, async () => {
    for (const [i, incidentId] of (await openIncidents('both', 60)).entries()) {
      const { deps } = nodes[1] as (typeof nodes)[number]
      const title = (await incidentsOf('both')).find(({ id }) => id === incidentId)?.title as string
      await Promise.all([
        foldAt(0, [{ source: 'both', alertname: title, fingerprint: `more-${i}` }]),
        applyAction(deps, person('minji'), { ...acknowledge, incidentId, idempotencyKey: null }),
      ])
    }
    const incidents = await incidentsOf('both')
    expect(incidents.map(({ status, version }) => `${status} ${version}`)).toEqual(Array(60).fill('acknowledged 3'))
  })
})
