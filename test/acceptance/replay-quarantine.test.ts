import { afterEach, expect, test } from 'vitest'
import { foldOf } from '../../src/app/build-fold.ts'
import { createRouting } from '../../src/app/create-routing.ts'
import { adapterOfKind } from '../../src/app/registries.ts'
import { type Actor, systemActor } from '../../src/domain/actor.ts'
import { DEFAULT_LIFECYCLE } from '../../src/domain/incident-lifecycle.ts'
import { ScopeMissingError } from '../../src/domain/require-scope.ts'
import { findQuarantined, listQuarantine } from '../../src/intake/quarantine-queries.ts'
import { type ReplayDeps, replayOpenQuarantine, replayQuarantined } from '../../src/intake/replay-quarantine.ts'
import { createSourceRegistry } from '../../src/intake/source-registry.ts'
import type { SourceAdapter } from '../../src/intake/sources/source-adapter.ts'
import { createNewId } from '../../src/store/new-id.ts'
import { InProcessNunchi } from '../support/in-process-nunchi.ts'
import { routingDataTo } from '../support/routing-data.ts'

const alertmanager = adapterOfKind('alertmanager') as SourceAdapter
const admin = systemActor('default')
const reader: Actor = { ...admin, scopes: ['read'] }

const opened: InProcessNunchi[] = []
afterEach(async () => {
  for (const nunchi of opened.splice(0)) await nunchi.stop()
})

async function start(): Promise<InProcessNunchi> {
  const nunchi = await InProcessNunchi.start()
  opened.push(nunchi)
  return nunchi
}

/** The deps of a replay in which `adapter` is what the program has today. */
function depsOf(nunchi: InProcessNunchi, adapter: SourceAdapter = alertmanager): ReplayDeps {
  const policy = {
    correlation: { fields: alertmanager.correlationDefaults, windowMs: null, environment: 'production' },
    lifecycle: DEFAULT_LIFECYCLE,
    keepsEveryAlert: false,
  }
  const newId = createNewId()
  const sources = [{ name: 'alertmanager', kind: 'alertmanager', policy, settings: {} }]
  const { fold } = foldOf({ sources }, createRouting(routingDataTo(['preview'])), newId)
  const source = { tenantId: 'default', name: 'alertmanager', kind: 'alertmanager', tokenHash: null, settings: {} }
  return {
    db: nunchi.db,
    log: nunchi.log,
    sources: createSourceRegistry([{ ...source, adapter: adapter as never }]),
    fold,
    newId,
    now: () => nunchi.now,
  }
}

function alert(alertname: string): { status: string; labels: Record<string, unknown>; startsAt: string } {
  return { status: 'firing', labels: { alertname, severity: 'critical' }, startsAt: '2026-01-05T11:59:00Z' }
}

/** An alert whose label is an object, which is refused until an adapter takes `_` away. */
function poisoned(alertname: string): object {
  return { ...alert(alertname), labels: { alertname, severity: 'critical', extra: { nested: true } } }
}

/** Today's adapter reads what the one of the test's past did not: bodies in which the poison is replaced before reading. */
const newerAdapter: SourceAdapter = {
  ...alertmanager,
  open: (body, settings) => {
    const text = Buffer.from(body.bytes)
      .toString()
      .replaceAll('{"nested":true}', '"flat"')
      .replace(/^garbage /, '')
    return alertmanager.open({ ...body, bytes: Buffer.from(text) }, settings)
  },
}

async function quarantined(nunchi: InProcessNunchi, state: 'open' | 'replayed' | 'all' = 'open') {
  return (await listQuarantine(nunchi.db, reader, { state, source: null, cursor: null, limit: 100 })).items
}

async function titles(nunchi: InProcessNunchi): Promise<readonly string[]> {
  const rows = await nunchi.db.selectFrom('incident').select('title').orderBy('title').execute()
  return rows.map(({ title }) => title)
}

async function ledger(nunchi: InProcessNunchi) {
  const row = await nunchi.db
    .selectFrom('source_ledger')
    .selectAll()
    .where('source', '=', 'alertmanager')
    .executeTakeFirstOrThrow()
  expect(row.events_read).toBe(row.events_linked + row.events_suppressed + row.events_quarantined)
  return {
    read: row.events_read,
    linked: row.events_linked,
    suppressed: row.events_suppressed,
    quarantined: row.events_quarantined,
  }
}

test('one alert is replayed alone, as if it had been read when it was received', async () => {
  const nunchi = await start()
  await nunchi.tell({ status: 'firing', alerts: [alert('A'), poisoned('B'), poisoned('C')] })
  const receivedAt = nunchi.now
  expect(await titles(nunchi)).toEqual(['A'])
  const [second, first] = await quarantined(nunchi)
  expect([first?.alertIndex, second?.alertIndex]).toEqual([1, 2])
  nunchi.now += 3_600_000
  const deps = depsOf(nunchi, newerAdapter)
  expect(await replayQuarantined(deps, admin, first?.id ?? '')).toEqual({ kind: 'replayed', events: 1, quarantined: 0 })
  await nunchi.drain()
  expect(await titles(nunchi)).toEqual(['A', 'B'])
  expect(await ledger(nunchi)).toEqual({ read: 3, linked: 2, suppressed: 0, quarantined: 1 })
  const incident = await nunchi.db
    .selectFrom('incident')
    .select('opened_at')
    .where('title', '=', 'B')
    .executeTakeFirstOrThrow()
  expect(incident.opened_at).toBe(receivedAt)
  expect(await quarantined(nunchi)).toHaveLength(1)
  expect((await findQuarantined(nunchi.db, reader, first?.id ?? ''))?.replayedAt).toBe(nunchi.now)
  await nunchi.assertInvariants()
})

test('a whole delivery is replayed; what cannot be read even today is in quarantine anew', async () => {
  const nunchi = await start()
  await nunchi.tell(
    `garbage ${JSON.stringify({ status: 'firing', alerts: [alert('A'), { ...alert('B'), labels: { x: [] } }, alert('C')] })}`,
  )
  const [whole] = await quarantined(nunchi)
  expect(whole).toMatchObject({ alertIndex: null, path: '' })
  expect(await replayQuarantined(depsOf(nunchi, newerAdapter), admin, whole?.id ?? '')).toEqual({
    kind: 'replayed',
    events: 2,
    quarantined: 1,
  })
  await nunchi.drain()
  expect(await titles(nunchi)).toEqual(['A', 'C'])
  expect(await quarantined(nunchi)).toMatchObject([{ alertIndex: 1, deliverySeq: whole?.deliverySeq }])
  expect(await ledger(nunchi)).toEqual({ read: 3, linked: 2, suppressed: 0, quarantined: 1 })
  await nunchi.assertInvariants()
})

test('replaying twice, even at once, does it once', async () => {
  const nunchi = await start()
  await nunchi.tell({ status: 'firing', alerts: [poisoned('A')] })
  const [row] = await quarantined(nunchi)
  const deps = depsOf(nunchi, newerAdapter)
  const outcomes = await Promise.all([1, 2, 3].map(() => replayQuarantined(deps, admin, row?.id ?? '')))
  expect(outcomes.map((outcome) => outcome?.kind).sort()).toEqual(['already-replayed', 'already-replayed', 'replayed'])
  expect(await replayQuarantined(deps, admin, row?.id ?? '')).toEqual({ kind: 'already-replayed' })
  expect(await ledger(nunchi)).toEqual({ read: 1, linked: 1, suppressed: 0, quarantined: 0 })
  const audit = await nunchi.db.selectFrom('audit_entry').select(['action', 'subject']).execute()
  expect(audit.map(({ action, subject }) => ({ action, subject }))).toEqual([
    { action: 'quarantine.replay', subject: row?.id },
  ])
})

test('what today’s adapter cannot read either stays open, with today’s reason', async () => {
  const nunchi = await start()
  await nunchi.tell('no JSON at all')
  await nunchi.tell({ status: 'firing', alerts: [poisoned('A')] })
  for (const row of await quarantined(nunchi)) {
    expect(await replayQuarantined(depsOf(nunchi), admin, row.id)).toMatchObject({
      kind: 'refused',
      refusal: 'still-unreadable',
      detail: row.reason,
    })
  }
  expect(await quarantined(nunchi)).toHaveLength(2)
  expect(await ledger(nunchi)).toEqual({ read: 2, linked: 0, suppressed: 0, quarantined: 2 })
})

test('a body that retention has removed, or that was never kept whole, is refused with the reason', async () => {
  const nunchi = await start()
  await nunchi.tell('no JSON at all')
  await nunchi.log.append({
    tenantId: 'default',
    source: 'alertmanager',
    sourceKind: 'alertmanager',
    receivedAt: nunchi.now,
    requestId: 'r',
    contentType: 'application/json',
    bytesCut: 100,
    body: new Uint8Array(Buffer.from('{"alerts":[')),
    partitionKey: 'alertmanager',
  })
  await nunchi.drain()
  const [cut, gone] = await quarantined(nunchi)
  const firstKept = cut?.deliverySeq ?? 0
  const keepFrom = new Map([[nunchi.log.partitionOf(firstKept), firstKept]])
  await nunchi.log.trim({ receivedBefore: nunchi.now + 1, mostBytes: 1e12, keepFrom })
  const deps = depsOf(nunchi, newerAdapter)
  expect(await replayQuarantined(deps, admin, gone?.id ?? '')).toMatchObject({ kind: 'refused', refusal: 'body-gone' })
  expect(await replayQuarantined(deps, admin, cut?.id ?? '')).toMatchObject({ kind: 'refused', refusal: 'body-cut' })
  expect(await replayQuarantined(deps, admin, 'nobody')).toBeNull()
})

test('a delivery too large for one transaction goes back to the consumer, which folds it in slices', async () => {
  const nunchi = await start()
  const alerts = Array.from({ length: 2500 }, (_, i) => alert(`A${i}`))
  await nunchi.tell(`garbage ${JSON.stringify({ status: 'firing', alerts })}`)
  const [whole] = await quarantined(nunchi)
  // The consumer of this test still has the old adapter: the delivery comes back into quarantine instead of being lost.
  expect(await replayQuarantined(depsOf(nunchi, newerAdapter), admin, whole?.id ?? '')).toEqual({ kind: 'deferred' })
  expect(await ledger(nunchi)).toEqual({ read: 0, linked: 0, suppressed: 0, quarantined: 0 })
  await nunchi.drain()
  expect(await quarantined(nunchi)).toMatchObject([{ alertIndex: null, deliverySeq: whole?.deliverySeq }])
  expect(await ledger(nunchi)).toEqual({ read: 1, linked: 0, suppressed: 0, quarantined: 1 })
  await nunchi.assertInvariants()
})

test('everything open is replayed oldest first, and the next call goes on behind it', async () => {
  const nunchi = await start()
  await nunchi.tell('no JSON at all')
  await nunchi.tell({ status: 'firing', alerts: [poisoned('A'), poisoned('B')] })
  await nunchi.tell({ status: 'firing', alerts: [poisoned('C')] })
  const deps = depsOf(nunchi, newerAdapter)
  const first = await replayOpenQuarantine(deps, admin, { source: 'alertmanager', limit: 2, after: null })
  expect(first.map(({ outcome }) => outcome.kind)).toEqual(['refused', 'replayed'])
  const rest = await replayOpenQuarantine(deps, admin, { source: null, limit: 10, after: first.at(-1)?.id ?? null })
  expect(rest.map(({ outcome }) => outcome.kind)).toEqual(['replayed', 'replayed'])
  expect(await replayOpenQuarantine(deps, admin, { source: 'grafana', limit: 10, after: null })).toEqual([])
  await nunchi.drain()
  expect(await titles(nunchi)).toEqual(['A', 'B', 'C'])
  expect(await quarantined(nunchi)).toHaveLength(1)
  expect(await quarantined(nunchi, 'replayed')).toHaveLength(3)
  expect(await quarantined(nunchi, 'all')).toHaveLength(4)
  await nunchi.assertInvariants()
})

test('lists page from the newest to the oldest; looking needs read, replaying needs respond', async () => {
  const nunchi = await start()
  const told: number[] = []
  for (let i = 0; i < 5; i++) told.push(await nunchi.tell(`no JSON ${i}`))
  const seqs: number[] = []
  for (let cursor: string | null = null; ; ) {
    const page = await listQuarantine(nunchi.db, reader, { state: 'open', source: null, cursor, limit: 2 })
    seqs.push(...page.items.map(({ deliverySeq }) => deliverySeq))
    if (page.nextCursor === null) break
    cursor = page.nextCursor
  }
  expect(seqs).toEqual(told.toReversed())
  const row = (await quarantined(nunchi))[0]
  expect((await findQuarantined(nunchi.db, reader, row?.id ?? ''))?.raw).toBe('no JSON 4')
  await expect(replayQuarantined(depsOf(nunchi), reader, row?.id ?? '')).rejects.toThrow(ScopeMissingError)
  await expect(
    listQuarantine(
      nunchi.db,
      { ...admin, scopes: ['ingest'] },
      { state: 'open', source: null, cursor: null, limit: 2 },
    ),
  ).rejects.toThrow(ScopeMissingError)
  expect(
    (
      await listQuarantine(
        nunchi.db,
        { ...admin, tenantId: 'other' },
        { state: 'all', source: null, cursor: null, limit: 2 },
      )
    ).items,
  ).toEqual([])
})
