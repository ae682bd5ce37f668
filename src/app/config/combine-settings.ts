import { dirname, resolve } from 'node:path'
import { CONFIG_FILE } from './config-schema.ts'
import type { ConfigProblem } from './config-shape.ts'
import { type Assignment, type ReadFile, readSecretFile } from './read-environment.ts'
import { saysAt, type YamlFile } from './read-yaml.ts'
import { factsAt, type Path, pathText } from './schema-paths.ts'

/** What file and environment say together, before it is checked. */
export interface CombinedSettings {
  /** Plain data in the form of the file. */
  readonly tree: Tree
  /** Where each leaf came from, by its path. What is not here is a default. */
  readonly originByPath: ReadonlyMap<string, string>
  /** The variable or flag that gave the value at a path, by that path. */
  readonly variableByPath: ReadonlyMap<string, string>
  readonly problems: readonly ConfigProblem[]
}

export type Tree = { [key: string]: unknown }

/** Lays the environment over the file. A secret written as `{ file: … }` is replaced by what that file holds. */
export function combineSettings(
  file: { readonly yaml: YamlFile; readonly path: string } | null,
  assignments: readonly Assignment[],
  readFile: ReadFile,
): CombinedSettings {
  const originByPath = new Map<string, string>()
  const variableByPath = new Map<string, string>()
  const problems: ConfigProblem[] = []
  const walk: Walk = { originByPath, problems, readFile, root: file?.yaml.tree ?? {}, file }
  const tree = copy(file?.yaml.tree ?? {}, [], walk) as Tree
  for (const { path, value, origin } of assignments) {
    if (!assign(tree, path, value)) continue
    originByPath.set(pathText(path), origin)
    variableByPath.set(pathText(path), origin)
  }
  return { tree, originByPath, variableByPath, problems }
}

interface Walk {
  readonly originByPath: Map<string, string>
  readonly problems: ConfigProblem[]
  readonly readFile: ReadFile
  readonly root: unknown
  readonly file: { readonly yaml: YamlFile; readonly path: string } | null
}

/** A copy of plain data in which an empty key says nothing and secrets from files are filled in. */
function copy(value: unknown, path: Path, walk: Walk): unknown {
  if (value === null) return undefined
  if (Array.isArray(value)) return value.map((element, index) => copy(element, [...path, index], walk) ?? null)
  if (typeof value !== 'object') {
    walk.originByPath.set(pathText(path), walk.file?.yaml.locate(path) ?? 'file')
    return value
  }
  const secretFile = secretFileOf(value, path, walk)
  if (secretFile !== null) return secretFromFile(secretFile, path, walk)
  const target: Tree = {}
  for (const [key, child] of Object.entries(value)) set(target, key, copy(child, [...path, key], walk))
  return target
}

function secretFileOf(value: object, path: Path, walk: Walk): string | null {
  const keys = Object.keys(value)
  const file = (value as { file?: unknown }).file
  const isReference = keys.length === 1 && typeof file === 'string'
  return isReference && factsAt(CONFIG_FILE, path, walk.root).isSecret ? file : null
}

/** Relative to the folder of the configuration file, so that both can be moved together. */
function secretFromFile(name: string, path: Path, walk: Walk): unknown {
  const read = readSecretFile(resolve(dirname(walk.file?.path ?? '.'), name), walk.readFile)
  const at = walk.file?.yaml.locate(path) ?? 'file'
  walk.originByPath.set(pathText(path), `${at} (from ${name})`)
  if (read.ok) return read.value
  walk.problems.push({
    path: pathText(path),
    problem: `${read.objection.problem} (${at})`,
    remedy: read.objection.remedy,
  })
  return undefined
}

/** False when something on the way is no map: then the file has a mistake there, which is told instead. */
function assign(tree: Tree, path: Path, value: unknown): boolean {
  let map = tree
  for (const key of path.slice(0, -1)) {
    if (map[key] === undefined) map[key] = {}
    const next = map[key]
    if (typeof next !== 'object' || next === null || Array.isArray(next)) return false
    map = next as Tree
  }
  map[path.at(-1) as string] = value
  return true
}

/** `__proto__` in a file is a key like any other: it must reach the schema, which refuses it. */
function set(target: Tree, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
}

/** Whether file or environment say anything at a path. */
export function isSaid(settings: CombinedSettings, file: YamlFile | null, path: Path): boolean {
  return settings.variableByPath.has(pathText(path)) || saysAt(file, path)
}
