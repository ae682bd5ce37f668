import { describe, expect, test } from 'vitest'
import { blankNonCode, functionsOf, importsOf } from './scan-source.ts'

const importCases: readonly [source: string, expected: readonly string[], why: string][] = [
  ["import { a } from './a.ts'", ['./a.ts'], 'the plain form'],
  ["import type { A } from './a.ts'", ['./a.ts'], 'types tie files together too'],
  ["import a, {\n  b,\n  type C,\n} from './a.ts'", ['./a.ts'], 'a list over several lines'],
  ['import * as a from "a"\nimport \'./b.ts\'', ['a', './b.ts'], 'a namespace, and for its effects only'],
  ["export { a } from './a.ts'\nexport * from './b.ts'", ['./a.ts', './b.ts'], 'passing on is importing'],
  ["const a = await import('./a.ts')", ['./a.ts'], 'at run time'],
  ["type A = import('./a.ts').A", ['./a.ts'], 'a type in place'],
  ["import a from './a.json' with { type: 'json' }", ['./a.json'], 'attributes follow'],
  ["// import { a } from './a.ts'\n/* import './b.ts' */", [], 'a comment is no import'],
  ['const text = "import \'./a.ts\'"', [], 'a string is no import'],
  ['const text = `\nimport "./a.ts"\n`', [], 'a template is no import'],
  [
    'const text = `${await import("./a.ts")} `\nimport "./b.ts"',
    ['./a.ts', './b.ts'],
    'an expression in a template is',
  ],
  ["const quote = /['\"`]/\nimport './a.ts'", ['./a.ts'], 'a quote in a regular expression opens nothing'],
  ["const half = a / b // '\nimport './a.ts'", ['./a.ts'], 'a division opens nothing'],
  ["export const from = 1\nconst b = 'x'", [], 'a constant called from'],
]

describe('importsOf', () => {
  for (const [source, expected, why] of importCases) {
    test(`${JSON.stringify(source)} (${why})`, () => {
      expect(importsOf(source).map(({ specifier }) => specifier)).toEqual(expected)
    })
  }

  test('says the line, so that a finding can be clicked', () => {
    expect(importsOf("\n\nimport { a } from './a.ts'\n")).toEqual([{ specifier: './a.ts', line: 3 }])
  })
})

describe('blankNonCode', () => {
  test('keeps every line and column where it was', () => {
    const source = "const a = 'x\\'y' /* é\n */ + `p${b + `q${c}`}r` // end\nreturn /[/'\"]+/.test(a)"
    const blanked = blankNonCode(source)
    expect(blanked).toHaveLength(source.length)
    expect(blanked.split('\n')).toHaveLength(3)
    expect(blanked.replaceAll(/\s+/g, ' ')).toBe("const a = ' ' + ` b + ` c ` ` return / /.test(a)")
  })
})

describe('functionsOf', () => {
  const body = (indent: string) => Array.from({ length: 3 }, () => `${indent}  work({\n${indent}  })\n`).join('')

  test('measures functions, arrow functions and methods from their first line to their last', () => {
    const source =
      `export async function first(\n  a: string,\n): Promise<void> {\n${body('')}}\n\n` +
      `const second = (a: string) => {\n${body('')}}\n\n` +
      `class A {\n  async #third(options: {\n    a: string\n  }): Promise<void> {\n${body('  ')}  }\n}\n`
    expect(functionsOf(source).map(({ name, line, lineCount }) => [name, line, lineCount])).toEqual([
      ['first', 1, 10],
      ['second', 12, 8],
      ['#third', 22, 10],
    ])
  })

  test('takes neither statements nor calls for methods', () => {
    expect(functionsOf('  if (a) {\n  }\n  work(b, {\n  })\n  test(c, () => {\n  })\n')).toEqual([])
  })
})
