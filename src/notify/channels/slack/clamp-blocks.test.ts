import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkBlocks } from '../../../../test/support/fake-slack/block-rules.ts'
import type { Block, TextObject } from './block-kit.ts'
import { clampBlocks } from './clamp-blocks.ts'
import { clampMrkdwn, clampPlain } from './clamp-text.ts'
import { escapeMrkdwn } from './escape-mrkdwn.ts'

const plain = (text: string) => ({ type: 'plain_text', text, emoji: true }) as const
const section = (text: string): Block => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } })

test('what fits is not touched', () => {
  expect(clampPlain('x'.repeat(150), 150)).toBe('x'.repeat(150))
  expect(clampMrkdwn('a &amp; b', 9)).toBe('a &amp; b')
})

test('what is too long ends in … and is exactly as long as allowed', () => {
  expect(clampPlain('x'.repeat(151), 150)).toBe(`${'x'.repeat(149)}…`)
})

const cuts: readonly [text: string, max: number, cut: string, why: string][] = [
  ['ab👨‍👩‍👧cd', 5, 'ab…', 'a family is one character'],
  ['e\u0301e\u0301e\u0301', 4, 'e\u0301…', 'an accent stays with its letter'],
  ['각각각', 4, '각…', 'so do the parts of a Korean syllable'],
]
for (const [text, max, cut, why] of cuts) {
  test(`${text} cut to ${max} is ${cut} (${why})`, () => {
    expect(
      clampPlain(text.normalize('NFD').length > text.length ? text.normalize('NFD') : text, max).normalize('NFC'),
    ).toBe(cut.normalize('NFC'))
  })
}

test('mrkdwn is cut before an entity or a link, never inside', () => {
  expect(clampMrkdwn('ab &lt; cd', 6)).toBe('ab…')
  expect(clampMrkdwn('see <https://example.com|here> now', 20)).toBe('see…')
  expect(clampMrkdwn('&amp;&amp;&amp;', 11)).toBe('&amp;&amp;…')
})

test('a single character that is longer than the limit leaves only …', () => {
  expect(clampPlain(`a${'\u0301'.repeat(500)}`, 150)).toBe('…')
})

test('any text, escaped and cut, is a prefix of its characters with … behind', () => {
  const text = fc.string({
    unit: fc.constantFrom('&', '<', '>', 'a', '\u0301', '👨‍👩‍👧', '각', '\uFFFC', ' '),
    maxLength: 60,
  })
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 40 }), (input, max) => {
      const escaped = escapeMrkdwn(input)
      const cut = clampMrkdwn(escaped, max)
      expect(cut.length).toBeLessThanOrEqual(max)
      const kept = escaped.length <= max ? cut : cut.slice(0, -1)
      expect(escaped.startsWith(kept)).toBe(true)
      expect(cut).toBe(escaped.length <= max ? escaped : `${kept}…`)
      expect(kept).not.toMatch(/&(?!(?:amp|lt|gt);)/)
    }),
  )
})

test('numbers are kept to: 50 blocks, 10 fields, 10 elements, ids of 255', () => {
  const elements = Array.from({ length: 12 }, (_, index) => plain(String(index)))
  const blocks: readonly Block[] = [
    { type: 'section', block_id: 'x'.repeat(300), fields: elements },
    { type: 'context', elements },
  ]
  const [first, second] = clampBlocks(blocks)
  expect(first).toMatchObject({ block_id: 'x'.repeat(255), fields: elements.slice(0, 10) })
  expect(second).toMatchObject({ elements: elements.slice(0, 10) })
  expect(clampBlocks(Array.from({ length: 60 }, () => section('x')))).toHaveLength(50)
})

test('blocks and texts without anything in them are left out, because Slack refuses them', () => {
  const blocks: readonly Block[] = [
    section(' '),
    { type: 'header', text: plain('') },
    { type: 'context', elements: [plain('')] },
    { type: 'section', fields: [plain(''), plain('x')] },
  ]
  expect(clampBlocks(blocks)).toEqual([{ type: 'section', fields: [plain('x')] }])
})

test('when only the sum is too long, the long texts give way and the short ones stay whole', () => {
  const blocks = [...Array.from({ length: 10 }, () => section('x'.repeat(3_000))), section('short')]
  const clamped = clampBlocks(blocks)
  expect(checkBlocks(clamped)).toEqual([])
  expect(clamped.at(-1)).toEqual(section('short'))
})

const text = fc
  .tuple(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.nat(700))
  .map(([unit, times]) => unit.repeat(times))
const object: fc.Arbitrary<TextObject> = fc.oneof(
  text.map(plain),
  text.map((input) => ({ type: 'mrkdwn', text: escapeMrkdwn(input, 'many'), verbatim: true }) as const),
)
const block: fc.Arbitrary<Block> = fc.oneof(
  text.map((input): Block => ({ type: 'header', text: plain(input) })),
  object.map((input): Block => ({ type: 'section', text: input })),
  fc.array(object, { maxLength: 14 }).map((fields): Block => ({ type: 'section', fields })),
  fc.array(object, { maxLength: 14 }).map((elements): Block => ({ type: 'context', elements })),
)

test('whatever the blocks, the clamped ones break no rule of Slack', () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 70 }), (blocks) => {
      expect(checkBlocks(clampBlocks(blocks))).toEqual([])
    }),
    { numRuns: 40 },
  )
})
