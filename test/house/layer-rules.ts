import { posix } from 'node:path'
import type { HouseFile } from './house-files.ts'
import { importsOf } from './scan-source.ts'

/** The rooms of src/. A room imports itself and the rows to its left: never its own row, never a row to its right. */
export const ROWS: readonly (readonly string[])[] = [
  ['domain'],
  ['store'],
  ['jobs', 'auth', 'cluster'],
  ['intake', 'incidents', 'notify', 'oncall', 'remediation', 'insights'],
  ['app'],
  ['http'],
  ['lambda', 'cli'],
]

// The only files outside of src/ that the product may import.
const OUTSIDE = new Set(['package.json'])

/** Every import in `files` that the layer rule forbids, as `path:line reason`. */
export function layerViolations(files: readonly HouseFile[]): readonly string[] {
  return files.flatMap((file) => {
    const room = roomOf(file.path)
    if (room === undefined || rowOf(room) === -1) return [`${file.path}: is in no room that the layer rule knows`]
    return importsOf(file.text).flatMap(({ specifier, line }) => {
      const reason = refusal(file.path, room, specifier)
      return reason === undefined ? [] : [`${file.path}:${line} ${reason}`]
    })
  })
}

/** Every set of files that import each other in a circle, types included; each sorted, `[]` when there is none. */
export function importCycles(files: readonly HouseFile[]): readonly (readonly string[])[] {
  const graph = new Map(
    files.map(({ path, text }) => [path, importsOf(text).flatMap(({ specifier }) => targetOf(path, specifier) ?? [])]),
  )
  return stronglyConnected(graph).filter(
    ([first = '', ...others]) => others.length > 0 || graph.get(first)?.includes(first),
  )
}

function refusal(path: string, room: string, specifier: string): string | undefined {
  const isTest = path.endsWith('.test.ts')
  const target = targetOf(path, specifier)
  if (target === undefined) {
    // A test of the rules needs its test library; the rules themselves need nothing.
    return room === 'domain' && !isTest ? `domain imports '${specifier}', but it imports nothing but itself` : undefined
  }
  if (!target.startsWith('src/')) {
    if (isTest || (OUTSIDE.has(target) && room !== 'domain')) return undefined
    return `${room} imports ${target}, which is no part of the product`
  }
  const targetRoom = roomOf(target)
  if (targetRoom === room) return undefined
  if (targetRoom !== undefined && rowOf(targetRoom) !== -1 && rowOf(targetRoom) < rowOf(room)) return undefined
  return `${room} imports ${targetRoom ?? 'a file outside of every room'} (${target}), but may only import what is left of it`
}

/** The path that a relative import means; packages and node: modules have none. */
function targetOf(path: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined
}

function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1]
}

function rowOf(room: string): number {
  return ROWS.findIndex((row) => row.includes(room))
}

/** Tarjan's algorithm. */
function stronglyConnected(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const stack: string[] = []
  const components: string[][] = []

  const visit = (node: string): void => {
    const position = order.size
    order.set(node, position)
    stack.push(node)
    let low = position
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) {
        visit(next)
        low = Math.min(low, lowest.get(next) ?? low)
      } else if (stack.includes(next)) low = Math.min(low, order.get(next) ?? low)
    }
    lowest.set(node, low)
    if (low === position) components.push(stack.splice(stack.indexOf(node)).sort())
  }

  for (const node of graph.keys()) if (!order.has(node)) visit(node)
  return components
}
