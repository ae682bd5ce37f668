import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AlertEvent, Labels } from './alert-event.ts'
import { type CorrelationPolicy, correlationKeyOf } from './correlation.ts'

const NOON = Date.UTC(2026, 0, 5, 12)
const HOUR_MS = 3_600_000

const threadKey: CorrelationPolicy = {
  fields: ['alertname', 'severity', 'service', 'cluster', 'environment'],
  windowMs: null,
  environment: 'production',
}

function eventWith(labels: Labels, more: Partial<AlertEvent> = {}): AlertEvent {
  return {
    fingerprint: 'f',
    status: 'firing',
    title: 't',
    severity: 'critical',
    labels,
    annotations: {},
    startsAtText: '',
    startsAt: NOON,
    endsAt: null,
    links: {},
    condition: null,
    clearedBecause: null,
    ruleId: null,
    fields: {},
    raw: '',
    ...more,
  }
}

const texts: readonly [labels: Labels, fields: Labels, text: string, why: string][] = [
  [
    { alertname: 'TestAlert', severity: 'critical', service: 'database', cluster: 'production' },
    {},
    'TestAlert|critical|database|production|production',
    'the installation gives the environment',
  ],
  [
    { alertname: 'TestAlert', severity: 'critical', service: 'database', cluster: 'c1', environment: 'staging' },
    {},
    'TestAlert|critical|database|c1|staging',
    'an alert’s own environment wins',
  ],
  [{ alertname: 'TestAlert' }, {}, 'TestAlert||||production', 'a missing label keeps its place'],
  [{ alertname: 'TestAlert', cluster: '' }, {}, 'TestAlert||||production', 'an empty label is a missing one'],
  [
    { alertname: 'TestAlert' },
    { service: 'from-adapter' },
    'TestAlert||from-adapter||production',
    'a field of the adapter stands in for a label',
  ],
  [
    { alertname: 'TestAlert', service: 'label' },
    { service: 'field' },
    'TestAlert||label||production',
    'the label wins over the field',
  ],
]

for (const [labels, fields, text, why] of texts) {
  test(`${JSON.stringify({ ...labels, ...fields })} → ${text} (${why})`, () => {
    expect(correlationKeyOf(eventWith(labels, { fields }), 'main', threadKey).text).toBe(text)
  })
}

test('what is hashed differs whenever a value, the source or the fields differ, even where the texts are equal', () => {
  const policy: CorrelationPolicy = { ...threadKey, fields: ['a', 'b'] }
  const left = correlationKeyOf(eventWith({ a: 'x|y', b: 'z' }), 'main', policy)
  const right = correlationKeyOf(eventWith({ a: 'x', b: 'y|z' }), 'main', policy)
  expect(left.text).toBe(right.text)
  expect(left.material).not.toBe(right.material)
  expect(correlationKeyOf(eventWith({ a: 'x|y', b: 'z' }), 'other', policy).material).not.toBe(left.material)
  expect(
    correlationKeyOf(eventWith({ a: 'x|y', b: 'z' }), 'main', { ...policy, fields: ['a', 'c'] }).material,
  ).not.toBe(left.material)
})

test('two label sets share a key exactly when they agree on every field', () => {
  const labels = fc.record({ a: fc.constantFrom('', '|', 'x', '"'), b: fc.constantFrom('', '|', 'x', '"') })
  const policy: CorrelationPolicy = { ...threadKey, fields: ['a', 'b'] }
  fc.assert(
    fc.property(labels, labels, (one, two) => {
      const areEqual = one.a === two.a && one.b === two.b
      return (
        areEqual ===
        (correlationKeyOf(eventWith(one), 's', policy).material ===
          correlationKeyOf(eventWith(two), 's', policy).material)
      )
    }),
  )
})

test('the key rests on the start of the episode alone, not on its state, end or content', () => {
  const policy: CorrelationPolicy = { ...threadKey, windowMs: HOUR_MS }
  const labels = { alertname: 'TestAlert' }
  const fired = correlationKeyOf(eventWith(labels), 'main', policy)
  const cleared = correlationKeyOf(
    eventWith(labels, { status: 'resolved', endsAt: NOON + 5 * HOUR_MS, title: 'other', raw: '{}' }),
    'main',
    policy,
  )
  expect(cleared).toEqual(fired)
})

test('with a time window, starts inside it share an incident and starts in two windows do not', () => {
  const policy: CorrelationPolicy = { ...threadKey, windowMs: HOUR_MS }
  const keyAt = (startsAt: number) =>
    correlationKeyOf(eventWith({ alertname: 'TestAlert' }, { startsAt }), 'main', policy)
  expect(keyAt(NOON)).toEqual(keyAt(NOON + HOUR_MS - 1))
  expect(keyAt(NOON).material).not.toBe(keyAt(NOON + HOUR_MS).material)
  expect(keyAt(NOON).text).toBe('TestAlert||||production|2026-01-05T12:00:00.000Z')
})
