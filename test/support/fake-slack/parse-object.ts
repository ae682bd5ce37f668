import { isObject, type JsonObject } from './schema-checks.ts'

/** The JSON object in a text, or undefined when there is none. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
