import { isJsonRecord } from '../../json-scan-values.ts'

/** The steps of a path: names of members and numbers of elements. */
export type ValuePath = readonly (string | number)[]

const STEP = /\.?([^.[\]"'\s][^.[\]"']*)|\[(\d{1,6})\]|\["([^"]+)"\]|\['([^']+)'\]/y
const MAX_STEPS = 32

/**
 * Reads a path such as `event.labels.host`, `items[0].name`, `["odd.name"].x`, or the same with JSONPath's leading
 * `$.`. Null when it is none. There are no wildcards, filters or expressions: a path can only walk down.
 */
export function readValuePath(text: string): ValuePath | null {
  const path = text.startsWith('$') ? text.slice(1) : text
  const steps: (string | number)[] = []
  let at = 0
  while (at < path.length) {
    STEP.lastIndex = at
    const match = STEP.exec(path)
    // A name needs its dot, except in the first place.
    if (!match || (match[1] !== undefined && path[at] !== '.' && at > 0) || steps.length === MAX_STEPS) return null
    steps.push(match[2] === undefined ? ((match[1] ?? match[3] ?? match[4]) as string) : Number(match[2]))
    at = STEP.lastIndex
  }
  return steps.length === 0 ? null : steps
}

/** What lies at the path; undefined when nothing does. Never reaches what an object inherits. */
export function valueAt(root: unknown, path: ValuePath): unknown {
  let value = root
  for (const step of path) {
    if (typeof step === 'number') value = Array.isArray(value) ? value[step] : undefined
    else value = isJsonRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined
    if (value === undefined) return undefined
  }
  return value
}
