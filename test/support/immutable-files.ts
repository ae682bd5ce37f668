import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync, writeSync } from 'node:fs'
import { describe } from 'vitest'
import { makeTempFolder } from './temp-folder.ts'

/**
 * Makes files refuse every write, also through handles that are open already, as a disk does whose file system went
 * read-only under a running program. (A real remount is refused while a program writes.) The returned function undoes it.
 */
export function makeImmutable(paths: readonly string[]): () => void {
  const there = paths.filter((path) => existsSync(path))
  execFileSync('chattr', ['+i', ...there], { stdio: 'pipe' })
  return () => void execFileSync('chattr', ['-i', ...there], { stdio: 'pipe' })
}

/** `describe` where files can be made immutable; elsewhere a skip that says so. With CI=true it is never skipped. */
export function describeWithImmutableFiles(title: string, body: () => void): void {
  const refusal = process.env['CI'] === 'true' ? null : whyImmutableIsRefused()
  if (refusal === null) return void describe(title, body)
  console.warn(`SKIPPED: ${title} (files cannot be made immutable here: ${refusal})`)
  describe.skip(`${title} (skipped: files cannot be made immutable here)`, body)
}

function whyImmutableIsRefused(): string | null {
  using folder = makeTempFolder('immutable')
  const file = openSync(folder.write('probe', 'x'), 'r+')
  try {
    const undo = makeImmutable([`${folder.path}/probe`])
    try {
      writeSync(file, 'y')
      return 'this file system lets open handles go on writing'
    } catch {
      // Refused, which is what was wanted.
      return null
    } finally {
      undo()
    }
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error)
  } finally {
    closeSync(file)
  }
}
