import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileLabelMatcher, labelMatcherText, parseLabelMatcher } from './label-matcher.ts'

function matches(text: string, value: string): boolean | string {
  const parsed = parseLabelMatcher(text)
  return parsed.ok ? compileLabelMatcher(parsed.matcher)(value) : parsed.problem
}

describe('a matcher of a label', () => {
  const cases: readonly [matcher: string, value: string, holds: boolean, why: string][] = [
    ['team="payments"', 'payments', true, 'equal'],
    ['team="payments"', 'Payments', false, 'case matters'],
    ['team=payments', 'payments', true, 'a plain value needs no quotes'],
    ['team!="payments"', '', true, 'absent is not equal'],
    ['team=""', '', true, 'absent equals empty'],
    ['team=~"pay"', 'payments', false, 'an expression fits the whole value'],
    ['team=~"pay.*"', 'payments', true, 'an expression fits the whole value'],
    ['team=~"a|ab"', 'ab', true, 'whichever alternative fits the whole'],
    ['team=~"a|b"', 'xb', false, 'each alternative is anchored'],
    ['team=~".+"', '', false, 'present'],
    ['team=~"a.b"', 'a\nb', true, 'a dot fits a line break, as in Alertmanager'],
    ['team!~"test|dev"', 'prod', true, 'none of them'],
    ['team!~"test|dev"', 'dev', false, 'one of them'],
    ['team!~"test|dev"', '', true, 'absent is none of them'],
    ['team=~"eu-\\d+"', 'eu-12', true, 'escapes of expressions stay'],
    ['team="say \\"hi\\""', 'say "hi"', true, 'quotes are escaped'],
    ['team="a=b,c"', 'a=b,c', true, 'quotes hold everything'],
    ['"my team" = "x"', 'x', true, 'a name in quotes, spaces around'],
    ['team=~"(?i)PAY"', 'pay', true, 'flags of RE2'],
  ]
  for (const [matcher, value, holds, why] of cases) {
    test(`${matcher} ${holds ? 'fits' : 'does not fit'} ${JSON.stringify(value)} (${why})`, () => {
      expect(matches(matcher, value)).toBe(holds)
    })
  }

  const refused: readonly [matcher: string, why: string][] = [
    ['team', 'no operator'],
    ['="x"', 'no name'],
    ['team==x', 'no such operator'],
    ['team: x', 'a map entry'],
    ['team="x', 'an open quote'],
    ['a="x",b="y"', 'two matchers'],
    ['{a="x"}', 'braces'],
    ['team=~"("', 'an expression that does not end'],
    ['team=~"(?=x)"', 'look-around takes more than linear time'],
    ['team=~"(a)\\\\1"', 'so do back-references'],
  ]
  for (const [matcher, why] of refused) {
    test(`${matcher} is refused (${why})`, () => {
      expect(parseLabelMatcher(matcher).ok).toBe(false)
    })
  }
})

test('an expression that makes others hang answers at once', () => {
  const parsed = parseLabelMatcher('team=~"(a+)+$"')
  if (!parsed.ok) throw new Error(parsed.problem)
  const begun = performance.now()
  expect(compileLabelMatcher(parsed.matcher)(`${'a'.repeat(10_000)}!`)).toBe(false)
  expect(performance.now() - begun).toBeLessThan(2_000)
})

test('what is written out can be read again', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, unit: 'grapheme' }).filter((name) => /^[^\s"=!~{},]+$/u.test(name)),
      fc.constantFrom('=', '!=' as const),
      fc.string().filter((value) => !/\p{Cc}/u.test(value)),
      (name, operator, value) => {
        const matcher = { name, operator, value } as const
        expect(parseLabelMatcher(labelMatcherText(matcher))).toEqual({ ok: true, matcher })
      },
    ),
  )
})
