import { expect, test } from 'vitest'
import { didYouMean } from './did-you-mean.ts'

const KNOWN = ['port', 'host', 'botToken', 'correlation', 'warn', 'database', 'NUNCHI_ALERT_WAIT_MS']
const cases: readonly [written: string, expected: string | null, why: string][] = [
  ['prot', 'port', 'two letters swapped'],
  ['bot_token', 'botToken', 'another way to join words'],
  ['BOT-TOKEN', 'botToken', 'case does not matter'],
  ['corelation', 'correlation', 'a letter forgotten'],
  ['warning', 'warn', 'the long form of a short word'],
  ['NUNCHI_ALERT_WAIT', 'NUNCHI_ALERT_WAIT_MS', 'the unit forgotten'],
  ['colour', null, 'another word'],
  ['x', null, 'too short to be near anything'],
]

for (const [written, expected, why] of cases) {
  test(`${written} → ${expected} (${why})`, () => {
    expect(didYouMean(written, KNOWN)).toBe(expected)
  })
}

test('nothing known, nothing meant', () => {
  expect(didYouMean('port', [])).toBeNull()
})
