import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cleanJsonText, cleanText, cutText, oneLine } from './clean-text.ts'

const anyText = fc.string({
  unit: fc.constantFrom('a', ' ', '\n', '\0', '\u0007', '\u2028', '\ud83d', '\ude00', '😀', '\\', '"', 'u0000'),
})

test('clean text is well-formed, holds no NUL and keeps its length', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const clean = cleanText(text)
      return clean.isWellFormed() && !clean.includes('\0') && clean.length === text.length
    }),
  )
})

test('clean JSON text parses to what cleaning the parsed text gives', () => {
  fc.assert(fc.property(anyText, (text) => JSON.parse(cleanJsonText(JSON.stringify(text))) === cleanText(text)))
})

const escapes: readonly [json: string, clean: string, why: string][] = [
  ['"\\u0000"', '"\\ufffd"', 'NUL'],
  ['"\\\\u0000"', '"\\\\u0000"', 'an escaped backslash and five letters'],
  ['"\\uD83D\\uDE00"', '"\\uD83D\\uDE00"', 'a pair'],
  ['"\\uD83D\\uD83D\\uDE00"', '"\\ufffd\\uD83D\\uDE00"', 'half a pair before a pair'],
  ['"\\ude00\\ud83d"', '"\\ufffd\\ufffd"', 'two halves the wrong way round'],
  ['"\\u00e9"', '"\\u00e9"', 'an ordinary escape'],
]

for (const [json, clean, why] of escapes) {
  test(`${json} → ${clean} (${why})`, () => {
    expect(cleanJsonText(json)).toBe(clean)
  })
}

test('a cut never leaves half a character', () => {
  expect(cutText('ab😀', 3)).toBe('ab')
  expect(cutText('ab😀', 4)).toBe('ab😀')
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.nat(20),
      (text, length) => cutText(text, length).length <= length && cutText(text, length).isWellFormed(),
    ),
  )
})

test('one line is trimmed, short and without control characters', () => {
  expect(oneLine('  a\r\n\tb\u2028c ', 100)).toBe('a b c')
  expect(oneLine(`${'x'.repeat(9_000_000)}`, 5)).toBe('xxxxx')
  fc.assert(
    fc.property(
      anyText,
      fc.nat(20),
      (text, length) => oneLine(text, length).length <= length && !/[\p{Cc}\u2028]/u.test(oneLine(text, length)),
    ),
  )
})
