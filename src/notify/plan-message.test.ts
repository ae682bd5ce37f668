import { expect, test } from 'vitest'
import type { Incident } from '../domain/incident.ts'
import { sampleMessage } from './channels/sample-incident-message.ts'
import { planNews, type ShownState, shownAfter, shownAfterTelling, type UntoldNews } from './plan-message.ts'

const active: Incident = { ...sampleMessage().incident, severity: 'warning' }
const told = shownAfter(active)
const taken = { status: 'acknowledged', acknowledgedAt: 5 } as const
const resolved = { status: 'resolved', resolvedAt: 9 } as const
const note = { by: 'Minji', text: 'Rolling back', at: 1 }

interface Case {
  readonly now: Partial<Incident>
  readonly shown: ShownState | null
  readonly news?: Partial<UntoldNews>
  readonly expected: string | null
  readonly why: string
}

const cases: readonly Case[] = [
  { now: {}, shown: null, expected: 'firing', why: 'nothing was told yet' },
  { now: resolved, shown: null, expected: 'resolved', why: 'it was over before it could be told' },
  { now: {}, shown: told, expected: null, why: 'nothing is new' },
  { now: { alertCount: 9 }, shown: told, expected: null, why: 'counts are shown, not told' },
  { now: resolved, shown: told, expected: 'resolved', why: 'people wait for the end' },
  { now: {}, shown: { ...told, isResolved: true }, expected: 'fired-again', why: 'the end was none' },
  { now: { severity: 'error' }, shown: told, expected: 'severity-raised', why: 'it became worse' },
  { now: { severity: 'info' }, shown: told, expected: null, why: 'better is no news' },
  { now: { isFlapping: true }, shown: told, expected: 'flapping', why: 'it will be quiet about the next cycles' },
  { now: taken, shown: told, news: { acknowledgedVia: 'api' }, expected: 'acknowledged', why: 'somebody has it' },
  { now: taken, shown: told, news: { acknowledgedVia: 'chat' }, expected: null, why: 'the root shows who clicked it' },
  { now: taken, shown: { ...told, acknowledgedAt: 5 }, expected: null, why: 'that was told' },
  { now: { ...resolved, ...{ severity: 'critical' } }, shown: told, expected: 'resolved', why: 'the end tells it all' },
  { now: {}, shown: told, news: { notes: [note] }, expected: 'note', why: 'somebody wrote for others' },
  { now: resolved, shown: told, news: { notes: [note] }, expected: 'note', why: 'it was written before the end' },
  { now: resolved, shown: null, news: { notes: [note] }, expected: 'resolved', why: 'a reply needs a root' },
]

for (const { now, shown, news = {}, expected, why } of cases)
  test(`${expected ?? 'no message'}: ${why}`, () => {
    const untold: UntoldNews = { notes: [], acknowledgedVia: null, upTo: null, ...news }
    expect(planNews({ ...active, ...now }, shown, untold, { ownDoor: 'chat' })?.purpose ?? null).toBe(expected)
  })

test('what a message did not tell stays owed', () => {
  const incident: Incident = { ...active, ...taken, severity: 'critical' }
  const news: UntoldNews = { notes: [], acknowledgedVia: 'api', upTo: null }
  const purposes: string[] = []
  let shown: ShownState = told
  for (;;) {
    const plan = planNews(incident, shown, news, { ownDoor: null })
    if (plan === null) break
    purposes.push(plan.purpose)
    shown = shownAfterTelling(shown, incident, plan.purpose)
  }
  expect(purposes).toEqual(['severity-raised', 'acknowledged'])
})
