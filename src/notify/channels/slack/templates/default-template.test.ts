import { expect, test } from 'vitest'
import type { IncidentMessage, MessagePurpose } from '../../../channel.ts'
import { type SampleChanges, sampleMessage } from '../../sample-incident-message.ts'
import type { ActionsBlock } from '../block-kit.ts'
import { incidentIdOfBlock } from '../incident-actions.ts'
import { RUNGS } from '../message-rungs.ts'
import { readableMessage } from '../readable-message.ts'
import { rootContentHash } from '../root-content-hash.ts'
import { SAMPLE_REPLIES, SAMPLE_ROOTS } from '../sample-messages.ts'
import { templateOf } from './template-of.ts'

const template = templateOf()
const read = (message: IncidentMessage) => readableMessage(RUNGS.full(template(message)))
const hash = (changes: SampleChanges) => rootContentHash(template(sampleMessage(changes), { isEdit: true }))
const MINUTE = 60_000

function actionsOf(message: IncidentMessage): readonly string[] {
  return template(message)
    .blocks.flatMap((block) => {
      if (block.type === 'actions') return block.elements
      return block.type === 'section' && block.accessory !== undefined ? [block.accessory] : []
    })
    .map(({ action_id: actionId }) => actionId)
}

const buttons: readonly [state: keyof typeof SAMPLE_ROOTS, actions: readonly string[], why: string][] = [
  ['firing', ['acknowledge', 'resolve', 'assign-me', 'silence', 'more'], 'everything can be done'],
  ['acknowledged', ['resolve', 'assign-me', 'silence', 'more'], 'the undo of acknowledge is behind More'],
  ['silenced', ['acknowledge', 'resolve', 'assign-me', 'silence', 'more'], 'a silence is no answer'],
  ['resolved', ['reopen'], 'nothing else is left to do'],
]
for (const [state, actions, why] of buttons) {
  test(`${state} offers ${actions.join(', ')} (${why})`, () => {
    expect(actionsOf(SAMPLE_ROOTS[state]())).toEqual(actions.map((action) => `nunchi:${action}`))
  })
}

test('every button names its incident, and so does the block for the menu, which has no value', () => {
  const block = template(sampleMessage()).blocks.find((one): one is ActionsBlock => one.type === 'actions')
  expect(incidentIdOfBlock(block?.block_id ?? '')).toBe('01INCIDENT')
  const values = block?.elements.flatMap((element) => (element.type === 'button' ? [element.value] : []))
  expect(new Set(values)).toEqual(new Set(['01INCIDENT']))
})

test('the menu offers an end of the silence only while there is one', () => {
  const choices = (message: IncidentMessage) =>
    template(message)
      .blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []))
      .flatMap((element) => (element.type === 'static_select' ? element.options.map(({ value }) => value) : []))
  expect(choices(sampleMessage())).toEqual(['1h', '4h', '24h', 'until-resolved'])
  expect(choices(SAMPLE_ROOTS.silenced())).toEqual(['off', '1h', '4h', '24h', 'until-resolved'])
  const over = sampleMessage({ incident: { silencedUntil: 1 } })
  expect(choices(over)).toEqual(['1h', '4h', '24h', 'until-resolved'])
})

test('Resolve asks back while alerts fire, and only then', () => {
  const asks = (changes: SampleChanges) => JSON.stringify(template(sampleMessage(changes)).blocks).includes('"confirm"')
  expect([asks({}), asks({ incident: { firing: {} } })]).toEqual([true, false])
})

test('the buttons stand before what clients fold behind "Show more", and only the context behind', () => {
  const types = template(SAMPLE_ROOTS['many-alerts']()).blocks.map(({ type }) => type)
  expect(types).toEqual(['header', 'section', 'section', 'section', 'actions', 'context'])
})

test('a root is what the incident is now, whatever the message is sent for', () => {
  const purposes: readonly MessagePurpose[] = ['firing', 'fired-again', 'acknowledged', 'note', 'resolved', 'flapping']
  const shown = purposes.map((purpose) => template(sampleMessage({ message: { purpose } })))
  for (const rendered of shown) expect(rendered).toEqual(shown[0])
})

test('an edit is a root also where the message names a thread', () => {
  const reply = SAMPLE_REPLIES.acknowledged()
  const root = { ...reply, thread: null, purpose: 'firing' } as const
  expect(template(reply, { isEdit: true })).toEqual(template(root, { isEdit: true }))
})

test('time alone changes no root, and neither does one alert more in a storm', () => {
  const storm = (alertCount: number, now: number) =>
    hash({ incident: { alertCount, firing: { critical: 1_210 } }, message: { now } })
  expect(storm(3_456, 1)).toBe(storm(3_457, 9_999_999))
  expect(storm(3_456, 1)).not.toBe(storm(3_556, 1))
})

const visible: readonly [what: string, changes: SampleChanges][] = [
  ['status', { incident: { status: 'acknowledged', acknowledgedAt: 1_705_329_100_000 } }],
  ['severity', { incident: { severity: 'warning' } }],
  ['owner', { incident: { owner: { id: 'u', name: 'Jisu' } } }],
  ['silence', { incident: { silencedUntil: Number.MAX_SAFE_INTEGER } }],
  ['end of the last alert', { incident: { firing: {} } }],
  ['title', { incident: { title: 'Another' } }],
  ['differing labels', { message: { differing: [{ name: 'pod', values: ['a'], more: 1 }] } }],
]
for (const [what, changes] of visible) {
  test(`another ${what} is another root`, () => expect(hash(changes)).not.toBe(hash({})))
}

test('whom it called is no part of what a root shows', () => {
  const { mentions: _, ...shown } = template(SAMPLE_ROOTS['calls-somebody']())
  const { mentions: none, ...edited } = template(SAMPLE_ROOTS['calls-somebody'](), { isEdit: true })
  expect(none).toEqual([])
  expect(edited).toEqual(shown)
  expect(rootContentHash(template(SAMPLE_ROOTS['calls-somebody']()))).toBe(hash({}))
})

test('who is called reads in the notification what it is about', () => {
  expect(RUNGS.full(template(SAMPLE_ROOTS['calls-somebody']())).text).toBe(
    '<!here> <!subteam^S0DBTEAM> 🚨 Database Critical Failure (CRITICAL, production, database)',
  )
  expect(RUNGS.full(template(SAMPLE_ROOTS.firing()))).not.toHaveProperty('text')
})

const states: readonly [state: keyof typeof SAMPLE_ROOTS, line: string][] = [
  ['firing', 'INC-1042 · Active since 14:30 UTC'],
  ['firing', 'Nobody has taken it yet'],
  ['assigned', 'Assigned to Jisu Park, not acknowledged yet'],
  ['acknowledged', 'INC-1042 · Acknowledged by Minji Kim at 14:32 UTC'],
  ['acknowledged-for-another', 'Owner: Jisu Park'],
  ['silenced', '🔕 Silenced until 18:30 UTC'],
  ['silenced-until-resolved', '🔕 Silenced until it is resolved'],
  ['clearing', 'No alert fires: resolves at 14:45 UTC if it stays clear'],
  ['declared', 'Assigned to Jisu Park, not acknowledged yet'],
  ['many-alerts', 'INC-1042 · Active since 14:30 UTC · ∼1,200 of ∼3,400 alerts firing'],
  ['many-alerts', 'instance: db01.example.com, db02.example.com, db03.example.com and ∼1,100 more'],
]
for (const [state, line] of states) {
  test(`the root of an incident that is ${state} says: ${line}`, () => {
    expect(read(SAMPLE_ROOTS[state]())).toContain(line)
  })
}

test('a label that differs between the alerts is no field, because that would name one of many', () => {
  expect(read(SAMPLE_ROOTS['many-alerts']()).filter((line) => line.startsWith('Instance'))).toEqual([])
})

test('a resolved root is two lines and one button, and can still be found by name', () => {
  expect(read(SAMPLE_ROOTS.resolved())).toEqual([
    '✅ RESOLVED — Database Critical Failure · INC-1042, by itself: every alert cleared',
    'Started: 2024-01-15 14:30:25 UTC | Resolved: 2024-01-15 14:40:25 UTC | Duration: 10m',
    '[Reopen]',
  ])
})

test('replies are at most three lines, and call nobody by themselves', () => {
  for (const [purpose, make] of Object.entries(SAMPLE_REPLIES)) {
    if (purpose !== 'note') expect(read({ ...make(), mentions: [] }).length).toBeLessThanOrEqual(3)
    expect(template({ ...make(), mentions: [] }).mentions).toEqual([])
  }
})

test('where there are no threads, news say by themselves of what they are, and have no buttons', () => {
  const alone = readableMessage(RUNGS.full(template(SAMPLE_REPLIES.acknowledged(), { standsAlone: true })))
  expect(alone).toEqual(['👀 Acknowledged by Minji Kim', 'INC-1042 · Database Critical Failure'])
  const root = template(sampleMessage(), { standsAlone: true })
  expect(root.blocks.map(({ type }) => type)).not.toContain('actions')
})

test('without interaction there are no buttons that nobody would hear', () => {
  const deaf = templateOf({ hasButtons: false })
  for (const make of [SAMPLE_ROOTS.firing, SAMPLE_ROOTS.resolved])
    expect(JSON.stringify(deaf(make()).blocks)).not.toContain('nunchi:')
})

test('prefix and footer stand where the configuration puts them', () => {
  const lines = readableMessage(RUNGS.full(templateOf({ titlePrefix: 'Team A', footer: 'Ops' })(sampleMessage())))
  expect([lines[0], lines.at(-1)]).toEqual(['🚨 [Team A] Database Critical Failure', 'Ops'])
})

test('an incident that outlives midnight names the day of what came later', () => {
  const acknowledgedAt = Date.UTC(2024, 0, 15, 14, 30) + 600 * MINUTE
  const message = sampleMessage({ incident: { status: 'acknowledged', acknowledgedAt, acknowledgedBy: null } })
  expect(read(message)).toContain('INC-1042 · Acknowledged by somebody at 2024-01-16 00:30 UTC')
})

test('links of a sender are followed by the host that they lead to, once for each group', () => {
  const line = read(SAMPLE_ROOTS['many-alerts']()).find((one) => one.startsWith('Runbook:'))
  expect(line?.replace(/ <[^>]*>/g, '')).toBe(
    'Runbook: View Runbook (wiki.example.com) · Dashboard, Panel, Silence at source (grafana.example.com) · Source (prometheus.example.com:9090) · Open in Nunchi',
  )
})
