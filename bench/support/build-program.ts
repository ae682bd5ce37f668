import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
const PROGRAM = resolve(ROOT, 'dist/nunchi.js')

/** Builds the program as it is installed and answers its path: what is measured is what people run. */
export function buildProgram(): string {
  execFileSync(process.execPath, [resolve(ROOT, 'scripts/build.mjs')], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (!existsSync(PROGRAM)) throw new Error(`The build left no ${PROGRAM}.`)
  return PROGRAM
}
