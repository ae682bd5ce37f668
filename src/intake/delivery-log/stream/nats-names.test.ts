import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deliverySubject, natsNames, sourceFilter } from './nats-names.ts'

const NAMES = natsNames('nunchi', 3)

test('the subject of a delivery is one that its stream takes, whatever the source is called', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (source, isWhole) => {
      const words = deliverySubject(NAMES, source, isWhole).split('.')
      expect(words).toHaveLength(5)
      expect(words.join('')).toMatch(/^[A-Za-z0-9_%-]+$/)
    }),
  )
})

test('two sources never share a subject', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      fc.pre(one !== other)
      expect(sourceFilter(NAMES, one)).not.toBe(sourceFilter(NAMES, other))
    }),
  )
})

test('the filter of a source takes its deliveries, of one message and of several', () => {
  const filter = sourceFilter(NAMES, 'grafana.eu')
  expect(filter).toBe('nunchi.3.d.grafana%2eeu.*')
  expect(deliverySubject(NAMES, 'grafana.eu', true)).toBe('nunchi.3.d.grafana%2eeu.w')
  expect(deliverySubject(NAMES, 'grafana.eu', false)).toBe('nunchi.3.d.grafana%2eeu.m')
})
