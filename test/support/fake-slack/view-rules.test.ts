import { expect, test } from 'vitest'
import { refusalOfView } from './view-rules.ts'

const plain = (text: string) => ({ type: 'plain_text', text })
const long = (length: number) => 'x'.repeat(length)
const input = { type: 'input', block_id: 'note', label: plain('Note'), element: { type: 'plain_text_input' } }
const modal = { type: 'modal', title: plain('Incident'), submit: plain('Save'), blocks: [input] }
const home = { type: 'home', blocks: [{ type: 'header', text: plain('My incidents') }] }

test('a modal with an input and an App Home are shown', () => {
  const more = { close: plain('Cancel'), private_metadata: long(3000), callback_id: long(255), notify_on_close: true }
  expect(refusalOfView({ ...modal, ...more, blocks: Array(100).fill({ type: 'divider' }) }, 'modal')).toBeUndefined()
  expect(refusalOfView(home, 'home')).toBeUndefined()
})

const refused: readonly [name: string, view: object, problem: RegExp][] = [
  ['a title of 25 characters', { ...modal, title: plain(long(25)) }, /less than 25.*\/view\/title\/text/],
  ['a title in mrkdwn', { ...modal, title: { type: 'mrkdwn', text: 'x' } }, /of type plain_text/],
  ['no title', { type: 'modal', blocks: [] }, /missing required field: title/],
  ['an input without submit', { ...modal, submit: undefined }, /submit is required/],
  ['101 blocks', { ...modal, blocks: Array(101).fill({ type: 'divider' }) }, /no more than 100 items/],
  ['private_metadata of 3,001 characters', { ...modal, private_metadata: long(3001) }, /less than 3001/],
  ['a callback_id of 256 characters', { ...modal, callback_id: long(256) }, /less than 256/],
  ['two blocks with one block_id', { ...modal, blocks: [input, input] }, /unique.*\/view\/blocks\/1\/block_id/],
  ['a markdown block, which is for messages', { ...modal, blocks: [{ type: 'markdown', text: 'x' }] }, /unsupported/],
  ['an App Home', home, /missing required field: title/],
]
for (const [name, view, problem] of refused) {
  test(`a modal with ${name} is refused`, () => {
    const refusal = refusalOfView(view, 'modal')
    expect(refusal?.error).toBe('invalid_arguments')
    expect(refusal?.problems.join('\n')).toMatch(problem)
  })
}

test('an App Home has neither title nor buttons of its own, and no view is larger than 250 kB', () => {
  expect(refusalOfView({ ...home, title: plain('x') }, 'home')?.problems.join()).toMatch(/additional property: title/)
  const section = { type: 'section', text: plain(long(3000)) }
  expect(refusalOfView({ ...home, blocks: Array(90).fill(section) }, 'home')?.error).toBe('view_too_large')
})
