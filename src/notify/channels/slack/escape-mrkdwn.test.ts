import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findLiveMarkup } from '../../../../test/support/fake-slack/live-markup.ts'
import { escapeMrkdwn, hasFormattingMarks } from './escape-mrkdwn.ts'

const cases: readonly [text: string, escaped: string, why: string][] = [
  ['<!channel>', '&lt;!channel&gt;', 'nobody is mentioned by a label'],
  ['<@U123> <!subteam^S1>', '&lt;@U123&gt; &lt;!subteam^S1&gt;', 'nor a person or a group'],
  ['<https://evil.example|grafana>', '&lt;https://evil.example|grafana&gt;', 'no label makes a link'],
  ['&lt;!here&gt;', '&amp;lt;!here&amp;gt;', 'escaped once, so that escaped text shows as it was written'],
  ['*CRITICAL* ~no~ `rm`', '∗CRITICAL∗ ∼no∼ ˋrmˋ', 'formatting is not for labels'],
  ['_quiet_ node_exporter', '＿quiet＿ node_exporter', 'an underscore inside a word never formats'],
  [':white_check_mark: 14:30:25 a:100:b', '꞉white_check_mark: 14:30:25 a꞉100:b', 'emoji codes draw, times do not'],
  ['> quoted', '› quoted', 'a quote would look like a person speaking'],
  ['a > b', 'a &gt; b', 'a comparison is no quote'],
]
for (const [text, escaped, why] of cases) {
  test(`${text} → ${escaped} (${why})`, () => {
    expect(escapeMrkdwn(text)).toBe(escaped)
  })
}

test('hasFormattingMarks tells where escaping would alter visible characters', () => {
  expect(['a*b', '`x`', '_x', ':fire:', '> x'].map((text) => hasFormattingMarks(text))).toEqual([
    true,
    true,
    true,
    true,
    true,
  ])
  expect(['node_exporter', '14:30:25', 'a > b', '<@U1>', 'R&D'].map((text) => hasFormattingMarks(text))).toEqual([
    false,
    false,
    false,
    false,
    false,
  ])
})

const nasty = fc.constantFrom(
  '<!channel>',
  '<!here|x>',
  '<@U1>',
  '<!subteam^S1>',
  '<#C1>',
  '<https://evil.example|ok>',
  '&lt;!channel&gt;',
  '<mailto:a@b.c>',
  '<!date^1^x^https://evil.example|x>',
  '*',
  '_',
  '~',
  '`',
  '|',
  '>',
  '\n',
)

test('no text, however nasty, holds anything live after escaping', () => {
  const text = fc
    .array(fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 12 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, (input) => {
      const escaped = escapeMrkdwn(input, 'many')
      expect(
        findLiveMarkup({ blocks: [{ type: 'section', text: { type: 'mrkdwn', text: escaped, verbatim: true } }] }),
      ).toEqual({ pings: [], links: [] })
      expect(escaped).not.toMatch(/[<>*~`]/)
    }),
  )
})
