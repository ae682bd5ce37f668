import { expect, test } from 'vitest'
import { schemaProblems } from './schema-problems.ts'

const plain = (text: string) => ({ type: 'plain_text', text })
const button = (more: object = {}) => ({ type: 'button', text: plain('Go'), ...more })

const taken: readonly [why: string, block: object][] = [
  ['a header of 150 characters', { type: 'header', text: plain('x'.repeat(150)) }],
  ['ten fields', { type: 'section', fields: Array.from({ length: 10 }, () => plain('x')) }],
  ['a section with a button beside it', { type: 'section', text: plain('x'), accessory: button() }],
  ['buttons', { type: 'actions', elements: [button({ style: 'danger' })] }],
]
for (const [why, block] of taken) {
  test(`${why} is in order`, () => expect(schemaProblems([block])).toEqual([]))
}

const refused: readonly [why: string, block: object][] = [
  ['a header of 151 characters', { type: 'header', text: plain('x'.repeat(151)) }],
  ['a header in mrkdwn', { type: 'header', text: { type: 'mrkdwn', text: 'x' } }],
  ['an empty text', { type: 'section', text: plain('') }],
  ['eleven fields', { type: 'section', fields: Array.from({ length: 11 }, () => plain('x')) }],
  ['a field of 2,001 characters', { type: 'section', fields: [plain('x'.repeat(2_001))] }],
  ['26 buttons', { type: 'actions', elements: Array.from({ length: 26 }, () => button()) }],
  ['a label of 76 characters', { type: 'actions', elements: [button({ text: plain('x'.repeat(76)) })] }],
  ['an unknown style', { type: 'actions', elements: [button({ style: 'red' })] }],
  ['a property that is not there', { type: 'context', elements: [plain('x')], colour: 'red' }],
  ['a block that our messages do not use', { type: 'video' }],
]
for (const [why, block] of refused) {
  test(`${why} is refused`, () => expect(schemaProblems([block])).not.toEqual([]))
}
