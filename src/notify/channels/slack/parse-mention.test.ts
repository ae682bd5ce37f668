import { expect, test } from 'vitest'
import { parseMention } from './parse-mention.ts'

const cases: readonly [text: string, read: unknown, why: string][] = [
  ['@here', { kind: 'here' }, 'those who are there'],
  ['@channel', { kind: 'everyone' }, 'everybody of the channel'],
  ['@everyone', { kind: 'everyone' }, 'the same to us'],
  ['U0123ABC', { kind: 'person', id: 'U0123ABC' }, 'a person'],
  ['W0123ABC', { kind: 'person', id: 'W0123ABC' }, 'a person of an enterprise'],
  ['S0123ABC', { kind: 'group', id: 'S0123ABC' }, 'a user group'],
  ['@minsu', /is a name/, 'names can change hands'],
  ['oncall', /is a name/, 'names can change hands'],
  ['김민수', /is a name/, 'names of any script'],
  ['#alerts', /is a name/, 'a channel by name'],
  ['C0123456789', /is a name/, 'a channel cannot be called'],
  ['u0123abc', /is a name/, 'ids are in capitals'],
  ['<!here>', /nobody that Slack could call/, 'markup is made here, not in the configuration'],
  ['<@U0123ABC>', /nobody that Slack could call/, 'markup is made here, not in the configuration'],
  ['U0123ABC> <!channel', /nobody that Slack could call/, 'nothing can be smuggled behind an id'],
  ['', /nobody that Slack could call/, 'nothing'],
]
for (const [text, read, why] of cases) {
  test(`${JSON.stringify(text)} is ${read instanceof RegExp ? 'refused' : JSON.stringify(read)} (${why})`, () => {
    const parsed = parseMention(text)
    if (read instanceof RegExp) expect(parsed.ok ? '' : parsed.problem).toMatch(read)
    else expect(parsed.ok && parsed.mention).toEqual(read)
  })
}
