import fc from 'fast-check'
import { expect, test } from 'vitest'
import { refusalOfView } from '../../../../../test/support/fake-slack/view-rules.ts'
import { INCIDENT_STATUSES } from '../../../../domain/incident.ts'
import { SEVERITIES } from '../../../../domain/severity.ts'
import { declareModal, timelineModal } from './declare-modal.ts'
import { closedHomeView, homeView } from './home-view.ts'
import type { SeenIncident } from './incident-desk.ts'
import { moreModal } from './more-modal.ts'
import type { ModalContext } from './slack-request.ts'
import { textsOf } from './texts-of-language.ts'

const text = fc.string({ unit: 'binary', maxLength: 4_000 })
const party = fc.option(fc.record({ id: text, name: text }), { nil: null })
const incident: fc.Arbitrary<SeenIncident> = fc.record({
  id: fc.stringMatching(/^[0-9A-Z]{26}$/),
  name: fc.nat().map((number) => `INC-${number}`),
  title: text,
  severity: fc.constantFrom(...SEVERITIES),
  status: fc.constantFrom(...INCIDENT_STATUSES),
  service: text,
  openedAt: fc.constant('2026-01-05T12:00:00.000Z'),
  acknowledgedAt: fc.constant(null),
  acknowledgedBy: party,
  resolvedAt: fc.constant(null),
  resolvedBy: party,
  owner: party,
  firing: fc.nat(),
  total: fc.nat(),
  silence: fc.constantFrom(null, { until: null }, { until: '2026-01-05T13:00:00.000Z' }),
  movedTo: fc.constantFrom(null, 'c1', 'gone'),
})
const language = fc.constantFrom('en' as const, 'ko' as const)
const context: ModalContext = {
  incidentId: 'i',
  note: 'x'.repeat(2_000),
  language: 'en',
  place: { responseUrl: null, channel: 'C1', threadTs: null, isHome: false },
}
const channels = Array.from({ length: 120 }, (_, index) => ({ id: `c${index}`, label: `#c${index}` }))

test('whatever incidents hold, the Home tab is one that Slack shows', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(incident, { selector: ({ id }) => id, maxLength: 60 }),
      language,
      fc.option(text, { nil: null }),
      fc.boolean(),
      (incidents, spoken, notice, mayAct) => {
        const content = { mine: incidents.slice(0, 30), critical: incidents.slice(30), mayAct, notice, now: 0 }
        expect(refusalOfView(homeView(content, textsOf(spoken)), 'home')).toBeUndefined()
      },
    ),
    { numRuns: 60 },
  )
})

test('whatever they hold, the modals are such that Slack opens them', () => {
  fc.assert(
    fc.property(incident, language, text, (one, spoken, words) => {
      const texts = textsOf(spoken)
      expect(refusalOfView(moreModal(one, texts, { channels, context }), 'modal')).toBeUndefined()
      expect(refusalOfView(declareModal(texts, context, { title: words, note: words }), 'modal')).toBeUndefined()
      expect(refusalOfView(timelineModal(texts, context), 'modal')).toBeUndefined()
      expect(refusalOfView(closedHomeView(words, texts), 'home')).toBeUndefined()
    }),
    { numRuns: 100 },
  )
})

test('both languages say everything, and differently', () => {
  const leaves = (value: unknown, path = ''): [string, string][] => {
    if (typeof value === 'string') return [[path, value]]
    if (typeof value === 'function') return [[path, String((value as (...args: unknown[]) => unknown)('a', '1h', 'c'))]]
    return Object.entries(value as object).flatMap(([key, child]) => leaves(child, `${path}.${key}`))
  }
  const english = new Map(leaves(textsOf('en')))
  const korean = new Map(leaves(textsOf('ko')))
  expect([...korean.keys()]).toEqual([...english.keys()])
  const same = [...english].filter(([path, words]) => korean.get(path) === words).map(([path]) => path)
  expect(same).toEqual([])
  for (const words of korean.values()) expect(words).not.toBe('')
})
