import { isJsonRecord, kindOfJson, newRecord } from '../json-scan-values.ts'
import { ALERT_CAPS } from './alert-caps.ts'
import { cleanText, cutText, oneLine } from './clean-text.ts'

/** A part of an alert that cannot be read: where in the alert, and what to send instead. Its texts may quote the sender's. */
export interface Refusal {
  /** `true` is no text, so a label of this name cannot be taken for a refusal. */
  readonly refused: true
  readonly path: string
  readonly reason: string
}

export function refuse(path: string, reason: string): Refusal {
  return { refused: true, path, reason }
}

export function isRefusal(value: object): value is Refusal {
  return (value as { refused?: unknown }).refused === true
}

/**
 * Reads labels: an object of texts; numbers and booleans become text, null and empty values are no label, as
 * Alertmanager has it. An object or array as value is refused. Nothing is cut, so that fingerprints are exact.
 */
export function readLabels(value: unknown, path: string, hasEscapes: boolean): Record<string, string> | Refusal {
  const labels = newRecord<string>()
  if (value === undefined || value === null) return labels
  if (!isJsonRecord(value)) return refuse(path, `must be an object of label names and texts, not ${kindOfJson(value)}`)
  for (const name of Object.keys(value)) {
    const text = scalarText(value[name])
    if (text === null) {
      return refuse(
        `${path}.${oneLine(name, 100)}`,
        `must be a text, not ${kindOfJson(value[name])}: send its parts as labels of their own`,
      )
    }
    if (text === '') continue
    labels[hasEscapes ? cleanText(name) : name] = hasEscapes ? cleanText(text) : text
  }
  return labels
}

/** Like `readLabels`, but no alert is refused for an annotation: what is not a text becomes its JSON. */
export function readAnnotations(value: unknown, hasEscapes: boolean): Record<string, string> {
  const annotations = newRecord<string>()
  if (!isJsonRecord(value)) return annotations
  for (const name of Object.keys(value)) {
    const text = scalarText(value[name]) ?? JSON.stringify(value[name])
    if (text === '') continue
    annotations[hasEscapes ? cleanText(name) : name] = hasEscapes ? cleanText(text) : text
  }
  return cutRecord(annotations, ALERT_CAPS.annotationValue)
}

/** A scalar as text; empty for null; null for objects and arrays. */
export function scalarText(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}

/** The labels within the caps of an alert. The same record where nothing is too long. */
export function cutLabels(labels: Record<string, string>): Record<string, string> {
  return cutRecord(labels, ALERT_CAPS.labelValue)
}

function cutRecord(record: Record<string, string>, valueLength: number): Record<string, string> {
  const names = Object.keys(record)
  if (fitsCaps(record, names, valueLength)) return record
  const kept = newRecord<string>()
  let budget: number = ALERT_CAPS.recordTotal
  for (const name of names.slice(0, ALERT_CAPS.labelCount)) {
    const keptName = cutText(name, ALERT_CAPS.labelName)
    const value = cutText(record[name] as string, valueLength)
    budget -= keptName.length + value.length
    if (budget < 0) break
    kept[keptName] = value
  }
  return kept
}

function fitsCaps(record: Record<string, string>, names: readonly string[], valueLength: number): boolean {
  if (names.length > ALERT_CAPS.labelCount) return false
  let total = 0
  for (const name of names) {
    const length = (record[name] as string).length
    if (name.length > ALERT_CAPS.labelName || length > valueLength) return false
    total += name.length + length
  }
  return total <= ALERT_CAPS.recordTotal
}
