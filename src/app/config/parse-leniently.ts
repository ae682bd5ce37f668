import type { z } from 'zod'
import { CHANNEL_KINDS } from './channel-kinds.ts'
import { CHANNEL } from './channel-section.ts'
import type { Tree } from './combine-settings.ts'
import { CONFIG_FILE, type ParsedFile } from './config-schema.ts'
import { type Path, valueAt } from './schema-paths.ts'
import { SOURCE_KINDS } from './source-kinds.ts'
import { SOURCE } from './source-section.ts'

const LISTS = ['sources', 'apiKeys', 'workspaces', 'channels', 'routes', 'quietHours'] as const
type ListName = (typeof LISTS)[number]

/** What the schema made of the settings, as far as they could be read. */
export interface LenientlyParsed {
  readonly issues: readonly z.core.$ZodIssue[]
  /** What was refused stands at its default, so that the rest can still be checked together. */
  readonly value: ParsedFile
  /** The place in the file of each entry of a list that could be read. */
  readonly indexes: Readonly<Record<ListName, readonly number[]>>
  /** How many sources the file declares, readable or not. */
  readonly sourceCount: number
}

/** Checks settings against the schema. A mistake in one place never hides those in another. */
export function parseLeniently(tree: Tree): LenientlyParsed {
  const parsed = CONFIG_FILE.safeParse(tree)
  const indexes = mapLists((list) => allIndexes(tree[list]))
  const sourceCount = indexes.sources.length
  if (parsed.success) return { issues: [], value: parsed.data, indexes, sourceCount }
  const repaired = structuredClone(tree)
  const dropped = mapLists(() => new Set<number>())
  for (const issue of parsed.error.issues) {
    const [list, index] = issue.path
    if (isListName(list) && typeof index === 'number') dropped[list].add(index)
    else for (const path of pathsOf(issue)) remove(repaired, path)
  }
  const kept = mapLists((list) => indexes[list].filter((index) => !dropped[list].has(index)))
  for (const list of LISTS) {
    const entries = repaired[list]
    if (Array.isArray(entries)) repaired[list] = kept[list].map((index) => entries[index])
  }
  const issues = [...parsed.error.issues, ...issuesBehindUnknownKinds(tree, parsed.error.issues)]
  const again = CONFIG_FILE.safeParse(repaired)
  if (again.success) return { issues, value: again.data, indexes: kept, sourceCount }
  // Nothing but defaults: then the checks of what belongs together see less, and say less.
  return { issues, value: CONFIG_FILE.parse({}), indexes: mapLists(() => []), sourceCount }
}

function mapLists<T>(of: (list: ListName) => T): Readonly<Record<ListName, T>> {
  return Object.fromEntries(LISTS.map((list) => [list, of(list)])) as Record<ListName, T>
}

function isListName(part: PropertyKey | undefined): part is ListName {
  return (LISTS as readonly unknown[]).includes(part)
}

const UNIONS: readonly { readonly list: ListName; readonly entry: z.ZodType; readonly kind: string }[] = [
  { list: 'sources', entry: SOURCE, kind: SOURCE_KINDS[0].kind },
  { list: 'channels', entry: CHANNEL, kind: CHANNEL_KINDS[0].kind },
]

/** An unknown kind stops the schema before it looks at the rest of the entry, which has settings that every kind knows. */
function issuesBehindUnknownKinds(tree: Tree, issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  return issues.flatMap((issue) => {
    const [list, index, key] = issue.path
    const union = UNIONS.find((candidate) => candidate.list === list)
    const written = valueAt(tree, [list as string, index as number])
    if (union === undefined || key !== 'kind' || typeof written !== 'object' || written === null) return []
    const { settings: _, ...rest } = written as Tree
    const parsed = union.entry.safeParse({ ...rest, kind: union.kind })
    return (parsed.error?.issues ?? [])
      .filter(({ path }) => path[0] !== 'settings')
      .map((behind) => ({ ...behind, path: [union.list, index as number, ...behind.path] }))
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
