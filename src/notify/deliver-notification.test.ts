import { afterEach, describe, expect, test } from 'vitest'
import { NotifyRig } from '../../test/support/notify-rig.ts'
import { ScriptedChannel, type ScriptedOptions } from '../../test/support/scripted-channel.ts'
import { UNTIL_RESOLVED } from '../domain/incident.ts'
import type { SendOutcome } from './channel.ts'

const minji = { id: 'minji', name: 'Minji' }
const archived: SendOutcome = { kind: 'rejected', reason: 'channel-archived', detail: 'Channel C1 is archived.' }
const down: SendOutcome = { kind: 'retry', reason: 'server-error', detail: 'HTTP 503', afterMs: null, pause: 'account' }

let rig: NotifyRig
afterEach(() => rig.close())

async function open(options: ScriptedOptions = {}): Promise<ScriptedChannel> {
  const chat = new ScriptedChannel('chat', { ownDoor: 'chat', ...options })
  rig = await NotifyRig.open([chat])
  return chat
}

describe('the life of an incident', () => {
  test('who takes it in the channel is shown by the root alone: four calls from fire to resolve', async () => {
    const chat = await open()
    const fired = await rig.fire()
    await rig.drain()
    await rig.timeline(fired, 'acknowledged', { reason: '', by: 'Minji', via: 'chat' })
    const taken = await rig.change(fired, { status: 'acknowledged', acknowledgedAt: rig.now, owner: minji })
    await rig.drain()
    await rig.resolve(taken)
    await rig.drain()
    expect(chat.story).toEqual(['root firing', 'edit acknowledged', 'reply resolved', 'edit resolved'])
    expect(await rig.jobs()).toEqual([])
  })

  test('who takes it elsewhere is told as a reply too', async () => {
    const chat = await open()
    const fired = await rig.fire()
    await rig.drain()
    await rig.timeline(fired, 'acknowledged', { reason: '', by: 'Minji', via: 'api' })
    await rig.change(fired, { status: 'acknowledged', acknowledgedAt: rig.now, owner: minji })
    await rig.drain()
    expect(chat.story).toEqual(['root firing', 'reply acknowledged', 'edit acknowledged'])
  })

  test('a channel without edits gets the news only', async () => {
    const chat = await open({ canEdit: false })
    const fired = await rig.fire()
    await rig.drain()
    const grown = await rig.change(fired, { alertCount: 5, firing: { critical: 5 } }, { kind: 'refresh' })
    await rig.advance(3_000)
    await rig.resolve(grown)
    await rig.drain()
    expect(chat.story).toEqual(['root firing', 'reply resolved'])
  })

  test('a severity that rises is told with what it was; one that falls is shown, and told when it rises again', async () => {
    const chat = await open()
    const fired = await rig.fire({ severity: 'warning', firing: { warning: 1 } })
    await rig.drain()
    const raised = await rig.change(fired, { severity: 'critical' })
    await rig.drain()
    expect(chat.sent.at(-1)).toMatchObject({ purpose: 'severity-raised', raisedFrom: 'warning' })
    const lowered = await rig.change(raised, { severity: 'warning' }, { kind: 'refresh' })
    await rig.advance(2_000)
    await rig.change(lowered, { severity: 'error' })
    await rig.drain()
    expect(chat.sent.at(-1)).toMatchObject({ purpose: 'severity-raised', raisedFrom: 'warning' })
    expect(chat.story.filter((line) => line.startsWith('edit'))).toHaveLength(3)
  })

  test('notes that came together are told together, once', async () => {
    const chat = await open()
    const fired = await rig.fire()
    await rig.drain()
    await rig.timeline(fired, 'note', { reason: 'Rolling back', by: 'Minji', via: 'api' })
    await rig.timeline(fired, 'note', { reason: 'Rolled back', by: 'Jisu', via: 'api' })
    const noted = await rig.change(fired, {})
    await rig.drain()
    expect(chat.sent.at(-1)?.notes.map(({ by, text }) => `${by}: ${text}`)).toEqual([
      'Minji: Rolling back',
      'Jisu: Rolled back',
    ])
    await rig.change(noted, { alertCount: 2 })
    await rig.drain()
    expect(chat.story).toEqual(['root firing', 'reply note', 'edit active'])
  })

  test('a note and the end are both told, the note first', async () => {
    const chat = await open()
    const fired = await rig.fire()
    await rig.drain()
    await rig.timeline(fired, 'note', { reason: 'Rolled back', by: 'Minji', via: 'api' })
    await rig.resolve(fired)
    await rig.drain()
    expect(chat.story).toEqual(['root firing', 'reply note', 'reply resolved', 'edit resolved'])
  })

  test('a message that is sent again has its first id, whatever kept it from being shown; the next news has another', async () => {
    const chat = await open()
    chat.sends.push(down, { kind: 'ambiguous', detail: 'reset' })
    const fired = await rig.fire()
    await rig.advance(10 * 60_000, 1_000)
    expect(chat.story).toEqual(['root firing', 'root firing', 'root firing'])
    await rig.timeline(fired, 'note', { reason: 'One', by: 'Minji', via: 'api' })
    const noted = await rig.change(fired, {})
    await rig.drain()
    await rig.resolve(noted)
    await rig.drain()
    const ids = chat.sent.map(({ deliveryId }) => deliveryId)
    expect(new Set(ids.slice(0, 3)).size).toBe(1)
    expect(new Set(ids.slice(2)).size).toBe(3)
  })

  test('a note that is written while another could not be told makes the message another one', async () => {
    const chat = await open()
    const fired = await rig.fire()
    await rig.drain()
    chat.sends.push(down)
    await rig.timeline(fired, 'note', { reason: 'One', by: 'Minji', via: 'api' })
    const noted = await rig.change(fired, {})
    await rig.drain()
    await rig.timeline(noted, 'note', { reason: 'Two', by: 'Minji', via: 'api' })
    await rig.advance(5 * 60_000, 1_000)
    const [first, second] = chat.sent.slice(1)
    expect([first?.notes.length, second?.notes.length]).toEqual([1, 2])
    expect(second?.deliveryId).not.toBe(first?.deliveryId)
  })

  test('what happened and was undone while the channel was down is never told', async () => {
    const chat = await open()
    const fired = await rig.fire()
    await rig.drain()
    chat.refusal = down
    const over = await rig.resolve(fired)
    await rig.drain()
    await rig.change(over, { status: 'active', resolvedAt: null, firing: { critical: 1 } })
    chat.refusal = null
    chat.calls.length = 0
    await rig.advance(30_000)
    expect(chat.story).toEqual([])
    expect(await rig.jobs()).toEqual([])
  })
})

describe('edits', () => {
  test('growing counts are shown by few edits, the last of them true', async () => {
    const chat = await open({ editPace: { budget: 'b', perSecond: 0.1, burst: 1 } })
    let incident = await rig.fire({ severity: 'warning' })
    await rig.drain()
    for (let count = 2; count <= 40; count++) {
      incident = await rig.change(incident, { alertCount: count, firing: { warning: count } }, { kind: 'refresh' })
      await rig.advance(1_000)
    }
    await rig.advance(60_000)
    const edits = chat.calls.filter(({ kind }) => kind === 'edit')
    expect(edits.length).toBeLessThanOrEqual(6)
    expect(edits.at(-1)).toMatchObject({ message: { incident: { alertCount: 40 } } })
    expect(await rig.jobs()).toEqual([])
  })

  test('an exhausted edit budget holds up no new message', async () => {
    const chat = await open({ editPace: { budget: 'b', perSecond: 0.001, burst: 1 } })
    const first = await rig.fire({ severity: 'warning' })
    await rig.drain()
    const grown = await rig.change(first, { alertCount: 2 }, { kind: 'refresh' })
    await rig.advance(2_000)
    await rig.change(grown, { alertCount: 3 }, { kind: 'refresh' })
    await rig.advance(2_000)
    await rig.fire({ severity: 'warning' })
    await rig.drain()
    expect(chat.story).toEqual(['root firing', 'edit active', 'root firing'])
  })

  test('a budget of edits is shared by the channels of an account', async () => {
    const editPace = { budget: 'workspace', perSecond: 0.001, burst: 1 }
    const [a, b] = [new ScriptedChannel('a', { editPace }), new ScriptedChannel('b', { editPace })]
    rig = await NotifyRig.open([a, b])
    const fired = await rig.fire({ severity: 'warning' })
    await rig.drain()
    await rig.change(fired, { alertCount: 2 }, { kind: 'refresh' })
    await rig.advance(2_000)
    expect([...a.story, ...b.story].filter((line) => line === 'edit active')).toHaveLength(1)
  })

  test('a root that is gone is posted anew once, and leads to the one before', async () => {
    const chat = await open()
    const fired = await rig.fire()
    await rig.drain()
    chat.edits.push({ kind: 'root-lost', detail: 'message_not_found' })
    await rig.change(fired, { alertCount: 2 })
    await rig.drain()
    expect(chat.story).toEqual(['root firing', 'edit active', 'root firing'])
    expect(chat.sent.at(-1)?.previousRoot).toBe('https://chat.example/m1')
    expect(await rig.notification(fired, 'chat')).toMatchObject({ generation: 2, root_id: 'm2' })
  })

  test('a root that cannot be changed after the end stays as it is', async () => {
    const chat = await open()
    const fired = await rig.fire()
    await rig.drain()
    chat.edits.push({ kind: 'root-lost', detail: 'edit_window_closed' })
    await rig.resolve(fired)
    await rig.drain()
    expect(chat.story).toEqual(['root firing', 'reply resolved', 'edit resolved'])
    expect(await rig.jobs()).toEqual([])
  })

  test('an edit whose answer was lost is simply made again', async () => {
    const chat = await open()
    const fired = await rig.fire()
    await rig.drain()
    chat.edits.push({ kind: 'retry', reason: 'unreachable', detail: 'reset', afterMs: null, pause: 'message' })
    await rig.change(fired, { alertCount: 2 })
    await rig.advance(5_000)
    expect(chat.story).toEqual(['root firing', 'edit active', 'edit active'])
  })
})

describe('a channel that cannot be told', () => {
  test('is stood in for by the default channel, and told itself once it is repaired', async () => {
    const [chat, spare] = [new ScriptedChannel('chat'), new ScriptedChannel('spare')]
    rig = await NotifyRig.open([chat], [spare])
    rig.rules = { ...rig.rules, defaultChannelId: 'spare' }
    chat.refusal = archived
    const incidents = [await rig.fire(), await rig.fire(), await rig.fire()]
    await rig.drain()
    expect(spare.story).toEqual(['root firing', 'root firing', 'root firing'])
    expect(chat.calls).toHaveLength(1)
    expect(await rig.notification(incidents[0] as never, 'chat')).toMatchObject({
      state: 'blocked',
      blocked_reason: 'Channel C1 is archived.',
    })
    chat.refusal = null
    await rig.advance(62_000)
    expect(chat.story.filter((line) => line === 'root firing')).toHaveLength(4)
    for (const incident of incidents)
      expect(await rig.notification(incident, 'chat')).toMatchObject({ state: 'idle', blocked_reason: null })
  })

  test('without a default channel is asked by one message a minute', async () => {
    const chat = await open()
    chat.refusal = archived
    for (let i = 0; i < 20; i++) await rig.fire()
    await rig.advance(5 * 60_000 + 1_000)
    expect(chat.calls.length).toBeLessThanOrEqual(7)
    chat.refusal = null
    await rig.advance(62_000)
    expect(new Set(chat.sent.slice(-20).map(({ incident }) => incident.id)).size).toBe(20)
  })

  test('for ten minutes is stood in for, though nobody has to repair anything', async () => {
    const [chat, spare] = [new ScriptedChannel('chat'), new ScriptedChannel('spare')]
    rig = await NotifyRig.open([chat], [spare])
    rig.rules = { ...rig.rules, defaultChannelId: 'spare' }
    chat.refusal = down
    await rig.fire()
    await rig.advance(9 * 60_000)
    expect(spare.story).toEqual([])
    await rig.advance(8 * 60_000)
    expect(spare.story).toEqual(['root firing'])
    chat.refusal = null
    await rig.advance(16 * 60_000)
    expect(chat.story.at(-1)).toBe('root firing')
  })

  test('is followed by its stand-in: what the stand-in showed becomes true there too', async () => {
    const [chat, spare] = [new ScriptedChannel('chat'), new ScriptedChannel('spare')]
    rig = await NotifyRig.open([chat], [spare])
    rig.rules = { ...rig.rules, defaultChannelId: 'spare' }
    chat.refusal = archived
    const fired = await rig.fire()
    await rig.drain()
    chat.refusal = null
    await rig.advance(62_000)
    await rig.resolve(fired)
    await rig.advance(5_000)
    expect(chat.story.slice(-3)).toEqual(['root firing', 'reply resolved', 'edit resolved'])
    expect(spare.story).toEqual(['root firing', 'reply resolved', 'edit resolved'])
  })
})

describe('what is held back', () => {
  test('a silenced incident is edited and not told of, until it resolves', async () => {
    const chat = await open()
    const fired = await rig.fire({ severity: 'warning', firing: { warning: 1 } })
    await rig.drain()
    const silenced = await rig.change(fired, { silencedUntil: UNTIL_RESOLVED })
    await rig.drain()
    const worse = await rig.change(silenced, { severity: 'critical' })
    await rig.drain()
    expect(chat.story).toEqual(['root firing', 'edit active', 'edit active'])
    await rig.change(worse, { status: 'resolved', resolvedAt: rig.now, silencedUntil: null })
    await rig.drain()
    expect(chat.story.slice(3)).toEqual(['reply resolved', 'edit resolved'])
  })

  test('when a silence ends, what it held back is told as it is then', async () => {
    const chat = await open()
    const fired = await rig.fire({ severity: 'warning', silencedUntil: null })
    await rig.drain()
    const silenced = await rig.change(fired, { silencedUntil: rig.now + 3_600_000, severity: 'error' })
    await rig.drain()
    await rig.advance(3_600_000, 60_000)
    await rig.change(silenced, { silencedUntil: null, severity: 'critical' })
    await rig.drain()
    expect(chat.sent.map(({ purpose }) => purpose)).toEqual(['firing', 'severity-raised'])
    expect(chat.sent.at(-1)).toMatchObject({ raisedFrom: 'warning', incident: { severity: 'critical' } })
  })

  test('quiet hours hold news until they end, and then one message tells the current state', async () => {
    const chat = await open()
    const morning = rig.now + 8 * 3_600_000
    rig.rules = { ...rig.rules, quietUntil: (_incident, _channel, now) => (now < morning ? morning : null) }
    const fired = await rig.fire()
    await rig.drain()
    await rig.change(fired, { alertCount: 7 })
    await rig.drain()
    expect(chat.story).toEqual([])
    await rig.advance(8 * 3_600_000 + 1_000, 60_000)
    expect(chat.story).toEqual(['root firing'])
    expect(chat.sent[0]?.incident.alertCount).toBe(7)
  })

  test('an incident that was moved stays true where it was, and is told where it went', async () => {
    const [chat, other] = [new ScriptedChannel('chat'), new ScriptedChannel('other')]
    rig = await NotifyRig.open([chat, other])
    const fired = await rig.fire({ movedTo: 'other' })
    await rig.drain()
    expect(chat.story).toEqual([])
    expect(other.story).toEqual(['root firing'])
    const back = await rig.change(fired, { movedTo: null })
    await rig.drain()
    const moved = await rig.change(back, { movedTo: 'other' })
    await rig.drain()
    await rig.resolve(moved)
    await rig.drain()
    expect(chat.story).toEqual(['root firing', 'edit resolved'])
    expect(other.story).toEqual(['root firing', 'reply resolved', 'edit resolved'])
  })
})

describe('the id of a message', () => {
  test('is the same when the same is told again, and another when something else is', async () => {
    const chat = await open()
    const fired = await rig.fire()
    chat.sends.push(down, { kind: 'ambiguous', detail: 'reset' }, down)
    await rig.advance(20_000)
    expect(chat.sent).toHaveLength(4)
    expect(new Set(chat.sent.map(({ deliveryId }) => deliveryId)).size).toBe(1)
    chat.sends.push(down)
    const noted = await rig.change(fired, { severity: 'critical', status: 'resolved', resolvedAt: rig.now })
    await rig.drain()
    await rig.change(noted, { alertCount: 4 })
    await rig.advance(20_000)
    const [first, second] = chat.sent.slice(4)
    expect(first?.purpose).toBe('resolved')
    expect(second?.deliveryId).not.toBe(first?.deliveryId)
  })
})
