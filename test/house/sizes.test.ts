import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type HouseFile, typeScriptFilesIn } from './house-files.ts'
import { functionsOf } from './scan-source.ts'

const MAX_FILE_LINES = 800
const MAX_FUNCTION_LINES = 100
/** A file whose name fits anything collects everything. */
const BANNED_NAMES = [
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'shared',
  'misc',
  'manager',
  'service',
  'base',
  'bl',
  'types',
  'index',
]

const files = ['src', 'test', 'bench'].flatMap(typeScriptFilesIn)

describe('the files of this repository', () => {
  test(`have at most ${MAX_FILE_LINES} lines`, () => {
    expect(tooLongFiles(files)).toEqual([])
  })

  test(`have functions of at most ${MAX_FUNCTION_LINES} lines`, () => {
    expect(tooLongFunctions(files)).toEqual([])
  })

  test('are named for the one thing they hold', () => {
    expect(badlyNamed(files)).toEqual([])
  })
})

describe('the size rules', () => {
  const fileOf = (lines: number): HouseFile => ({ path: 'src/a.ts', text: 'work()\n'.repeat(lines) })
  const functionOf = (lines: number): HouseFile => ({
    path: 'src/a.ts',
    text: `export function work(): void {\n${'  again()\n'.repeat(lines - 2)}}\n`,
  })

  test('stop a file of one line too many', () => {
    expect(tooLongFiles([fileOf(MAX_FILE_LINES)])).toEqual([])
    expect(tooLongFiles([fileOf(MAX_FILE_LINES + 1)])).toHaveLength(1)
  })

  test('stop a function of one line too many', () => {
    expect(tooLongFunctions([functionOf(MAX_FUNCTION_LINES)])).toEqual([])
    expect(tooLongFunctions([functionOf(MAX_FUNCTION_LINES + 1)])).toEqual(['src/a.ts:1 work has 101 lines'])
  })

  for (const path of [
    'src/a/utils.ts',
    'src/a/index.ts',
    'src/a/types.ts',
    'src/a/slack-helpers.ts',
    'src/common/a.ts',
  ]) {
    test(`stop the name ${path}`, () => {
      expect(badlyNamed([{ path, text: '' }])).toHaveLength(1)
    })
  }

  for (const path of [
    'src/a/column-types.ts',
    'src/a/service-label.ts',
    'src/a/base-url.ts',
    'src/a/search-index.ts',
  ]) {
    test(`let the name ${path} pass`, () => {
      expect(badlyNamed([{ path, text: '' }])).toEqual([])
    })
  }
})

function tooLongFiles(candidates: readonly HouseFile[]): readonly string[] {
  return candidates.flatMap(({ path, text }) => {
    const lines = text.replace(/\n$/, '').split('\n').length
    return lines > MAX_FILE_LINES ? [`${path} has ${lines} lines`] : []
  })
}

function tooLongFunctions(candidates: readonly HouseFile[]): readonly string[] {
  return candidates.flatMap(({ path, text }) =>
    functionsOf(text)
      .filter(({ lineCount }) => lineCount > MAX_FUNCTION_LINES)
      .map(({ name, line, lineCount }) => `${path}:${line} ${name} has ${lineCount} lines`),
  )
}

/** A banned word alone, as a folder, or (for those that say nothing even then) as the last word of a name. */
function badlyNamed(candidates: readonly HouseFile[]): readonly string[] {
  const sayNothing = /-(?:utils?|helpers?|common|shared|misc|manager|service|bl)$/
  return candidates.flatMap(({ path }) => {
    const folders = path.split('/').slice(1, -1)
    const name = basename(path).replace(/(?:\.test)?\.tsx?$/, '')
    const isBad = [name, ...folders].some((part) => BANNED_NAMES.includes(part)) || sayNothing.test(name)
    return isBad ? [`${path}: find a name for what it holds`] : []
  })
}
