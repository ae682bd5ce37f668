import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
const SOURCE_OF_DATABASES = join(import.meta.dirname, 'fresh-database.ts')

/**
 * The test files, relative to the repository, that keep something in a database of the run's size: those that import,
 * by whatever detour, what makes one. So a new test runs in every size without being listed anywhere.
 */
export function testsOnADatabase(patterns: readonly string[]): readonly string[] {
  const known = new Map<string, boolean>([[SOURCE_OF_DATABASES, true]])
  const files = globSync([...patterns], { cwd: ROOT }).map((file) => join(ROOT, file))
  return files.filter((file) => reachesDatabase(file, known)).map((file) => relative(ROOT, file))
}

function reachesDatabase(file: string, known: Map<string, boolean>): boolean {
  const before = known.get(file)
  if (before !== undefined) return before
  // Whoever comes back here by a cycle learns nothing new from it.
  known.set(file, false)
  const found = importsOf(file).some((imported) => reachesDatabase(imported, known))
  known.set(file, found)
  return found
}

/** The product itself never imports from `test/`, so its own files need not be read. */
function importsOf(file: string): readonly string[] {
  const imports = readFileSync(file, 'utf8').matchAll(/(?:from|import\() ?'(\.{1,2}\/[^']+\.ts)'/g)
  return [...imports].map(([, path]) => join(dirname(file), path as string)).filter((path) => path.includes('/test/'))
}
