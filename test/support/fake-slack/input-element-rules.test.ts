import { expect, test } from 'vitest'
import { checkBlocks, checkMessage } from './block-rules.ts'

const plain = (text: string) => ({ type: 'plain_text', text })
const long = (length: number) => 'x'.repeat(length)
const option = (value: string, more: object = {}) => ({ text: plain(value), value, ...more })
const options = (count: number) => Array.from({ length: count }, (_, index) => option(`o${index}`))
const actions = (...elements: object[]) => ({ type: 'actions', elements })
const input = (element: object, more: object = {}) => ({ type: 'input', label: plain('Note'), element, ...more })

test('everything that people choose and type in is taken where Slack takes it', () => {
  const groups = [{ label: plain('hours'), options: [option('1h'), option('4h')] }]
  const blocks = [
    actions(
      { type: 'static_select', action_id: 'silence', placeholder: plain('Silence'), option_groups: groups },
      { type: 'overflow', action_id: 'more', options: [option('a', { url: 'https://a.example' })] },
      { type: 'users_select', action_id: 'assign', initial_user: 'U1' },
      { type: 'conversations_select', filter: { include: ['public'] }, default_to_current_conversation: true },
      { type: 'channels_select', initial_channel: 'C1' },
      { type: 'radio_buttons', options: options(10), initial_option: option('o3') },
      { type: 'checkboxes', options: options(2), initial_options: [option('o0')] },
    ),
    { type: 'section', text: plain('x'), accessory: { type: 'overflow', options: options(5) } },
    input({ type: 'plain_text_input', multiline: true, min_length: 0, max_length: 3000, initial_value: '' }),
    input({ type: 'static_select', options: options(100) }, { hint: plain('h'), optional: true }),
  ]
  expect(checkBlocks(blocks)).toEqual([])
})

const refused: readonly [name: string, block: object, problem: RegExp][] = [
  ['an option text of 76 characters', actions({ type: 'overflow', options: [option(long(76))] }), /less than 76/],
  [
    'an option value of 151 characters',
    actions({ type: 'static_select', options: [{ text: plain('x'), value: long(151) }] }),
    /less than 151/,
  ],
  ['an option without a value', actions({ type: 'static_select', options: [{ text: plain('x') }] }), /field: value/],
  ['two options of the same value', actions({ type: 'overflow', options: [option('a'), option('a')] }), /duplicate/],
  [
    'an option in mrkdwn',
    actions({ type: 'overflow', options: [{ text: { type: 'mrkdwn', text: 'x' }, value: 'x' }] }),
    /of type plain_text/,
  ],
  [
    'a URL on an option of a menu',
    actions({ type: 'static_select', options: [option('a', { url: 'https://a.example' })] }),
    /additional property: url/,
  ],
  ['six options in an overflow menu', actions({ type: 'overflow', options: options(6) }), /no more than 5/],
  ['eleven radio buttons', actions({ type: 'radio_buttons', options: options(11) }), /no more than 10/],
  ['a menu of 101 options', actions({ type: 'static_select', options: options(101) }), /no more than 100/],
  ['a menu without options', actions({ type: 'static_select' }), /either `options` or `option_groups`/],
  [
    'an initial option that is not offered',
    actions({ type: 'static_select', options: options(2), initial_option: option('z') }),
    /one of the provided options/,
  ],
  [
    'a placeholder of 151 characters',
    actions({ type: 'users_select', placeholder: plain(long(151)) }),
    /less than 151/,
  ],
  ['a text field among buttons', actions({ type: 'plain_text_input' }), /unsupported type: plain_text_input/],
  ['a button in an input block', input({ type: 'button', text: plain('x') }), /unsupported type: button/],
  [
    'an input without a label',
    { type: 'input', element: { type: 'plain_text_input' } },
    /missing required field: label/,
  ],
  ['a text field for 3,001 characters', input({ type: 'plain_text_input', max_length: 3001 }), /between 1 and 3000/],
  [
    'a confirmation whose title is too long',
    actions({ type: 'overflow', options: options(1), confirm: { title: plain(long(101)), text: plain('x') } }),
    /less than 101/,
  ],
]
for (const [name, block, problem] of refused) {
  test(`${name} is refused`, () => {
    expect(checkBlocks([block]).join('\n')).toMatch(problem)
  })
}

test('an action_id may come again in another block, not in the same one', () => {
  const button = { type: 'button', text: plain('x'), action_id: 'ack' }
  expect(checkBlocks([actions(button), actions(button)])).toEqual([])
  expect(checkBlocks([actions(button, button)]).join()).toMatch(/action_id needs to be unique/)
})

test('a legacy attachment as CloudWatch forwarders make it is taken, and its mistakes are not', () => {
  const legacy = {
    fallback: 'x',
    title: 'ALARM',
    title_link: 'https://a.example',
    text: '*x*',
    fields: [{ title: 'Region', value: 'ap-northeast-2', short: true }],
    footer: 'CloudWatch',
    ts: 1_700_000_000,
    color: 'danger',
    mrkdwn_in: ['text', 'fields'],
  }
  expect(checkMessage({ attachments: [legacy] })).toEqual([])
  expect(checkMessage({ attachments: [{ ...legacy, ts: '2026-01-01' }] }).join()).toMatch(/seconds since 1970/)
  expect(checkMessage({ attachments: [{ ...legacy, mrkdwn_in: ['title'] }] }).join()).toMatch(/enum/)
  const mixed = { ...legacy, blocks: [{ type: 'divider' }] }
  expect(checkMessage({ attachments: [mixed] }).join()).toMatch(/not shown beside blocks: title/)
})
