import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The folder of the repository. */
export const ROOT = resolve(import.meta.dirname, '../..')

/** One file of ours, by its path from the root of the repository. */
export interface HouseFile {
  readonly path: string
  readonly text: string
}

/** Every TypeScript file below `folder`, `[]` when there is no such folder. */
export function typeScriptFilesIn(folder: string): readonly HouseFile[] {
  return pathsIn(folder)
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
}

/** Every folder below `folder`, itself included. */
export function foldersIn(folder: string): readonly string[] {
  return [
    folder,
    ...entriesOf(folder)
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1)),
  ]
}

function pathsIn(folder: string): readonly string[] {
  return entriesOf(folder)
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
    .sort()
}

function entriesOf(folder: string) {
  try {
    return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
