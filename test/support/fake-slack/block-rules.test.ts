import { expect, test } from 'vitest'
import { checkBlocks, checkMessage, costOfBlocks, MAX_BLOCKS_COST } from './block-rules.ts'

const plain = (text: string) => ({ type: 'plain_text', text })
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text })
const long = (length: number) => 'x'.repeat(length)
const button = (more: object = {}) => ({ type: 'button', text: plain('Go'), ...more })
const rich = (...elements: object[]) => ({ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] })

test('a message as an alert makes it is taken', () => {
  const blocks = [
    { type: 'header', text: { ...plain('🚨 Database Critical Failure'), emoji: true } },
    { type: 'section', fields: [mrkdwn('*Severity*\nCRITICAL'), { ...mrkdwn('*Service*\ndatabase'), verbatim: true }] },
    {
      type: 'section',
      text: mrkdwn('<https://runbooks.example.com|View Runbook>'),
      accessory: button({ url: 'https://a.example' }),
    },
    { type: 'image', image_url: 'https://a.example/graph.png', alt_text: 'graph', title: plain('Graph') },
    rich({ type: 'text', text: 'x', style: { bold: true } }, { type: 'link', url: 'https://a.example' }),
    {
      type: 'actions',
      block_id: 'a',
      elements: [button({ action_id: 'ack', value: '1', style: 'primary', confirm: { text: plain('Sure?') } })],
    },
    { type: 'divider' },
    { type: 'markdown', text: '**bold**' },
    {
      type: 'context',
      elements: [mrkdwn('env=production'), { type: 'image', image_url: 'https://a.example/i.png', alt_text: 'icon' }],
    },
  ]
  expect(checkBlocks(blocks)).toEqual([])
  expect(checkMessage({ attachments: [{ color: '#E01E5A', fallback: 'x', blocks }] })).toEqual([])
})

const refused: readonly [name: string, block: object, problem: RegExp][] = [
  ['an unknown type', { type: 'banner' }, /unsupported type: banner \[json-pointer:\/blocks\/0\/type\]/],
  ['an unknown key', { type: 'divider', colour: 'red' }, /invalid additional property: colour/],
  ['a header of 151 characters', { type: 'header', text: plain(long(151)) }, /less than 151/],
  ['a header in mrkdwn', { type: 'header', text: mrkdwn('x') }, /must be of type plain_text/],
  ['a header without text', { type: 'header' }, /missing required field: text/],
  ['a section without text and fields', { type: 'section' }, /must define either `text` or `fields`/],
  ['an empty section text', { type: 'section', text: mrkdwn('') }, /more than 0 characters/],
  ['a section text of 3,001 characters', { type: 'section', text: mrkdwn(long(3001)) }, /less than 3001/],
  ['eleven fields', { type: 'section', fields: Array(11).fill(mrkdwn('x')) }, /no more than 10 items/],
  ['a field of 2,001 characters', { type: 'section', fields: [mrkdwn(long(2001))] }, /less than 2001.*fields\/0\/text/],
  [
    'verbatim on plain text',
    { type: 'section', text: { ...plain('x'), verbatim: true } },
    /additional property: verbatim/,
  ],
  ['a text object that is a string', { type: 'section', text: 'x' }, /must be an object/],
  ['eleven context elements', { type: 'context', elements: Array(11).fill(mrkdwn('x')) }, /no more than 10 items/],
  ['an empty context', { type: 'context', elements: [] }, /no fewer than 1 items/],
  ['26 actions', { type: 'actions', elements: Array.from({ length: 26 }, () => button()) }, /no more than 25 items/],
  [
    'two buttons with one action_id',
    { type: 'actions', elements: [button({ action_id: 'a' }), button({ action_id: 'a' })] },
    /unique/,
  ],
  [
    'a button with a script for a URL',
    { type: 'actions', elements: [button({ url: 'javascript:alert(1)' })] },
    /valid URL/,
  ],
  [
    'a button value of 2,001 characters',
    { type: 'actions', elements: [button({ value: long(2001) })] },
    /less than 2001/,
  ],
  [
    'a button label of 76 characters',
    { type: 'actions', elements: [button({ text: plain(long(76)) })] },
    /less than 76/,
  ],
  ['a button with an unknown style', { type: 'actions', elements: [button({ style: 'red' })] }, /enum/],
  ['an image without alt_text', { type: 'image', image_url: 'https://a.example' }, /missing required field: alt_text/],
  ['an image without a source', { type: 'image', alt_text: 'x' }, /either `image_url` or `slack_file`/],
  ['a block_id of 256 characters', { type: 'divider', block_id: long(256) }, /less than 256/],
  ['markdown over 12,000 characters', { type: 'markdown', text: long(12_001) }, /less than 12001/],
  ['an empty rich text', rich({ type: 'text', text: '' }), /more than 0 characters/],
  ['an unknown rich text element', rich({ type: 'marquee' }), /unsupported type: marquee/],
]
for (const [name, block, problem] of refused) {
  test(`${name} is refused`, () => {
    expect(checkBlocks([block]).join('\n')).toMatch(problem)
  })
}

test('fifty blocks are enough, and every block_id is used once in the whole message', () => {
  expect(checkBlocks(Array(51).fill({ type: 'divider' })).join()).toMatch(
    /no more than 50 items allowed \[json-pointer:\/blocks\]/,
  )
  const twice = { type: 'divider', block_id: 'a' }
  expect(checkBlocks([twice, twice]).join()).toMatch(/Block ID needs to be unique/)
  expect(checkMessage({ text: 'x', blocks: [twice], attachments: [{ blocks: [twice] }] }).join()).toMatch(/unique/)
})

test('the sum of all block text is limited, and every further block costs something', () => {
  const section = (length: number) => ({ type: 'section', text: mrkdwn(long(length)) })
  const fits = [section(3000), section(3000), section(3000), section(3000)]
  expect(checkMessage({ blocks: fits })).toEqual([])
  expect(costOfBlocks(fits)).toBe(12_375)
  expect(checkMessage({ blocks: [...fits, section(1_201)] })).toEqual(['msg_blocks_too_long'])
  expect(costOfBlocks([...fits, section(798)])).toBeGreaterThan(MAX_BLOCKS_COST)
  expect(checkMessage({ attachments: [{ blocks: [...fits, section(798)] }] })).toEqual(['msg_blocks_too_long'])
})

test('a posted text may be ten times as long as an updated one', () => {
  expect(checkMessage({ text: long(40_000) })).toEqual([])
  expect(checkMessage({ text: long(4_001) }, 'update')).toEqual(['msg_too_long'])
})
