import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { PROBLEMS } from './problem-catalogue.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/errors.md'), 'utf8')

test('the page of errors lists exactly the problems of the catalogue, in its words', () => {
  const documented = page.split('\n').filter((line) => line.startsWith('| `'))
  const wanted = Object.entries(PROBLEMS).map(
    ([code, { status, title, remedy }]) => `| \`${code}\` | ${status} | ${title} | ${remedy} |`,
  )
  expect(documented).toEqual(wanted)
})

test('a title fits on the status line of an answer', () => {
  for (const { title } of Object.values(PROBLEMS)) expect(title).toMatch(/^[\x20-\x7e]{5,80}$/)
})
