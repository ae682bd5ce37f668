import fc from 'fast-check'
import { expect, test } from 'vitest'
import { differingLabels } from './differing-labels.ts'

const alert = (instance: string, more: Record<string, string> = {}) => ({
  alertname: 'Down',
  job: 'node',
  instance,
  ...more,
})

test('only labels that differ are told', () => {
  expect(differingLabels([alert('a'), alert('b')])).toEqual([{ name: 'instance', values: ['a', 'b'], more: 0 }])
})

test('values are told by how often they come, and the rest is counted', () => {
  const alerts = ['x', 'x', 'x', 'a', 'b', 'c', 'd', 'e', 'f'].map((value) => alert(value))
  expect(differingLabels(alerts)).toEqual([{ name: 'instance', values: ['x', 'a', 'b', 'c', 'd'], more: 2 }])
})

test('a label that every alert has goes before one that few have', () => {
  const alerts = [alert('a', { disk: 'sda' }), alert('b', { disk: 'sdb' }), alert('a')]
  expect(differingLabels(alerts).map(({ name }) => name)).toEqual(['instance', 'disk'])
})

test('the order of the alerts does not matter', () => {
  const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2', '3'))
  const inTwoOrders = fc
    .array(labels, { maxLength: 12 })
    .chain((sets) => fc.tuple(fc.constant(sets), fc.shuffledSubarray(sets, { minLength: sets.length })))
  fc.assert(
    fc.property(inTwoOrders, ([sets, shuffled]) => {
      expect(differingLabels(shuffled)).toEqual(differingLabels(sets))
    }),
  )
})
