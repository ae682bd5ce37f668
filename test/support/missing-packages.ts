import { describe } from 'vitest'

/**
 * Packages of the operating system that the test runner could not install on this machine,
 * from NUNCHI_TEST_MISSING_PACKAGES (names separated by commas or spaces).
 */
export function missingPackages(environment: NodeJS.ProcessEnv = process.env): readonly string[] {
  return (environment['NUNCHI_TEST_MISSING_PACKAGES'] ?? '').split(/[\s,]+/).filter((name) => name !== '')
}

/**
 * `describe` when all the named packages are there, otherwise a skip whose title says which is missing.
 * With CI=true nothing is skipped: there a missing package is a failure.
 */
export function describeNeeding(...packages: readonly string[]): typeof describe | typeof describe.skip {
  const missing = missingPackages()
  const absent = packages.filter((name) => missing.includes(name))
  if (absent.length === 0 || process.env['CI'] === 'true') return describe
  const reason = `needs ${absent.join(', ')}, which could not be installed`
  const skip = (title: string, ...rest: unknown[]) => {
    console.warn(`SKIPPED: ${title} (${reason})`)
    return (describe.skip as (name: string, ...args: unknown[]) => unknown)(`${title} (skipped: ${reason})`, ...rest)
  }
  return Object.assign(skip, describe.skip) as typeof describe.skip
}
