import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import type { AlertEvent } from '../domain/alert-event.ts'
import { DEFAULT_LIFECYCLE } from '../domain/incident-lifecycle.ts'
import type { ObservedEvent } from '../domain/observed-event.ts'
import { SEVERITIES } from '../domain/severity.ts'
import type { Db } from '../store/database.ts'
import { incidentFromRow } from '../store/incident-row.ts'
import { createNewId } from '../store/new-id.ts'
import { inTransaction } from '../store/transaction.ts'
import { createFold } from './fold-events.ts'
import type { SourcePolicy } from './working-set.ts'

const T = 1_700_000_000_000
let database: TempDatabase
let db: Db
let lastSource = 0

beforeAll(async () => {
  database = await makeTempDatabase()
  db = database.db
})

afterAll(async () => {
  await database.close()
})

const policy: SourcePolicy = {
  correlation: { fields: ['alertname', 'cluster'], windowMs: null, environment: 'production' },
  lifecycle: DEFAULT_LIFECYCLE,
  keepsEveryAlert: false,
}
const newId = createNewId()

function foldWith(over: Partial<SourcePolicy> = {}) {
  return createFold({ newId, policyOf: () => ({ ...policy, ...over }), ordersFor: () => [] })
}

/** A fresh source per case: cases share one database and never meet. */
function newSource(): string {
  return `s${++lastSource}`
}

interface Told {
  readonly fingerprint?: string
  readonly status: 'firing' | 'resolved'
  readonly start?: number
  readonly severity?: AlertEvent['severity']
  readonly alertname?: string
  readonly at?: number
  readonly condition?: AlertEvent['condition']
  readonly ruleId?: string | null
}

function observed(source: string, told: Told, index = 0): ObservedEvent {
  const startsAt = T + (told.start ?? 0)
  const labels = { alertname: told.alertname ?? 'HighCpu', ...(told.condition ? {} : { cluster: 'prod' }) }
  const event: AlertEvent = {
    fingerprint: told.fingerprint ?? 'f1',
    status: told.status,
    title: 'HighCpu',
    severity: told.severity ?? 'warning',
    labels,
    annotations: {},
    startsAtText: new Date(startsAt).toISOString(),
    startsAt,
    endsAt: told.status === 'resolved' ? startsAt + 1000 : null,
    links: {},
    condition: told.condition ?? null,
    clearedBecause: null,
    ruleId: told.ruleId ?? null,
    fields: {},
    raw: '{}',
  }
  return {
    tenantId: 'default',
    source,
    sourceKind: 'alertmanager',
    deliverySeq: index,
    index,
    receivedAt: T + (told.at ?? 5000),
    event,
  }
}

async function foldAll(source: string, tellings: readonly Told[], batchSize: number, fold = foldWith()): Promise<void> {
  const events = tellings.map((told, i) => observed(source, told, i))
  for (let from = 0; from < events.length; from += batchSize)
    await inTransaction(db, (tx) => fold(tx, events.slice(from, from + batchSize)))
}

/** What must not depend on order or batching. Ids and versions are left out: they name rows, not facts. */
async function stateOf(source: string) {
  const rows = await db
    .selectFrom('incident')
    .selectAll()
    .where('source', '=', source)
    .orderBy('opened_at')
    .orderBy('id')
    .execute()
  const incidents = rows
    .map(incidentFromRow)
    .map(({ id: _id, number: _number, version: _version, correlationKey: _key, ...facts }) => facts)
  const alerts = await db
    .selectFrom('alert')
    .select(['fingerprint', 'status', 'starts_at', 'ends_at', 'occurrences', 'severity_rank'])
    .where('source', '=', source)
    .orderBy('fingerprint')
    .orderBy('starts_at')
    .execute()
  return {
    incidents: incidents.map((incident) => ({ ...incident, source: '' })),
    alerts: alerts.map((alert) => ({ ...alert })),
  }
}

const telling = fc.record<Told>({
  fingerprint: fc.constantFrom('f1', 'f2', 'f3'),
  status: fc.constantFrom('firing', 'resolved'),
  start: fc.integer({ min: 0, max: 4 }).map((n) => n * 10_000),
  severity: fc.constantFrom(...SEVERITIES.slice(1)),
  alertname: fc.constantFrom('HighCpu', 'DiskFull'),
})

describe('folding', () => {
  test('a batch ends in the same state as its events one by one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(telling, { minLength: 1, maxLength: 24 }),
        fc.integer({ min: 2, max: 24 }),
        async (tellings, batchSize) => {
          const inOrder = tellings.map((told, i) => ({
            ...told,
            alertname: `${told.alertname}-${told.fingerprint}`,
            at: 5000 + i,
          }))
          const [one, batch] = [newSource(), newSource()]
          await foldAll(one, inOrder, 1)
          await foldAll(batch, inOrder, batchSize)
          expect(await stateOf(batch)).toEqual(await stateOf(one))
        },
      ),
      { numRuns: 150 },
    )
  })

  test('the deliveries of an episode end in the same state in every order and repetition', async () => {
    const episode: Told[] = [{ status: 'firing' }, { status: 'resolved' }]
    const expected = newSource()
    await foldAll(expected, episode, 1)
    await fc.assert(
      fc.asyncProperty(
        fc
          .array(fc.constantFrom(...episode), { minLength: 0, maxLength: 8 })
          .chain((extra) => fc.shuffledSubarray([...episode, ...extra], { minLength: extra.length + 2 })),
        fc.integer({ min: 1, max: 10 }),
        async (tellings, batchSize) => {
          const source = newSource()
          await foldAll(source, tellings, batchSize)
          expect(await stateOf(source)).toEqual(await stateOf(expected))
        },
      ),
      { numRuns: 100 },
    )
  })

  test('the same event a hundred times is one occurrence', async () => {
    const source = newSource()
    await foldAll(
      source,
      Array.from({ length: 100 }, () => ({ status: 'firing' as const })),
      7,
    )
    const { incidents, alerts } = await stateOf(source)
    expect(incidents).toHaveLength(1)
    expect(incidents[0]).toMatchObject({ status: 'active', alertCount: 1, firing: { warning: 1 } })
    expect(alerts).toEqual([expect.objectContaining({ occurrences: 1 })])
  })

  test('a resolve that was never seen firing opens nothing', async () => {
    const source = newSource()
    await foldAll(source, [{ status: 'resolved' }], 1)
    expect(await stateOf(source)).toMatchObject({ incidents: [], alerts: [{ status: 'resolved' }] })
  })

  test('an old firing after its resolve opens no ghost, a newer one reopens', async () => {
    const source = newSource()
    await foldAll(
      source,
      [
        { status: 'firing', start: 10_000 },
        { status: 'resolved', start: 10_000 },
        { status: 'firing', start: 0 },
      ],
      1,
    )
    expect((await stateOf(source)).incidents).toMatchObject([{ status: 'resolved' }])
    await foldAll(source, [{ status: 'firing', start: 30_000 }], 1)
    expect((await stateOf(source)).incidents).toMatchObject([{ status: 'active', reopenCount: 1 }])
  })

  test('after the reopen window a new incident is opened and the old one keeps its alert', async () => {
    const source = newSource()
    const later = DEFAULT_LIFECYCLE.reopenWithinMs + 60_000
    await foldAll(
      source,
      [
        { status: 'firing', at: 1000 },
        { status: 'resolved', at: 2000 },
        { status: 'firing', start: later, at: later + 5000 },
      ],
      1,
    )
    const { incidents, alerts } = await stateOf(source)
    expect(incidents).toMatchObject([
      { status: 'resolved', alertCount: 1 },
      { status: 'active', alertCount: 1, reopenCount: 0 },
    ])
    expect(alerts).toMatchObject([{ status: 'resolved' }, { status: 'firing' }])
  })

  test('NoData of a rule joins the open incident of that rule', async () => {
    const source = newSource()
    await foldAll(
      source,
      [
        { status: 'firing', ruleId: 'r1' },
        { fingerprint: 'nodata', status: 'firing', alertname: 'DatasourceNoData', condition: 'no-data', ruleId: 'r1' },
      ],
      1,
    )
    expect((await stateOf(source)).incidents).toMatchObject([{ alertCount: 2, firing: { warning: 2 } }])
  })

  test('a time window splits what it separates', async () => {
    const source = newSource()
    const fold = foldWith({ correlation: { ...policy.correlation, windowMs: 60_000 } })
    const tellings: Told[] = [
      { fingerprint: 'a', status: 'firing', start: 0 },
      { fingerprint: 'b', status: 'firing', start: 1 },
      { fingerprint: 'c', status: 'firing', start: 600_000 },
    ]
    await foldAll(source, tellings, 3, fold)
    expect((await stateOf(source)).incidents.map(({ alertCount }) => alertCount)).toEqual([2, 1])
  })

  test('a source that keeps every alert has a row for each repetition, with the JSON as received', async () => {
    const source = newSource()
    await foldAll(
      source,
      [{ status: 'firing' }, { status: 'firing' }, { status: 'firing' }],
      2,
      foldWith({ keepsEveryAlert: true }),
    )
    const rows = await db
      .selectFrom('alert_event')
      .select(['observation', 'raw'])
      .where('source', '=', source)
      .orderBy('id')
      .execute()
    expect(rows.map(({ observation }) => observation)).toEqual(['fired', 'repeated', 'repeated'])
    expect(rows.every(({ raw }) => raw === '{}')).toBe(true)
  })
})
