import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'vitest'
import { makeTempFolder } from './temp-folder.ts'

/** A file system of a few megabytes that a test may fill, and make read-only. */
export interface SmallDisk {
  readonly path: string
  readonly remount: (mode: 'ro' | 'rw') => void
  readonly unmount: () => void
  [Symbol.dispose](): void
}

/** Mounts an empty file system in memory. Needs root. */
export function mountSmallDisk(megabytes: number): SmallDisk {
  const folder = makeTempFolder('disk')
  const path = join(folder.path, 'mounted')
  mkdirSync(path)
  mount('-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path)
  const unmount = () => {
    // Lazily: a program that a failed test left behind must not keep the folder for ever.
    execFileSync('umount', ['-l', path], { stdio: 'pipe' })
    folder.remove()
  }
  return { path, unmount, remount: (mode) => mount('-o', `remount,${mode}`, path), [Symbol.dispose]: unmount }
}

/** `describe` where file systems can be mounted; elsewhere a skip that says so. With CI=true it is never skipped. */
export function describeWithSmallDisks(title: string, body: () => void): void {
  const refusal = process.env['CI'] === 'true' ? null : whyMountIsRefused()
  if (refusal === null) return void describe(title, body)
  console.warn(`SKIPPED: ${title} (mounting a small file system is refused here: ${refusal})`)
  describe.skip(`${title} (skipped: no file system can be mounted here)`, body)
}

function whyMountIsRefused(): string | null {
  try {
    mountSmallDisk(1).unmount()
    return null
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n').at(-1) ?? 'unknown reason') : String(error)
  }
}

function mount(...args: readonly string[]): void {
  execFileSync('mount', [...args], { stdio: 'pipe', encoding: 'utf8' })
}
