import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './house-files.ts'

const FOLDERS = ['.', 'docs', 'decisions', 'bench']

for (const page of FOLDERS.flatMap(pagesIn))
  test(`every link of ${page} within this repository leads somewhere`, () => {
    expect(deadLinks(page)).toEqual([])
  })

function pagesIn(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
}

/** Links to files that are not there. Addresses elsewhere are not asked. */
function deadLinks(page: string): readonly string[] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '')
  return targets.filter((target) => {
    const path = target.replace(/#.*$/, '')
    const isElsewhere = /^[a-z]+:/.test(path) || path === ''
    return !isElsewhere && !existsSync(join(ROOT, dirname(page), path))
  })
}
