import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '../config.ts'
import { configJsonSchema } from './config-json-schema.ts'
import { CONFIG_FILE } from './config-schema.ts'
import { jsonSchemaText, withSettingsTables } from './generated-documents.ts'
import { listSettings } from './schema-paths.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const REMEDY = 'run `node scripts/write-config-documents.mjs && npx biome format --write schemas`'

function fileOf(name: string): string {
  return readFileSync(resolve(ROOT, name), 'utf8')
}

const EXAMPLE = fileOf('nunchi.example.yaml')
/** A comment has a space behind its #; a setting that is switched off has its key there, or its indentation. */
const EXAMPLE_WITH_EVERYTHING = EXAMPLE.replaceAll(/^(\s*)#(?=\S| {2})/gm, '$1')

function readYaml(yaml: string) {
  const readFile = (path: string) => (path.startsWith('/run/secrets/') ? path.padEnd(40, 'x') : yaml)
  return readConfig({ env: { NUNCHI_CONFIG: 'nunchi.yaml' }, readFile, workingFolder: '/srv' })
}

test(`the JSON Schema is that of today (otherwise ${REMEDY})`, () => {
  expect(JSON.parse(fileOf('schemas/nunchi-config.schema.json'))).toEqual(JSON.parse(jsonSchemaText()))
})

test(`the tables of the docs are those of today (otherwise ${REMEDY})`, () => {
  const page = fileOf('docs/configuration.md')
  expect(page).toBe(withSettingsTables(page))
})

test('the example says nothing but the defaults', () => {
  const fromExample = readYaml(EXAMPLE)
  const fromNothing = readYaml('')
  if (!fromExample.ok || !fromNothing.ok) throw new Error(JSON.stringify([fromExample, fromNothing]))
  expect({ ...fromExample.config, origins: {} }).toEqual({ ...fromNothing.config, origins: {} })
})

test('everything that the example has switched off can be switched on', () => {
  expect(readYaml(EXAMPLE_WITH_EVERYTHING)).toMatchObject({ ok: true })
})

test('the example has every setting', () => {
  // The URL says the same in one line.
  const absent = ['host', 'port', 'user', 'password', 'name'].map((key) => `database.${key}`)
  const example: unknown = parse(EXAMPLE_WITH_EVERYTHING)
  const keys = listSettings(CONFIG_FILE)
    .filter(({ facts, isLeaf }) => isLeaf && !facts.isHidden)
    .map(({ path }) => path.join('.'))
  expect(keys.filter((key) => !absent.includes(key) && !hasKey(example, key.split('.')))).toEqual([])
})

function hasKey(value: unknown, path: readonly string[]): boolean {
  const [key, ...rest] = path
  if (key === undefined) return true
  if (key === '[]') return Array.isArray(value) && value.some((entry) => hasKey(entry, rest))
  return (
    typeof value === 'object' && value !== null && key in value && hasKey((value as Record<string, unknown>)[key], rest)
  )
}

test('what the program accepts, the JSON Schema accepts, and it finds misspelt keys', () => {
  const validate = new Ajv({ strict: false }).compile(configJsonSchema())
  for (const yaml of [EXAMPLE, EXAMPLE_WITH_EVERYTHING]) {
    expect(validate(parse(yaml)), JSON.stringify(validate.errors)).toBe(true)
  }
  expect(validate({ prot: 1 })).toBe(false)
  expect(validate({ sources: [{ name: 'a', kind: 'grafana', settings: { title: 'x' } }] })).toBe(false)
})

test('every setting says what it does', () => {
  // The settings of a kind are described where its adapter is.
  const silent = listSettings(CONFIG_FILE).filter(({ facts, kind }) => facts.about === '' && kind === undefined)
  expect(silent.map(({ path }) => path.join('.'))).toEqual([])
})
