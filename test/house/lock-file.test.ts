import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './house-files.ts'

interface Locked {
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const PLATFORM_BUILD = /-(?:aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-/

test('package-lock.json names the build of every platform, or npm ci refuses it', () => {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>
  }
  const isLocked = (name: string) => Object.keys(lock.packages).some((path) => path.endsWith(`node_modules/${name}`))
  const wanted = Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies),
  )
  // npm drops what the registry of the day does not have. Restore the lines from the version before.
  expect(wanted.filter((name) => PLATFORM_BUILD.test(name) && !isLocked(name))).toEqual([])
})
