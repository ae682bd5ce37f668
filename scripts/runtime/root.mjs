import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. */
export const ROOT = resolve(fileURLToPath(import.meta.url), '../../..')

/** Parses a JSON file of the repository; a missing one is `undefined`. */
export function readJson(path) {
  let text
  try {
    text = readFileSync(join(ROOT, path), 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
  return JSON.parse(text)
}
