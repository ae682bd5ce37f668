import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { foldersIn, ROOT } from './house-files.ts'
import { ROWS } from './layer-rules.ts'

const PAGE = join(ROOT, 'ARCHITECTURE.md')
// Made when the program is built or run; a clean checkout has none of them.
const MADE_LATER = new Set(['data', 'dist', 'node_modules', '.runtime', 'coverage'])

describe('ARCHITECTURE.md', () => {
  test('names only folders that exist', () => {
    const folders = [...readdirSync(ROOT), ...['src', 'test', 'bench', 'docs', 'scripts'].flatMap(foldersIn)]
    expect(unknownFolders(readPage(), folders)).toEqual([])
  })

  test('names every room of src/', () => {
    const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    const page = readPage()
    expect(rooms.map(({ name }) => `src/${name}/`).filter((room) => !page.includes(`\`${room}`))).toEqual([])
  })

  test('and the layer rule know the same rooms', () => {
    const named = [...readPage().matchAll(/`src\/([\w-]+)\//g)].map((match) => match[1])
    expect(named.filter((room) => room !== undefined && !ROWS.flat().includes(room))).toEqual([])
  })
})

describe('the folder check', () => {
  const folders = ['src', 'src/intake', 'src/intake/sources', 'test', 'test/support']
  const cases: readonly [page: string, expected: readonly string[], why: string][] = [
    ['`src/intake/` and `test/support/`', [], 'they exist'],
    ['`src/cellar/`', ['src/cellar/'], 'there is none'],
    ['in `sources/`, inside the room', [], 'named by its last part'],
    ['in `springs/`', ['springs/'], 'no folder ends so'],
    ['`src/intake/sources/<kind>/`', [], 'a placeholder stands for any name'],
    ['`src/cellar/<kind>/`', ['src/cellar/'], 'what leads to the placeholder must exist'],
    ['`./data/`, `data/`, `dist/`', [], 'made later'],
    ['`/api/v1/`, `https://example.org/`, `a / b/`', [], 'no folders'],
    ['src/cellar/ without marks', [], 'prose is not checked'],
  ]

  for (const [page, expected, why] of cases) {
    test(`${page} (${why})`, () => {
      expect(unknownFolders(page, folders)).toEqual(expected)
    })
  }
})

function readPage(): string {
  if (!existsSync(PAGE)) throw new Error('ARCHITECTURE.md is missing: write down where things live')
  return readFileSync(PAGE, 'utf8')
}

/** The folders in backticks (they end with a slash) that are neither a path in `folders` nor the end of one. */
function unknownFolders(page: string, folders: readonly string[]): readonly string[] {
  const named = [...page.matchAll(/`([\w.-]+(?:\/[\w.<>…*-]+)*\/)`/g)].map((match) => match[1] ?? '')
  return named
    .map((path) => path.replace(/[^/]*[<…*].*$/, ''))
    .filter((path) => {
      const folder = path.replace(/\/$/, '').replace(/^\.\//, '')
      if (folder === '' || MADE_LATER.has(folder)) return false
      return !folders.some((known) => known === folder || known.endsWith(`/${folder}`))
    })
}
