import { expect, test } from 'vitest'
import { ENGLISH_WORDS } from './english-words.ts'
import { KOREAN_WORDS } from './korean-words.ts'
import { durationWords, fill, timesWords } from './message-words.ts'

function flat(words: object, path = ''): readonly (readonly [path: string, text: string])[] {
  return Object.entries(words).flatMap(([key, text]) =>
    typeof text === 'string' ? [[`${path}${key}`, text] as const] : flat(text, `${path}${key}.`),
  )
}
const english = new Map(flat(ENGLISH_WORDS))
const korean = new Map(flat(KOREAN_WORDS))
const places = (text = '') => [...text.matchAll(/\{[a-z]+\}/g)].map(([place]) => place).sort()

test('both languages say the same things, with the same places to fill in', () => {
  expect([...korean.keys()].sort()).toEqual([...english.keys()].sort())
  for (const [path, text] of english) expect([path, places(korean.get(path))]).toEqual([path, places(text)])
})

test('no particle of Korean follows a variable, because it would depend on what is filled in', () => {
  const particle = /\}(?:은|는|이|가|을|를|와|과|의|에|로|으로|부터|까지|에서)/
  expect([...korean.values()].filter((text) => particle.test(text))).toEqual([])
})

test('확인 means acknowledge and nothing else', () => {
  const saying = [...korean].filter(([, text]) => text.includes('확인')).map(([path]) => path)
  expect(saying.sort()).toEqual([
    'acknowledge',
    'acknowledged',
    'acknowledgedNews',
    'assigned',
    'escalatedActive',
    'headlines.acknowledged',
  ])
})

test('the words of the glossary', () => {
  const { severities, acknowledge, resolve, reopen } = KOREAN_WORDS
  expect(severities).toMatchObject({ critical: '심각', error: '오류', warning: '경고', info: '정보', debug: '디버그' })
  expect([acknowledge, resolve, reopen]).toEqual(['확인', '해결', '재개'])
})

test('nothing that is filled in is filled in again', () => {
  expect(fill('{who}: {title}', { who: '{title}', title: 'x' })).toBe('{title}: x')
})

const durations: readonly [ms: number, en: string, ko: string][] = [
  [0, '0s', '0초'],
  [8_900, '8s', '8초'],
  [10 * 60_000, '10m', '10분'],
  [124 * 60_000, '2h 4m', '2시간 4분'],
  [(26 * 60 + 30) * 60_000, '1d 2h', '1일 2시간'],
  [-5, '0s', '0초'],
  [Number.NaN, '0s', '0초'],
]
for (const [ms, en, ko] of durations) {
  test(`${ms} ms last ${en}, ${ko}`, () => {
    expect([durationWords(ENGLISH_WORDS, ms), durationWords(KOREAN_WORDS, ms)]).toEqual([en, ko])
  })
}

test('once is a word of its own', () => {
  expect([timesWords(ENGLISH_WORDS, 1), timesWords(ENGLISH_WORDS, 2), timesWords(KOREAN_WORDS, 2)]).toEqual([
    'once',
    '2 times',
    '2회',
  ])
})
