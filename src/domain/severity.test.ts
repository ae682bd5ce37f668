import { expect, test } from 'vitest'
import {
  higherSeverity,
  lowerSeverity,
  readSeverity,
  SEVERITIES,
  type Severity,
  severityOfRank,
  severityRank,
} from './severity.ts'

const spellings: readonly [word: string | undefined, severity: Severity, why: string][] = [
  ['critical', 'critical', 'the word itself'],
  ['  CRITICAL ', 'critical', 'case and blanks are the sender’s taste'],
  ['page', 'critical', 'the habit of Prometheus users'],
  ['Disaster', 'critical', 'the highest of Zabbix'],
  ['P1', 'critical', 'Opsgenie'],
  ['High', 'error', 'the second highest of Zabbix'],
  ['major', 'error', 'ITIL'],
  ['Average', 'warning', 'the middle of Zabbix'],
  ['none', 'info', 'Watchdog alerts of kube-prometheus-stack'],
  ['P5', 'debug', 'the lowest of Opsgenie'],
  ['ok', 'success', 'a good message'],
  ['critcal', 'warning', 'a typing error must not wake somebody'],
  ['constructor', 'warning', 'a name that every object has is not a spelling'],
  ['', 'warning', 'empty'],
  [undefined, 'warning', 'missing'],
]

for (const [word, severity, why] of spellings) {
  test(`${JSON.stringify(word)} reads as ${severity} (${why})`, () => {
    expect(readSeverity(word)).toBe(severity)
  })
}

test('every severity reads as itself and comes back from its rank', () => {
  for (const severity of SEVERITIES) {
    expect(readSeverity(severity)).toBe(severity)
    expect(severityOfRank(severityRank(severity))).toBe(severity)
  }
})

test('an impossible rank reads as warning', () => {
  expect([severityOfRank(-1), severityOfRank(99)]).toEqual(['warning', 'warning'])
})

test('the higher and the lower of two are one of the two, in either order', () => {
  for (const a of SEVERITIES) {
    for (const b of SEVERITIES) {
      expect(higherSeverity(a, b)).toBe(higherSeverity(b, a))
      expect(lowerSeverity(a, b)).toBe(lowerSeverity(b, a))
      expect(new Set([higherSeverity(a, b), lowerSeverity(a, b)])).toEqual(new Set([a, b]))
    }
  }
  expect(higherSeverity('info', 'critical')).toBe('critical')
  expect(lowerSeverity('critical', 'warning')).toBe('warning')
})
