/** Reads what others wrote: whatever is not there, or of another type, is null. */
export function objectAt(value: unknown, ...path: readonly string[]): Readonly<Record<string, unknown>> | null {
  let at: unknown = value
  for (const key of path) at = isObject(at) && Object.hasOwn(at, key) ? at[key] : null
  return isObject(at) ? at : null
}

/** The text at the end of a path, or null. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const at = objectAt(value, ...path.slice(0, -1))
  const key = path.at(-1) as string
  const text = at !== null && Object.hasOwn(at, key) ? at[key] : null
  return typeof text === 'string' && text !== '' ? text : null
}

/** The list at the end of a path, or an empty one. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const list = objectAt(value, ...path.slice(0, -1))?.[path.at(-1) as string]
  return Array.isArray(list) ? list : []
}

/** Parses JSON; null when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
