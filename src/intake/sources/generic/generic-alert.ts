import { createHash } from 'node:crypto'
import type { AlertEvent, AlertLinks } from '../../../domain/alert-event.ts'
import { readSeverity } from '../../../domain/severity.ts'
import { type JsonRecord, newRecord } from '../../json-scan-values.ts'
import { ALERT_CAPS } from '../alert-caps.ts'
import { cleanText, cutText, oneLine } from '../clean-text.ts'
import { cutLabels, type Refusal, readAnnotations, refuse, scalarText } from '../read-labels.ts'
import { readLink } from '../read-link.ts'
import { readTimeValue } from '../read-time.ts'
import type { AlertElement, ReadAlert } from '../slice-alerts.ts'
import type { GenericSettings } from './settings-schema.ts'
import { readStatusWord, titleWithoutState } from './status-words.ts'
import { findUsual, type Places, placesOf, tagsOf, USUAL_NAMES, usualLabels } from './usual-names.ts'
import { readValuePath, type ValuePath, valueAt } from './value-path.ts'

const PRINTABLE_WORD = /^[!-~]{1,128}$/
/** Fifteen digits are exact in a JavaScript number, not more. */
const LONG_NUMBER = /\d{16}/

type MappedField = 'key' | 'status' | 'title' | 'severity' | 'startsAt' | 'endsAt' | 'description' | 'url'

/** Reads alerts as `settings` map them. A missing title and, where firing values are configured, an unknown status refuse an alert. */
export function genericAlertReader(settings: GenericSettings): ReadAlert {
  const paths = new Map<MappedField, ValuePath>()
  for (const field of ['key', 'status', 'title', 'severity', 'startsAt', 'endsAt', 'description', 'url'] as const) {
    const path = settings[field] === undefined ? null : readValuePath(settings[field])
    if (path !== null) paths.set(field, path)
  }
  return (element) => {
    const alert = withExactNumbers(element)
    const places = placesOf(alert)
    const scalar = (field: MappedField, isInLabels = false): unknown => {
      const path = paths.get(field)
      return path ? valueAt(alert, path) : findUsual(isInLabels ? places.all : places.outer, USUAL_NAMES[field])
    }
    return readAlert({ alert, places, scalar, element, settings })
  }
}

interface Reading {
  readonly alert: JsonRecord
  readonly places: Places
  /** The configured value of a field, or what lies under its usual names. */
  readonly scalar: (field: MappedField, isInLabels?: boolean) => unknown
  readonly element: AlertElement
  readonly settings: GenericSettings
}

function readAlert(reading: Reading): AlertEvent | Refusal {
  const { scalar, element, settings } = reading
  const title = titleOf(reading)
  if (title === '') {
    return settings.title === undefined
      ? refuse(
          'title',
          'is missing: send a title (or summary, message, name), or configure the path of the title for this source',
        )
      : refuse(
          plainPath(settings.title),
          'holds no text, but it is the configured path of the title: correct the path or send the field',
        )
  }
  const statusText = textOf(scalar('status'))
  const status = readStatusWord(statusText, settings)
  if (status === null)
    return refuse(
      plainPath(settings.status ?? 'status'),
      `is "${oneLine(statusText, 40)}", which is neither among the firing nor the resolved values of this source: add it to one of them`,
    )
  const labels = labelsOf(reading)
  const { fingerprint, key } = identityOf(reading, labels, title)
  const startsAt = readTimeValue(scalar('startsAt'))
  return {
    fingerprint,
    status,
    title,
    severity: readSeverity(textOf(scalar('severity', true))),
    labels: cutLabels(labels),
    annotations: annotationsOf(reading, title),
    startsAtText: startsAt === null ? '' : cutText(textOf(scalar('startsAt')), ALERT_CAPS.timeText),
    startsAt: startsAt ?? element.receivedAt,
    endsAt: status === 'resolved' ? readTimeValue(scalar('endsAt')) : null,
    links: linksOf(reading),
    condition: null,
    clearedBecause: null,
    ruleId: null,
    fields: { key },
    raw: element.raw,
  }
}

/** A path without JSONPath's mark of the root. */
function plainPath(path: string): string {
  return path.replace(/^\$\.?/, '')
}

function titleOf({ places, scalar, settings }: Reading): string {
  const found =
    scalar('title', true) ?? (settings.title === undefined ? findUsual(places.all, USUAL_NAMES.titleLike) : undefined)
  return oneLine(textOf(found), ALERT_CAPS.title)
}

function labelsOf({ alert, settings }: Reading): Record<string, string> {
  const labels = newRecord<string>()
  for (const [name, value] of labelPairs(alert, settings.labels)) labels[cleanText(name)] = cleanText(value)
  return labels
}

function labelPairs(alert: JsonRecord, mapping: GenericSettings['labels']): [name: string, value: string][] {
  if (mapping === undefined) return usualLabels(alert)
  if (typeof mapping === 'string') return tagsOf(valueAt(alert, readValuePath(mapping) ?? []))
  return Object.entries(mapping).flatMap(([name, path]): [string, string][] => {
    const value = valueAt(alert, readValuePath(path) ?? [])
    const text = scalarText(value) ?? JSON.stringify(value)
    return text === '' ? [] : [[name, text]]
  })
}

interface Identity {
  readonly fingerprint: string
  readonly key: string
}

/** The sender's key, or a hash of the labels. Labels that nobody chose may be few, so the title counts with them. */
function identityOf({ scalar, settings }: Reading, labels: Record<string, string>, title: string): Identity {
  const given = textOf(scalar('key')).trim()
  if (given !== '') {
    const fingerprint = PRINTABLE_WORD.test(given) ? given : hashOf([given])
    return { fingerprint, key: given.length <= ALERT_CAPS.field ? given : fingerprint }
  }
  const parts = Object.keys(labels)
    .sort()
    .flatMap((name) => [name, labels[name] as string])
  const areChosen = settings.labels !== undefined && parts.length > 0
  const fingerprint = hashOf(areChosen ? parts : [...parts, titleWithoutState(title)])
  return { fingerprint, key: fingerprint }
}

/** Every part is led by its length, so that no two lists of parts read alike. */
function hashOf(parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:${part}`)
  return hash.digest('hex').slice(0, 32)
}

function annotationsOf({ alert, scalar }: Reading, title: string): Record<string, string> {
  const annotations = readAnnotations(alert.annotations, true)
  const description = textOf(scalar('description', true))
  if (description !== '' && description !== title)
    annotations.description = cutText(description, ALERT_CAPS.annotationValue)
  return annotations
}

function linksOf({ places, scalar }: Reading): AlertLinks {
  const generator = readLink(scalar('url'))
  const runbook = readLink(findUsual(places.all, USUAL_NAMES.runbook))
  const dashboard = readLink(findUsual(places.all, USUAL_NAMES.dashboard))
  const image = readLink(findUsual(places.outer, USUAL_NAMES.image))
  return {
    ...(generator && { generator }),
    ...(runbook && { runbook }),
    ...(dashboard && { dashboard }),
    ...(image && { image }),
  }
}

function textOf(value: unknown): string {
  return cleanText(scalarText(value) ?? '')
}

/** The alert, its numbers that JavaScript would round as the text that was sent: two ids must not become one. */
function withExactNumbers(element: AlertElement): JsonRecord {
  if (element.source.length > ALERT_CAPS.rawBytes || !LONG_NUMBER.test(element.source)) return element.value
  return JSON.parse(element.source, exactNumber as (name: string, value: unknown) => unknown) as JsonRecord
}

function exactNumber(_name: string, value: unknown, context: { readonly source?: string }): unknown {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? (context.source ?? value) : value
}
