import { expect, test } from 'vitest'
import { genericSettingsSchema } from './settings-schema.ts'
import { readValuePath, valueAt } from './value-path.ts'

const body = JSON.parse('{"a":{"b":[{"c":1},{"c":null}],"odd.name":{"x y":2},"__proto__":{"own":3}},"list":[["deep"]]}')

const paths: readonly [path: string, value: unknown, why: string][] = [
  ['a.b[0].c', 1, 'names and numbers'],
  ['$.a.b[0].c', 1, 'JSONPath’s root'],
  ['a.b[1].c', null, 'null is a value'],
  ['a.b[2].c', undefined, 'behind the end'],
  ['["a"]["odd.name"][\'x y\']', 2, 'names in quotes'],
  ['list[0][0]', 'deep', 'lists in lists'],
  ['$[0]', undefined, 'a number in an object'],
  ['a.b.length', undefined, 'what a list inherits or is, is not there'],
  ['a.constructor', undefined, 'what an object inherits is not there'],
  ['a.__proto__.own', 3, 'unless the sender wrote it'],
  ['a.__proto__.toString', undefined, 'and then only that'],
]

for (const [path, value, why] of paths) {
  test(`${path} → ${JSON.stringify(value)} (${why})`, () => {
    expect(valueAt(body, readValuePath(path) ?? [])).toEqual(value)
  })
}

for (const path of [
  '',
  '$',
  'a..b',
  'a.',
  'a[',
  'a[x]',
  'a[-1]',
  'a[0]b',
  '[*]',
  'a[?(@.b)]',
  '..a',
  `${'a.'.repeat(40)}a`,
]) {
  test(`${JSON.stringify(path.slice(0, 20))} is no path`, () => {
    expect(readValuePath(path)).toBeNull()
  })
}

test('settings name the path that is wrong and show a right one', () => {
  const parsed = genericSettingsSchema.safeParse({
    title: 'a..b',
    alerts: 'list[0]',
    labels: { host: '' },
    firingValues: [],
    unknown: 1,
  })
  const problems = Object.fromEntries(
    (parsed.error?.issues ?? []).map((issue) => [issue.path.join('.'), issue.message]),
  )
  expect(Object.keys(problems).sort()).toEqual(['', 'alerts', 'firingValues', 'labels.host', 'title'])
  expect(problems.title).toContain('such as event.host')
  expect(problems.alerts).toContain('without [numbers]')
})

test('no settings are settings', () => {
  expect(genericSettingsSchema.parse({})).toEqual({})
})
