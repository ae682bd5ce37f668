import type { z } from 'zod'
import type { Tree } from './combine-settings.ts'
import { CONFIG_FILE, type ParsedFile } from './config-schema.ts'
import { type Path, valueAt } from './schema-paths.ts'
import { SOURCE_KINDS } from './source-kinds.ts'
import { SOURCE } from './source-section.ts'

/** What the schema made of the settings, as far as they could be read. */
export interface LenientlyParsed {
  readonly issues: readonly z.core.$ZodIssue[]
  /** What was refused stands at its default, so that the rest can still be checked together. */
  readonly value: ParsedFile
  /** The place in the file of each source and key that could be read. */
  readonly indexes: { readonly sources: readonly number[]; readonly apiKeys: readonly number[] }
  /** How many sources the file declares, readable or not. */
  readonly sourceCount: number
}

const LISTS = ['sources', 'apiKeys'] as const

/** Checks settings against the schema. A mistake in one place never hides those in another. */
export function parseLeniently(tree: Tree): LenientlyParsed {
  const parsed = CONFIG_FILE.safeParse(tree)
  const indexes = { sources: allIndexes(tree.sources), apiKeys: allIndexes(tree.apiKeys) }
  const sourceCount = indexes.sources.length
  if (parsed.success) return { issues: [], value: parsed.data, indexes, sourceCount }
  const repaired = structuredClone(tree)
  const dropped = { sources: new Set<number>(), apiKeys: new Set<number>() }
  for (const issue of parsed.error.issues) {
    const [list, index] = issue.path
    const isEntry = (list === 'sources' || list === 'apiKeys') && typeof index === 'number'
    if (isEntry) dropped[list].add(index)
    else for (const path of pathsOf(issue)) remove(repaired, path)
  }
  const kept = {
    sources: indexes.sources.filter((index) => !dropped.sources.has(index)),
    apiKeys: indexes.apiKeys.filter((index) => !dropped.apiKeys.has(index)),
  }
  for (const list of LISTS) {
    const entries = repaired[list]
    if (Array.isArray(entries)) repaired[list] = kept[list].map((index) => entries[index])
  }
  const issues = [...parsed.error.issues, ...issuesBehindUnknownKinds(tree, parsed.error.issues)]
  const again = CONFIG_FILE.safeParse(repaired)
  if (again.success) return { issues, value: again.data, indexes: kept, sourceCount }
  // Nothing but defaults: then the checks of what belongs together see less, and say less.
  return { issues, value: CONFIG_FILE.parse({}), indexes: { sources: [], apiKeys: [] }, sourceCount }
}

/** An unknown kind stops the schema before it looks at the rest of the source, which has settings that every kind knows. */
function issuesBehindUnknownKinds(tree: Tree, issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  return issues.flatMap((issue) => {
    const [list, index, key] = issue.path
    const source = valueAt(tree, ['sources', index as number])
    if (list !== 'sources' || key !== 'kind' || typeof source !== 'object' || source === null) return []
    const { settings: _, ...rest } = source as Tree
    const parsed = SOURCE.safeParse({ ...rest, kind: SOURCE_KINDS[0].kind })
    return (parsed.error?.issues ?? []).map((behind) => ({
      ...behind,
      path: ['sources', index as number, ...behind.path],
    }))
  })
}

function allIndexes(list: unknown): readonly number[] {
  return Array.isArray(list) ? [...list.keys()] : []
}

function pathsOf(issue: z.core.$ZodIssue): readonly Path[] {
  const path = issue.path as Path
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path]
}

function remove(tree: Tree, path: Path): void {
  let map: unknown = tree
  for (const part of path.slice(0, -1)) map = (map as Tree | undefined)?.[part]
  if (typeof map === 'object' && map !== null) Reflect.deleteProperty(map, path.at(-1) as string)
}
