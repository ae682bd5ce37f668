import { afterEach, beforeEach, expect, test } from 'vitest'
import { ScriptedChannel } from '../../test/support/scripted-channel.ts'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import { SendingPace } from './sending-pace.ts'

let database: TempDatabase
const T = Date.parse('2026-01-05T12:00:00Z')
let now = T

beforeEach(async () => {
  database = await makeTempDatabase()
  now = T
})
afterEach(() => database.close())

const paceOf = (db = database.db) => new SendingPace({ db, tenantId: 'default', now: () => now, random: () => 0.5 })
const { channel } = new ScriptedChannel('chat', {
  pace: { perSecond: 1, burst: 5 },
  editPace: { budget: 'workspace', perSecond: 1, burst: 1 },
})

async function takeAll(pace: SendingPace, isUrgent: boolean): Promise<number> {
  let taken = 0
  while ((await pace.takePost(channel, isUrgent)) === 0) taken++
  return taken
}

test('a fifth of the budget is kept for what is urgent', async () => {
  const pace = paceOf()
  expect(await takeAll(pace, false)).toBe(4)
  expect(await takeAll(pace, true)).toBe(1)
})

test('tokens come back with time and never exceed the burst', async () => {
  const pace = paceOf()
  await takeAll(pace, true)
  now += 2_000
  expect(await takeAll(pace, true)).toBe(2)
  now += 3_600_000
  expect(await takeAll(pace, true)).toBe(5)
})

test('the wait that is answered is long enough', async () => {
  const pace = paceOf()
  await takeAll(pace, false)
  const waitMs = await pace.takePost(channel, false)
  now += waitMs
  expect(await pace.takePost(channel, false)).toBe(0)
})

test('nodes draw from one budget', async () => {
  const [here, there] = [paceOf(), paceOf(database.openAnother())]
  expect((await takeAll(here, false)) + (await takeAll(there, false))).toBe(4)
})

test('a budget of one is not kept from everybody', async () => {
  const { channel: slow } = new ScriptedChannel('slow', { pace: { perSecond: 1, burst: 1 } })
  expect(await paceOf().takePost(slow, false)).toBe(0)
})

test('a clock that is set back stops nothing for longer than it flows', async () => {
  const pace = paceOf()
  await takeAll(pace, true)
  now -= 86_400_000
  expect(await pace.takePost(channel, true)).toBeLessThanOrEqual(1_000)
  now += 1_000
  expect(await pace.takePost(channel, true)).toBe(0)
})

test('who has no tokens waits, and only its queue; what is urgent goes on', async () => {
  const pace = paceOf()
  await takeAll(pace, false)
  expect(pace.paused().get('channel:chat')).toMatchObject({ sparesUrgent: true })
  await takeAll(pace, true)
  expect(pace.paused().get('channel:chat')).toMatchObject({ sparesUrgent: false })
})

test('a pause that the receiver asked for binds every node, and edits apart from posts', async () => {
  const [here, there] = [paceOf(), paceOf(database.openAnother())]
  await here.pauseChannel('chat', now + 30_000)
  expect(await there.takePost(channel, true)).toBe(30_000)
  expect(await there.takeEdit(channel, 'a', true)).toBe(0)
  await here.pauseEdits('workspace', now + 10_000)
  expect(await there.takeEdit(channel, 'a', true)).toBeGreaterThanOrEqual(10_000)
  now += 30_000
  expect(await there.takePost(channel, true)).toBe(0)
})

test('the more roots wait to be edited, the longer each waits: from a second to a minute', async () => {
  const pace = paceOf()
  expect(await pace.takeEdit(channel, 'root-0', false)).toBe(0)
  const waits: number[] = []
  for (let i = 1; i <= 200; i++) waits.push(await pace.takeEdit(channel, `root-${i}`, false))
  expect(waits[0]).toBe(1_000)
  expect(waits[19]).toBe(20_000)
  expect(waits.at(-1)).toBe(60_000)
  expect(waits).toEqual(waits.toSorted((a, b) => a - b))
})
