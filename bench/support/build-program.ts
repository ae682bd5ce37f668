import { execFileSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')

/**
 * Builds the program as it is installed, and answers the path of a copy: what is measured is what people run, and a build
 * meanwhile does not change it.
 */
export function buildProgram(folder: string): string {
  const build = resolve(ROOT, 'scripts/build.mjs')
  execFileSync(process.execPath, [build], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  const program = resolve(folder, 'nunchi.js')
  copyFileSync(resolve(ROOT, 'dist/nunchi.js'), program)
  return program
}
