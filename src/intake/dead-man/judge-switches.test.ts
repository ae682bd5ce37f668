import { expect, test } from 'vitest'
import { annotationsOfSwitch, type DeadManSwitch, missedSince } from './judge-switches.ts'

const AFTER = 300_000
const WATCHDOG: DeadManSwitch = { kind: 'watchdog', source: 'alertmanager', afterMs: AFTER }
const T = Date.parse('2026-11-25T12:00:00Z')

const cases: readonly [facts: Parameters<typeof missedSince>[1], expected: number | null, why: string][] = [
  [{ seenAt: T, knownUpTo: T + AFTER, listeningSince: 0 }, null, 'its time is not over'],
  [{ seenAt: T, knownUpTo: T + AFTER + 1, listeningSince: 0 }, T + AFTER, 'its time is over'],
  [{ seenAt: T, knownUpTo: T + 1, listeningSince: 0 }, null, 'what came later may wait in the backlog'],
  [{ seenAt: null, knownUpTo: T + AFTER + 1, listeningSince: T }, T + AFTER, 'it never came since anybody listened'],
  [{ seenAt: null, knownUpTo: T + AFTER, listeningSince: T }, null, 'nobody has listened for long enough'],
  [{ seenAt: T - 10 * AFTER, knownUpTo: T + 1, listeningSince: T }, null, 'Nunchi itself was away'],
]

for (const [facts, expected, why] of cases) {
  test(`a switch is ${expected === null ? 'not missed' : 'missed'}: ${why}`, () => {
    expect(missedSince(WATCHDOG, facts)).toBe(expected)
  })
}

test('what people read names the source, the time and where to look', () => {
  expect(annotationsOfSwitch(WATCHDOG, T)).toEqual({
    summary: 'No watchdog from alertmanager for 5 min',
    description:
      'The alert that always fires does not come any more. It came last at 2026-11-25T12:00:00.000Z. Alerts may be lost: look at Prometheus, at Alertmanager, and at the way from there to here.',
  })
  expect(annotationsOfSwitch({ kind: 'silence', source: 'grafana', afterMs: 3_600_000 }, null)).toEqual({
    summary: 'Nothing came from grafana for 1 h',
    description:
      'The source has fallen silent. Nothing has ever come. Look at the sender, and at the way from there to here.',
  })
})
