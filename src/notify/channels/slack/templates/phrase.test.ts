import { expect, test } from 'vitest'
import { textObject, value } from '../message-tree.ts'
import { joinPhrases, phrase } from './phrase.ts'

const shown = (...args: Parameters<typeof phrase>) => textObject(phrase(...args)).text

test('places are filled, and what stands between stars is bold', () => {
  expect(shown('*{name} · Active* since {time}', { name: 'INC-1', time: '14:30 UTC' })).toBe(
    '*INC-1 · Active* since 14:30 UTC',
  )
})

test('what is filled in is never looked at again', () => {
  expect(shown('By {who}: {what}', { who: value('{what} <b>'), what: 'x' })).toBe('By {what} &lt;b&gt;: x')
})

test('a place that nothing is given for stays empty', () => {
  expect(shown('By {who}!')).toBe('By !')
})

test('empty phrases leave no separator behind', () => {
  expect(textObject(joinPhrases([phrase('a'), [], phrase('b')], ' · ')).text).toBe('a · b')
})
