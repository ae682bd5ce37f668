import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printableText } from './printable-text.ts'

const cases: readonly [text: string, shown: string, why: string][] = [
  ['db01', 'db01', 'plain text is left alone'],
  ['  a b  ', 'a b', 'white space around a value says nothing'],
  ['gpj\u202Eexe.png', 'gpj⟨U+202E⟩exe.png', 'a reordered name must not read as another'],
  ['a\u2066b\u2069', 'a⟨U+2066⟩b⟨U+2069⟩', 'isolates reorder as well'],
  ['pay\u200Bload', 'pay⟨U+200B⟩load', 'two names that look alike must look different'],
  ['x\u{E0041}y', 'x⟨U+E0041⟩y', 'tag characters hide whole sentences'],
  ['a\u0000b\u001B[31m', 'a⟨U+0000⟩b⟨U+001B⟩[31m', 'control characters reach terminals through copy and paste'],
  [
    '\u{1F468}\u200D\u{1F469}\u200D\u{1F467} ⚠️',
    '👨‍👩‍👧 ⚠️',
    'joiners and selectors inside whole emoji are part of them',
  ],
  ['a\uFE0Fb', 'ab', 'a selector without an emoji shows nothing'],
  ['half \uD83D pair', 'half \uFFFD pair', 'the form encoder throws on half a pair'],
  ['서비스 장애', '서비스 장애', 'Korean is ordinary text'],
  ['first\r\nsecond\u2028third', 'first second third', 'a value of one line stays on it'],
  ['a\tb', 'a b', 'tabs would leave holes'],
]
for (const [text, shown, why] of cases) {
  test(`${JSON.stringify(text)} → ${JSON.stringify(shown)} (${why})`, () => {
    expect(printableText(text)).toBe(shown)
  })
}

test('a value of many lines keeps them, but not a screenful of empty ones', () => {
  expect(printableText('first  \r\nsecond\n\n\n\n\nthird\n', 'many')).toBe('first\nsecond\n\nthird')
})

test('whatever comes in, nothing hidden comes out and half pairs are gone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const shown = printableText(text)
      expect(shown.isWellFormed()).toBe(true)
      expect(shown.replace(/\p{RGI_Emoji}/gv, '')).not.toMatch(
        /[\p{Bidi_Control}\p{Cc}]|\p{Default_Ignorable_Code_Point}/u,
      )
      expect(printableText(shown)).toBe(shown)
    }),
  )
})

test('a value made to cost time costs next to none', () => {
  const startedAt = performance.now()
  for (const text of [
    ' '.repeat(1e6),
    `${'x '.repeat(1e5)}\n`,
    '\n'.repeat(1e6),
    '\u200B'.repeat(1e6),
    '\u{1F3F4}\u{E0067}'.repeat(1e5),
  ])
    printableText(text, 'many')
  expect(performance.now() - startedAt).toBeLessThan(500)
})
