import { afterEach, expect, test } from 'vitest'
import { NotifyRig } from '../../../test/support/notify-rig.ts'
import { ScriptedChannel, type ScriptedOptions } from '../../../test/support/scripted-channel.ts'
import type { Incident } from '../../domain/incident.ts'

const storm = { newIncidents: 20, perMs: 60_000, quietMs: 120_000 }
const warning = { severity: 'warning', peakSeverity: 'warning', firing: { warning: 1 } } as const

let rig: NotifyRig
afterEach(() => rig.close())

async function open(options: ScriptedOptions = {}): Promise<ScriptedChannel> {
  const chat = new ScriptedChannel('chat', { storm, ...options })
  rig = await NotifyRig.open([chat])
  return chat
}

async function fireMany(count: number, over: Partial<Incident> = warning): Promise<readonly Incident[]> {
  return await rig.fireMany(count, over)
}

test('as many as people can read get threads of their own', async () => {
  const chat = await open()
  await fireMany(20)
  await rig.drain()
  expect(chat.story.filter((line) => line === 'root firing')).toHaveLength(20)
  expect(chat.digests).toEqual([])
})

test('more than that become one message, edited in place, whatever their number', async () => {
  const chat = await open({ pace: { perSecond: 1, burst: 4 } })
  const incidents = await fireMany(1_500)
  await rig.advance(30_000)
  expect(chat.sent.length).toBeLessThanOrEqual(4)
  expect(new Set(chat.calls.map((call) => (call.kind === 'digest' ? call.rootId : null))).size).toBeLessThanOrEqual(2)
  expect(chat.digests.at(-1)).toMatchObject({ isOver: false, total: 1_500 - chat.sent.length })
  for (const incident of incidents.slice(0, 50))
    expect(await rig.notification(incident, 'chat')).toMatchObject({ state: expect.stringMatching(/digested|idle/) })
})

test('a large storm is shown before all of it is taken in, and then completed', async () => {
  const chat = await open()
  await fireMany(3_000)
  await rig.advance(30_000)
  const [first] = chat.digests
  const last = chat.digests.at(-1)
  expect(first?.total).toBeLessThan(2_500)
  expect((last?.total ?? 0) + chat.sent.length).toBe(3_000)
})

test('a storm that comes one by one is seen by its rate', async () => {
  const chat = await open()
  for (let i = 0; i < 40; i++) {
    await rig.fire(warning)
    await rig.advance(500)
  }
  expect(chat.sent).toHaveLength(20)
  expect(chat.digests.at(-1)?.total).toBeGreaterThan(10)
})

test('few critical incidents keep threads of their own in the middle of a storm, ahead of it', async () => {
  const chat = await open({ pace: { perSecond: 1, burst: 4 } })
  await fireMany(300)
  const critical = await rig.fire({ severity: 'critical' })
  await rig.advance(3_000)
  expect(chat.sent.map(({ incident }) => incident.id)).toContain(critical.id)
})

test('many critical incidents are a storm too', async () => {
  const chat = await open()
  await fireMany(200, {})
  await rig.advance(10_000)
  expect(chat.sent.length).toBeLessThanOrEqual(10)
  expect((chat.digests.at(-1)?.total ?? 0) + chat.sent.length).toBe(200)
})

test('the digest counts by severity and service and lists the most severe', async () => {
  const chat = await open()
  await fireMany(30, { ...warning, service: 'web' })
  await fireMany(15, { severity: 'error', firing: { error: 1 }, service: 'db' })
  await rig.advance(10_000)
  const digest = chat.digests.at(-1)
  expect(digest?.bySeverity.map(({ severity }) => severity)).toEqual(['error', 'warning'])
  expect(digest?.byService.map(({ service }) => service).sort()).toEqual(['db', 'web'])
  expect(digest?.bySeverity.reduce((sum, { total }) => sum + total, 0)).toBe(digest?.total)
  expect(digest?.top[0]?.severity).toBe('error')
})

test('it follows what resolves, ends by itself after quiet, and gives the worst that is left threads', async () => {
  const chat = await open()
  const incidents = await fireMany(60)
  await rig.advance(10_000)
  const digested = incidents.filter(({ id }) => !chat.sent.some(({ incident }) => incident.id === id))
  for (const incident of digested.slice(0, digested.length - 25)) await rig.resolve(incident)
  await rig.advance(20_000)
  expect(chat.digests.at(-1)).toMatchObject({ open: 25, isOver: false })
  const before = chat.sent.length
  await rig.advance(140_000)
  expect(chat.digests.filter(({ isOver }) => isOver)).toHaveLength(1)
  expect(chat.sent.slice(before).map(({ purpose }) => purpose)).toEqual(Array(20).fill('firing'))
  for (const incident of digested.slice(-25)) await rig.resolve(incident)
  await rig.advance(20_000)
  expect(chat.digests.at(-1)).toMatchObject({ isOver: true, open: 0, total: digested.length })
  expect(await rig.jobs()).toEqual([])
})

test('whoever takes an incident out of a storm gets a thread for it', async () => {
  const chat = await open()
  const incidents = await fireMany(60)
  await rig.advance(10_000)
  const told = new Set(chat.sent.map(({ incident }) => incident.id))
  const one = incidents.find(({ id }) => !told.has(id)) as Incident
  await rig.change(one, { status: 'acknowledged', acknowledgedAt: rig.now, owner: { id: 'm', name: 'Minji' } })
  await rig.advance(3_000)
  expect(chat.sent.at(-1)).toMatchObject({ purpose: 'firing', incident: { id: one.id, status: 'acknowledged' } })
})

test('a digest whose answer was lost is found again, not posted twice', async () => {
  const chat = await open()
  chat.sends.push({ kind: 'ambiguous', detail: 'reset' })
  chat.find = { kind: 'found', id: 'm77', place: null, threadId: null }
  await fireMany(60)
  await rig.advance(20_000)
  const posted = chat.calls.filter((call) => call.kind === 'digest' && call.rootId === null)
  expect(posted.length).toBeLessThanOrEqual(1)
})

test('a digest that somebody deleted is posted anew', async () => {
  const chat = await open()
  await fireMany(60)
  await rig.advance(10_000)
  chat.edits.push({ kind: 'root-lost', detail: 'message_not_found' })
  await fireMany(5)
  await rig.advance(15_000)
  const posted = chat.calls.filter((call) => call.kind === 'digest' && call.rootId === null)
  expect(posted).toHaveLength(2)
})

test('after a two-hour outage in a storm only current states are told', async () => {
  const chat = await open()
  chat.refusal = { kind: 'retry', reason: 'server-error', detail: 'HTTP 503', afterMs: null, pause: 'account' }
  const incidents = await fireMany(300)
  await rig.advance(3_600_000, 60_000)
  for (const incident of incidents.slice(0, 290)) await rig.resolve(incident)
  await rig.advance(3_600_000, 60_000)
  chat.refusal = null
  chat.calls.length = 0
  await rig.advance(8 * 60_000)
  expect(chat.digests.at(-1)).toMatchObject({ isOver: true })
  expect(chat.calls.length).toBeLessThan(60)
  expect(chat.sent.filter(({ purpose }) => purpose !== 'firing' && purpose !== 'resolved')).toEqual([])
  const shown = chat.sent.map(({ incident }) => incident.id)
  for (const incident of incidents.slice(290)) expect(shown).toContain(incident.id)
})

test('a channel that cannot show a digest tells every incident by itself', async () => {
  const chat = await open({ canEdit: false })
  await fireMany(50)
  await rig.drain()
  expect(chat.sent).toHaveLength(50)
})
