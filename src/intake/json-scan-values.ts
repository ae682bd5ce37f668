import { decodeUtf8, type JsonFault, type JsonScan } from './json-scan.ts'

/** A value of the root object larger than this is not part of the rest: what adapters read there is short. */
const MAX_REST_VALUE_BYTES = 64 * 1024
const MAX_REST_BYTES = 1024 * 1024

export type JsonRecord = Record<string, unknown>

// A shape with an empty prototype: unlike Object.create(null) it keeps V8's fast properties, and unlike {} it
// answers undefined for `constructor` and takes `__proto__` as the name of a property.
const RecordWithoutPrototype = function RecordWithoutPrototype() {} as unknown as new () => Record<string, never>
RecordWithoutPrototype.prototype = Object.freeze(Object.create(null))

/** An empty record in which every name is safe, `__proto__` and `constructor` included. */
export function newRecord<Value>(): Record<string, Value> {
  return new RecordWithoutPrototype() as Record<string, Value>
}

/** Whether a parsed value is an object with members, as opposed to a scalar, an array or null. */
export function isJsonRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a value is called in a message to people. */
export function kindOfJson(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

export type ParsedSlice =
  | { readonly ok: true; readonly value: unknown; readonly text: string }
  | { readonly ok: false; readonly reason: string }

/** Parses the bytes [from, to) of a body. JSON that is wrong comes back as the parser's own reason. */
export function parseJsonSlice(bytes: Uint8Array, from: number, to: number): ParsedSlice {
  const text = decodeUtf8(bytes, from, to)
  try {
    return { ok: true, value: JSON.parse(text), text }
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) }
  }
}

/**
 * The root object without the content of the array member `member`, which reads `[]` there. Values over 64 KiB,
 * and what goes beyond 1 MiB in all, are left out. A value that is not JSON comes back as a fault.
 */
export function parseRest(
  bytes: Uint8Array,
  scan: JsonScan,
  member: string,
): { readonly ok: true; readonly rest: JsonRecord } | JsonFault {
  const rest = newRecord<unknown>()
  let budget = MAX_REST_BYTES
  for (const [key, [start, end]] of scan.members) {
    if (key === member && scan.elements !== null) {
      rest[key] = []
      continue
    }
    budget -= end - start
    if (end - start > MAX_REST_VALUE_BYTES || budget < 0) continue
    const parsed = parseJsonSlice(bytes, start, end)
    if (!parsed.ok)
      return { ok: false, position: start, expected: `a valid value of ${JSON.stringify(key.slice(0, 100))}` }
    rest[key] = parsed.value
  }
  return { ok: true, rest }
}
