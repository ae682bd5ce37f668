import { expect, test } from 'vitest'
import { readCommand } from './read-command.ts'

const cases: readonly [text: string, verb: string, incident: string | null, rest: string, why: string][] = [
  ['', 'list', null, '', 'nothing at all asks what is open'],
  ['  list 2 ', 'list', null, '2', 'a page'],
  ['LIST', 'list', null, '', 'capitals do not matter'],
  ['ack INC-12', 'ack', 'INC-12', '', 'the usual form'],
  ['ack inc-12', 'ack', 'INC-12', '', 'small letters'],
  ['ack 12', 'ack', 'INC-12', '', 'the number alone'],
  ['ack 007', 'ack', 'INC-7', '', 'zeros in front'],
  ['확인 INC-3', 'ack', 'INC-3', '', 'Korean'],
  ['확인 INC-3'.normalize('NFD'), 'ack', 'INC-3', '', 'Korean as macOS writes it'],
  ['resolve INC-1 a  new disk', 'resolve', 'INC-1', 'a  new disk', 'a reason as it was written'],
  ['note INC-1 line 1\nline 2', 'note', 'INC-1', 'line 1\nline 2', 'several lines'],
  ['note it is broken', 'note', null, 'it is broken', 'no incident was named'],
  ['silence INC-1 4h', 'silence', 'INC-1', '4h', 'how long'],
  ['declare The shop is down', 'declare', null, 'The shop is down', 'a title'],
  ['ack INC-1234567890123456', 'ack', null, 'INC-1234567890123456', 'no number of ours is so long'],
  ['constructor', 'help', null, '', 'a name that every object has'],
  ['frobnicate INC-1', 'help', null, '', 'unknown'],
]
for (const [text, verb, incident, rest, why] of cases) {
  test(`"${text.normalize('NFC').replaceAll('\n', '⏎')}" is ${verb} (${why})`, () => {
    expect(readCommand(text)).toEqual({ verb, incident, rest })
  })
}
