import { expect, test } from 'vitest'
import { fingerprintOf, makeAlert, makeWebhookBody, resolve, seededRandom } from './generate-alerts.ts'
import { generateFlaps, generateGroups, generateHugeGroup } from './generate-storms.ts'

// Recorded from Alertmanager 0.25.
const recorded: readonly [instance: string, fingerprint: string][] = [
  ['web-1', 'b05481e0c29fcfc4'],
  ['web-2', 'ae62c57d6a0ab783'],
  ['web-3', 'e38fcd76b86ca9f6'],
]
for (const [instance, fingerprint] of recorded) {
  test(`the fingerprint of ${instance} is the one that Alertmanager sent`, () => {
    expect(fingerprintOf({ severity: 'critical', instance, case: 'main', alertname: 'HighCpu' })).toBe(fingerprint)
  })
}

test('no labels have the fingerprint of an empty hash', () => {
  expect(fingerprintOf({})).toBe('cbf29ce484222325')
})

test('the same seed gives the same numbers', () => {
  const numbers = (seed: number) => Array.from({ length: 3 }, seededRandom(seed))
  expect(numbers(7)).toEqual(numbers(7))
  expect(numbers(7)).not.toEqual(numbers(8))
})

test('a body says what its alerts have in common, and is firing while one of them is', () => {
  const firing = makeAlert({ labels: { alertname: 'A', instance: '1' } })
  const ended = resolve(makeAlert({ labels: { alertname: 'A', instance: '2' } }), new Date('2026-11-21T04:00:00Z'))
  const body = makeWebhookBody([firing, ended], { groupLabels: { alertname: 'A' } })
  expect(body).toMatchObject({ status: 'firing', groupKey: '{}:{alertname="A"}', commonLabels: { alertname: 'A' } })
  expect(makeWebhookBody([ended]).status).toBe('resolved')
})

test('groups are many, different and repeatable', () => {
  const groups = [...generateGroups({ seed: 1, groups: 50, alertsPerGroup: 3 })]
  expect(new Set(groups.map((group) => group.groupKey)).size).toBe(50)
  expect(new Set(groups.flatMap((group) => group.alerts.map((alert) => alert.fingerprint))).size).toBe(150)
  expect(groups).toEqual([...generateGroups({ seed: 1, groups: 50, alertsPerGroup: 3 })])
})

test('every flap is a new episode of the same alert', () => {
  const bodies = [...generateFlaps({ seed: 3, times: 20, everyMs: 1_000 })]
  const alerts = bodies.map((body) => body.alerts[0])
  expect(bodies.map((body) => body.status).slice(0, 4)).toEqual(['firing', 'resolved', 'firing', 'resolved'])
  expect(new Set(alerts.map((alert) => alert?.fingerprint)).size).toBe(1)
  expect(new Set(alerts.map((alert) => alert?.startsAt)).size).toBe(20)
  const ended = alerts.filter((alert) => alert?.status === 'resolved')
  expect(ended.every((alert) => (alert?.endsAt ?? '') > (alert?.startsAt ?? ''))).toBe(true)
})

test('a huge group is one valid body of about 615 bytes an alert', () => {
  const text = [...generateHugeGroup({ seed: 1, alerts: 2_001 })].join('')
  const body = JSON.parse(text) as { alerts: { fingerprint: string }[]; status: string }
  expect(body.status).toBe('firing')
  expect(new Set(body.alerts.map((alert) => alert.fingerprint)).size).toBe(2_001)
  expect(Buffer.byteLength(text) / 2_001).toBeGreaterThan(585)
  expect(Buffer.byteLength(text) / 2_001).toBeLessThan(645)
})
