import { decodeUtf8 } from '../../json-scan.ts'
import { newRecord } from '../../json-scan-values.ts'

const MAX_FORM_BYTES = 1024 * 1024
const MAX_FORM_FIELDS = 1000
/** Of a plain text, this much is looked at; an alert keeps no more of it. */
const MAX_TEXT_BYTES = 64 * 1024
const BLANKS: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf])

const encoder = new TextEncoder()

/** The forms in which a body can come. */
export type BodyForm = 'json' | 'form' | 'text' | 'unknown'

/**
 * The form of a body, by its content type and, because `curl -d` calls everything a form, by its first character.
 * `unknown`: JSON if it can be read as JSON, else plain text.
 */
export function formOfBody(bytes: Uint8Array, contentType: string): BodyForm {
  const type = contentType.toLowerCase()
  const first = firstByte(bytes)
  if (type.includes('json') || first === 0x7b) return 'json'
  if (type.includes('x-www-form-urlencoded')) return first === 0x5b ? 'unknown' : 'form'
  return first === 0x5b ? 'unknown' : 'text'
}

function firstByte(bytes: Uint8Array): number | undefined {
  let at = 0
  while (at < bytes.length && BLANKS.has(bytes[at])) at++
  return bytes[at]
}

/**
 * The fields of a form as JSON: the content of a field `payload` that is JSON itself, else an object of all fields.
 * Null when the form is larger than 1 MiB.
 */
export function jsonOfForm(bytes: Uint8Array): Uint8Array | null {
  if (bytes.length > MAX_FORM_BYTES) return null
  const fields = new URLSearchParams(decodeUtf8(bytes))
  const payload = fields.get('payload')?.trim()
  if (payload?.startsWith('{') || payload?.startsWith('[')) return encoder.encode(payload)
  const record = newRecord<string>()
  let count = 0
  for (const [name, value] of fields) {
    if (++count > MAX_FORM_FIELDS) break
    record[name] = value
  }
  return encoder.encode(JSON.stringify(record))
}

/** A plain text as JSON: its first line is the title, the whole of it the description. Null when it is blank. */
export function jsonOfText(bytes: Uint8Array): Uint8Array | null {
  const text = decodeUtf8(bytes, 0, Math.min(bytes.length, MAX_TEXT_BYTES))
    .replace(/^\ufeff/, '')
    .trim()
  if (text === '') return null
  const lineEnd = text.search(/[\r\n]/)
  const record = lineEnd < 0 ? { title: text } : { title: text.slice(0, lineEnd), description: text }
  return encoder.encode(JSON.stringify(record))
}
