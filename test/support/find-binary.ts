import { globSync } from 'node:fs'

/** The newest file that matches one of the patterns; throws and names the Debian package when there is none. */
export function findBinary(debianPackage: string, ...patterns: readonly string[]): string {
  const found = patterns.flatMap((pattern) => globSync(pattern).toSorted(byVersion)).at(-1)
  if (found === undefined)
    throw new Error(`There is no ${patterns.join(' or ')}: install the package ${debianPackage}.`)
  return found
}

function byVersion(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}
