import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { searchWords, termsOf } from './search-terms.ts'

const finds = (search: string, text: string): boolean =>
  (searchWords(search) ?? []).every((word) => termsOf([text]).some((term) => term.startsWith(word)))

describe('a word is found by the beginning of any of its parts', () => {
  const cases: readonly [search: string, text: string, isFound: boolean][] = [
    ['disk', 'Disk full', true],
    ['DISK Full', 'disk full on node-17', true],
    ['full disk', 'Disk full', true],
    ['isk', 'Disk full', false],
    ['disk_full', 'Disk full', false],
    ['disk_full', 'disk_full', true],
    ['full', 'disk_full', true],
    ['50%', 'Disk 50%', true],
    ['(50)', 'Disk 50%', true],
    ['error', 'HighErrorRate', true],
    ['errorrate', 'HighErrorRate', true],
    ['rate', 'HighErrorRate', true],
    ['httpe', 'HTTPErrors', true],
    ['error', 'HTTPErrors', true],
    ['17', 'Rule17', true],
    ['zone-b.example', 'node-17.zone-b.example.com:9100', true],
    ['9100', 'node-17.zone-b.example.com:9100', true],
    ['warning|db', 'DiskFull|warning|db|production', true],
    ['결제', '결제가 실패했습니다', true],
    ['서버', '결제서버 오류', true],
    ['결제 오류', '결제서버 오류', true],
    ['실패', '결제가 성공했습니다', false],
    ['障害', '重大障害', true],
    ['ｄｉｓｋ', 'Disk', true],
    ['é', 'E\u0301cran', true],
  ]
  for (const [search, text, isFound] of cases)
    test(`${search} ${isFound ? 'finds' : 'does not find'} ${text}`, () => expect(finds(search, text)).toBe(isFound))
})

test('of nothing but signs nothing is left to be found, and of blanks there is no search', () => {
  expect(searchWords(' \t')).toBeNull()
  expect(searchWords('% -- _')).toEqual([])
})

test('terms are few, short, well-formed and without blanks, whatever the text', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 400 })), (texts) => {
      const terms = termsOf(texts)
      expect(terms.length).toBeLessThanOrEqual(80)
      for (const term of terms) {
        expect(term).toMatch(/^\S{1,40}$/u)
        expect(term.isWellFormed()).toBe(true)
      }
    }),
  )
})

test('every text is found by each of its own words', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), { maxLength: 8 }), (words) => {
      const text = words.join(' ')
      const terms = termsOf([text], Number.POSITIVE_INFINITY)
      for (const word of searchWords(text) ?? []) expect(terms.some((term) => term.startsWith(word))).toBe(true)
    }),
  )
})
