import { expect, test } from 'vitest'
import { readSeverityChoice } from './severity-choice.ts'

const cases: readonly [choice: string | readonly string[], among: readonly string[] | string, why: string][] = [
  ['error', ['error'], 'one word is that severity alone'],
  ['>=error', ['error', 'critical'], 'upwards'],
  [' >= warning ', ['warning', 'error', 'critical'], 'spaces do not matter'],
  [['critical', 'info'], ['info', 'critical'], 'a list, least first'],
  [['>=error', 'warning'], ['warning', 'error', 'critical'], 'a list of both forms'],
  ['crit', 'crit', 'the words of senders are not accepted: a rule says what it means'],
  ['Critical', 'Critical', 'nor another case'],
  ['<=error', '<=error', 'there is no downwards'],
  ['>=', '>=', 'nothing is named'],
  ['error critical', 'error critical', 'two words are no severity'],
  [['error', 'loud'], 'loud', 'the word that is wrong is named'],
]
for (const [choice, among, why] of cases) {
  test(`${JSON.stringify(choice)} means ${JSON.stringify(among)} (${why})`, () => {
    const read = readSeverityChoice(choice)
    expect(read.ok ? read.severities : read.word).toEqual(among)
  })
}
