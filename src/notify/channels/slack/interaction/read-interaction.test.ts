import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCommandPayload, readEvent, readInteractive } from './read-interaction.ts'

const click = {
  type: 'block_actions',
  team: { id: 'T1' },
  user: { id: 'U1' },
  api_app_id: 'A1',
  trigger_id: 't',
  channel: { id: 'C1' },
  message: { ts: '1.0', thread_ts: '0.5' },
  response_url: 'https://hooks.slack.com/x',
  actions: [{ action_id: 'nunchi:acknowledge', block_id: 'nunchi:incident:01ABC', value: 'other', action_ts: '2.0' }],
}
const event = (over: object) => ({
  type: 'event_callback',
  event_id: 'E1',
  team_id: 'T1',
  api_app_id: 'A1',
  event: {
    type: 'message',
    user: 'U1',
    channel: 'C1',
    ts: '2.0',
    thread_ts: '1.0',
    text: ':memo: it was the cache',
    ...over,
  },
})

describe('a click', () => {
  test('names the incident by its block, and where its answer goes', () => {
    expect(readInteractive(click)).toEqual({
      payloadId: 'block_actions/T1/U1/2.0/nunchi:acknowledge/nunchi:incident:01ABC',
      teamIds: ['T1'],
      appId: 'A1',
      mayOmitApp: false,
      kept: {
        userId: 'U1',
        request: {
          kind: 'button',
          button: 'nunchi:acknowledge',
          incidentId: '01ABC',
          option: null,
          triggerId: 't',
          place: { responseUrl: 'https://hooks.slack.com/x', channel: 'C1', threadTs: '0.5', isHome: false },
        },
      },
    })
  })

  test('has an id of its own: the moment, the person and the button tell clicks apart', () => {
    const idOf = (over: object, action: object = {}) =>
      readInteractive({ ...click, ...over, actions: [{ ...click.actions[0], ...action }] })?.payloadId
    const ids = [
      idOf({}),
      idOf({ user: { id: 'U2' } }),
      idOf({ team: { id: 'T2' } }),
      idOf({}, { action_ts: '3.0' }),
      idOf({}, { action_id: 'nunchi:resolve' }),
    ]
    expect(new Set(ids).size).toBe(5)
    // Slack makes both anew for each copy that it delivers.
    expect(idOf({ trigger_id: 'u', response_url: 'https://hooks.slack.com/y' })).toBe(ids[0])
  })

  test('on something that is not ours asks for nothing', () => {
    const foreign = { ...click, actions: [{ action_id: 'other:button', block_id: 'b', value: 'x', action_ts: '2.0' }] }
    expect(readInteractive(foreign)?.kept).toBeNull()
    expect(readInteractive({ ...click, type: 'view_closed' })?.kept).toBeNull()
  })
})

describe('a message', () => {
  const memoOf = (over: object) => readEvent(event(over))?.kept?.request
  test('in a thread that begins with :memo: is a note', () => {
    expect(memoOf({})).toEqual({ kind: 'memo', channel: 'C1', threadTs: '1.0', text: 'it was the cache' })
    expect(memoOf({ text: '📝 &lt;b&gt; see <https://a.example|the page>' })).toMatchObject({
      text: '<b> see the page (https://a.example)',
    })
  })

  const nothing: readonly [why: string, over: object][] = [
    ['it does not begin so', { text: 'see :memo: there' }],
    ['nothing follows', { text: ':memo: ' }],
    ['it is in no thread', { thread_ts: undefined }],
    ['it begins the thread', { thread_ts: '2.0' }],
    ['a program wrote it', { bot_id: 'B1' }],
    ['it was changed', { subtype: 'message_changed' }],
  ]
  for (const [why, over] of nothing) {
    test(`is nothing to us when ${why}`, () => {
      expect(readEvent(event(over))).toMatchObject({ payloadId: 'event/T1/E1', kept: null })
    })
  }
})

test('whatever is sent, reading it does not throw', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), fc.string(), (anything, text) => {
      for (const type of ['block_actions', 'view_submission', 'message_action', 'event_callback', text]) {
        const payload = { ...click, type, actions: [anything], view: anything, message: anything, event: anything }
        readInteractive(payload)
        readEvent({ ...payload, event_id: text, team_id: text })
        readCommandPayload(payload)
      }
      readInteractive(anything)
      readEvent(anything)
    }),
  )
})

test('a long text is cut, and a broken one repaired', () => {
  const form = { user_id: 'U1', team_id: 'T1', command: '/nunchi', text: `note \ud800\u0000${'x'.repeat(9_000)}` }
  const request = readCommandPayload(form)?.kept?.request
  expect(request?.kind === 'command' && request.text.length).toBe(4_000)
  expect(request?.kind === 'command' && request.text.isWellFormed() && !request.text.includes('\u0000')).toBe(true)
})
