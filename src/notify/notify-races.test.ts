import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NotifyRig } from '../../test/support/notify-rig.ts'
import { ScriptedChannel } from '../../test/support/scripted-channel.ts'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import { releaseExpiredLeases } from '../jobs/release-leases.ts'
import type { Db } from '../store/database.ts'
import { inTransaction } from '../store/transaction.ts'
import type { Channel } from './channel.ts'
import { loadNotification, saveNotification } from './notification-repository.ts'
import { pauseBudget, takeToken } from './rate-budget-repository.ts'
import { newRootsSince } from './storm/new-roots-queries.ts'

const T = Date.parse('2026-01-05T12:00:00Z')
const PATIENCE_MS = 120_000

describe('nodes that speak at the same moment', () => {
  let database: TempDatabase
  beforeEach(async () => {
    database = await makeTempDatabase()
  })
  afterEach(() => database.close())

  test('never overspend a budget, not even its first tokens', { timeout: PATIENCE_MS }, async () => {
    const nodes = [database.db, database.openAnother()]
    for (let round = 0; round < 30; round++) {
      const request = { tenantId: 'default', id: `b${round}`, pace: { perSecond: 1, burst: 5 }, isUrgent: true, now: T }
      const waits = await Promise.all(Array.from({ length: 8 }, (_, i) => takeToken(nodes[i % 2] as Db, request)))
      expect(waits.filter((wait) => wait === 0)).toHaveLength(5)
    }
  })

  test('of two pauses the longer one stays', { timeout: PATIENCE_MS }, async () => {
    const nodes = [database.db, database.openAnother()]
    for (let round = 0; round < 30; round++) {
      const pause = { tenantId: 'default', id: `p${round}`, now: T }
      await Promise.all([30_000, 10_000].map((ms, i) => pauseBudget(nodes[i] as Db, { ...pause, until: T + ms })))
      const pace = { perSecond: 1, burst: 5 }
      expect(await takeToken(database.db, { ...pause, pace, isUrgent: true })).toBe(30_000)
    }
  })

  test('count the new threads of a channel together', async () => {
    const there = database.openAnother()
    for (const [i, db] of [database.db, there, there].entries()) {
      const key = { tenantId: 'default', incidentId: `i${i}`, channelId: 'chat' }
      const rootBegun = { at: T + i, isCritical: i === 2 }
      const begun = { ...(await loadNotification(db, key)), state: 'posting' as const, rootBegun }
      await inTransaction(db, (tx) => saveNotification(tx, begun, { now: T }))
    }
    const place = { tenantId: 'default', channelId: 'chat' }
    expect(await newRootsSince(database.db, place, T - 1)).toEqual({ all: 3, critical: 1 })
    expect(await newRootsSince(there, place, T)).toEqual({ all: 2, critical: 1 })
  })
})

describe('a node that was stopped while it posted', () => {
  let rig: NotifyRig
  afterEach(() => rig.close())

  test('records nothing when it wakes: who has the job by then looks the message up', async () => {
    const chat = new ScriptedChannel('chat')
    rig = await NotifyRig.open([chat])
    const incident = await rig.fire()
    const { send } = chat.channel
    let isFirst = true
    // It is stopped after its request went out, and for longer than its lease; another node has claimed the job when it wakes.
    const stopped: Channel['send'] = async (message, signal) => {
      const outcome = await send(message, signal)
      if (isFirst) {
        isFirst = false
        rig.now += 60_000
        await releaseExpiredLeases(rig.db, rig.now)
        await rig.db
          .updateTable('job')
          .set({ state: 'running', fence: 99, lease_until: rig.now + 1_000 })
          .execute()
      }
      return outcome
    }
    Object.assign(chat.channel, { send: stopped })
    chat.find = { kind: 'found', id: 'm1', threadId: null, place: null }
    await rig.drain()
    expect(await rig.notification(incident, 'chat')).toMatchObject({ state: 'posting', root_id: null })
    await rig.advance(10_000)
    expect(chat.story.filter((line) => line.startsWith('root'))).toHaveLength(1)
    expect(await rig.notification(incident, 'chat')).toMatchObject({ state: 'idle', root_id: 'm1' })
    expect(rig.reports.map(({ outcome }) => outcome)).toContain('adopted')
  })
})
