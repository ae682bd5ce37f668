import type { AlertEvent, AlertProblem } from '../../domain/alert-event.ts'
import { decodeUtf8, type JsonFault } from '../json-scan.ts'
import type { ElementRanges } from '../json-scan-ranges.ts'
import { isJsonRecord, type JsonRecord, kindOfJson, parseJsonSlice } from '../json-scan-values.ts'
import { ALERT_CAPS } from './alert-caps.ts'
import { cleanJsonText, cleanText, cutText, oneLine } from './clean-text.ts'
import { isRefusal, type Refusal, refuse } from './read-labels.ts'
import type { ParsedAlerts, ReadableDelivery, Unreadable } from './source-adapter.ts'

/** One alert of a delivery as the sender wrote it. */
export interface AlertElement {
  readonly value: JsonRecord
  /** The sender's JSON, whole. */
  readonly source: string
  /** The sender's JSON, cleaned and cut: ready to be `AlertEvent.raw`. */
  readonly raw: string
  /** Whether a string in it may hold NUL or a lone surrogate: only escapes can, and most alerts have none. */
  readonly hasEscapes: boolean
  readonly receivedAt: number
}

/** Reads one alert. A refusal's path starts at the alert itself; null is an alert that deliberately means nothing. */
export type ReadAlert = (element: AlertElement) => AlertEvent | Refusal | null

export interface AlertArray {
  readonly bytes: Uint8Array
  readonly ranges: ElementRanges
  readonly receivedAt: number
  readonly remarks: readonly string[]
  /** The name of alert `index` in the body, such as `alerts[3]`. */
  readonly nameOf: (index: number) => string
  readonly read: ReadAlert
}

/** A delivery whose alerts lie in `ranges`; each is parsed by itself, and one that cannot be read is a problem of its own. */
export function deliveryOfAlerts(array: AlertArray): ReadableDelivery {
  const alertCount = array.ranges.starts.length
  return {
    ok: true,
    alertCount,
    remarks: array.remarks,
    slice: (from, to) => sliceOf(array, Math.max(0, from), Math.min(to, alertCount)),
  }
}

function sliceOf(array: AlertArray, from: number, to: number): ParsedAlerts {
  const events: AlertEvent[] = []
  const problems: AlertProblem[] = []
  for (let index = from; index < to; index++) {
    const start = array.ranges.starts[index] as number
    const end = array.ranges.ends[index] as number
    const outcome = readElement(array, start, end)
    if (outcome === null) continue
    if (isRefusal(outcome)) problems.push(problemAt(array, index, outcome))
    else events.push(outcome)
  }
  return { events, problems }
}

function readElement(array: AlertArray, start: number, end: number): AlertEvent | Refusal | null {
  if (end - start > ALERT_CAPS.elementBytes)
    return refuse(
      '',
      `is ${end - start} bytes long; at most ${ALERT_CAPS.elementBytes} bytes of one alert are read: shorten its labels and annotations`,
    )
  const parsed = parseJsonSlice(array.bytes, start, end)
  if (!parsed.ok) return refuse('', `is not valid JSON (${oneLine(parsed.reason, 200)}): repair the sender's template`)
  if (!isJsonRecord(parsed.value)) return refuse('', `must be an object, not ${kindOfJson(parsed.value)}`)
  const isShort = end - start <= ALERT_CAPS.rawBytes
  return array.read({
    value: parsed.value,
    source: parsed.text,
    raw: isShort ? cleanJsonText(parsed.text) : excerptOf(array.bytes, start, end),
    hasEscapes: parsed.text.includes('\\u'),
    receivedAt: array.receivedAt,
  })
}

function problemAt(array: AlertArray, index: number, refusal: Refusal): AlertProblem {
  const name = array.nameOf(index)
  const isStep = name === '' || refusal.path === '' || refusal.path.startsWith('[')
  const path = isStep ? name + refusal.path : `${name}.${refusal.path}`
  const raw = excerptOf(array.bytes, array.ranges.starts[index] as number, array.ranges.ends[index] as number)
  // Reasons quote what was sent.
  return { path: cleanText(path), reason: cleanText(`${path || 'The body'} ${refusal.reason}.`), raw }
}

/** The beginning of the bytes [start, end) as clean text of at most 64 KiB. */
export function excerptOf(bytes: Uint8Array, start: number, end: number): string {
  const text = decodeUtf8(bytes, start, Math.min(end, start + ALERT_CAPS.rawBytes))
  // A byte that is not UTF-8 grows to the three bytes of U+FFFD.
  return cleanJsonText(text.includes('\ufffd') ? cutText(text, Math.floor(ALERT_CAPS.rawBytes / 3)) : text)
}

/** The answer for a body that is no JSON at all. */
export function unreadableJson(fault: JsonFault): Unreadable {
  return {
    ok: false,
    reason: cleanText(
      `The body is not JSON that can be read: expected ${oneLine(fault.expected, 200)} at byte ${fault.position}.`,
    ),
  }
}
