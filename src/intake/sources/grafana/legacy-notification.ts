import type { AlertCondition, AlertEvent, AlertLinks } from '../../../domain/alert-event.ts'
import { fingerprintOfLabels } from '../../../domain/alert-fingerprint.ts'
import { lowerSeverity, readSeverity } from '../../../domain/severity.ts'
import type { JsonScan } from '../../json-scan.ts'
import { isJsonRecord, type JsonRecord, newRecord } from '../../json-scan-values.ts'
import { ALERT_CAPS } from '../alert-caps.ts'
import { cleanText, cutText, oneLine } from '../clean-text.ts'
import { cutLabels, isRefusal, type Refusal, readAnnotations, readLabels, refuse, scalarText } from '../read-labels.ts'
import { readLink } from '../read-link.ts'
import { type AlertElement, deliveryOfAlerts } from '../slice-alerts.ts'
import type { ReadableDelivery } from '../source-adapter.ts'

interface LegacyMeaning {
  readonly status: 'firing' | 'resolved'
  readonly condition: AlertCondition
  readonly clearedBecause: string | null
}

/** What the states of a legacy rule mean. `pending` is not here: the rule waits for its `for` time and nobody needs to know. */
const MEANINGS: ReadonlyMap<string, LegacyMeaning> = new Map([
  ['alerting', { status: 'firing', condition: null, clearedBecause: null }],
  ['no_data', { status: 'firing', condition: 'no-data', clearedBecause: null }],
  ['ok', { status: 'resolved', condition: null, clearedBecause: null }],
  ['paused', { status: 'resolved', condition: null, clearedBecause: 'Paused' }],
])

const PENDING = 'pending'
const PRINTABLE_WORD = /^[!-~]{1,128}$/

export interface LegacyBody {
  readonly bytes: Uint8Array
  readonly scan: JsonScan
  readonly receivedAt: number
  readonly state: unknown
}

/**
 * A notification of Grafana's legacy alerting: one alert per rule, keyed by organisation and rule, whatever series
 * matched, because `ok` names none. It carries no times, so an episode starts when it is received: `ok` is never
 * older than the `alerting` that it ends, and a reminder counts as an update of the alert that still fires.
 */
export function openLegacyNotification({ bytes, scan, receivedAt, state }: LegacyBody): ReadableDelivery {
  const isPending = readState(state) === PENDING
  return deliveryOfAlerts({
    bytes,
    ranges: { starts: Uint32Array.of(scan.start), ends: Uint32Array.of(scan.end) },
    receivedAt,
    remarks: isPending ? ['The rule is pending: it holds no alert yet.'] : [],
    nameOf: () => '',
    read: (element) => (isPending ? null : readLegacyAlert(element)),
  })
}

function readState(state: unknown): string {
  return typeof state === 'string' ? state.trim().toLowerCase() : ''
}

function readLegacyAlert(element: AlertElement): AlertEvent | Refusal {
  const { value, receivedAt } = element
  const meaning = MEANINGS.get(readState(value.state))
  if (!meaning) return refuse('state', 'must be one of alerting, ok, no_data, paused, pending')
  const ruleName = cleanText(scalarText(value.ruleName) ?? '')
  const labels = labelsOf(value, ruleName)
  if (isRefusal(labels)) return labels
  const ruleKey = ruleKeyOf(value, ruleName)
  if (ruleKey === null) return refuse('ruleId', 'and ruleName are both missing: one of them must name the rule')
  const severity = readSeverity(labels.severity ?? labels.priority)
  return {
    fingerprint: keyOrHash(`legacy:${ruleKey}`),
    status: meaning.status,
    title:
      oneLine(ruleName, ALERT_CAPS.title) ||
      oneLine(cleanText(scalarText(value.title) ?? ''), ALERT_CAPS.title) ||
      'Unnamed alert',
    severity: meaning.condition === null ? severity : lowerSeverity(severity, 'warning'),
    labels,
    annotations: readAnnotations({ description: value.message }, true),
    startsAtText: '',
    startsAt: receivedAt,
    endsAt: null,
    links: linksOf(value),
    condition: meaning.condition,
    clearedBecause: meaning.clearedBecause,
    ruleId: cutText(ruleKey, ALERT_CAPS.field),
    fields: { rule_uid: cutText(ruleKey, ALERT_CAPS.field) },
    raw: element.raw,
  }
}

/** `<organisation>:<rule id>`; the test button sends rule id 0, whose name then tells it apart. */
function ruleKeyOf(value: JsonRecord, ruleName: string): string | null {
  const ruleId = cleanText(scalarText(value.ruleId) ?? '')
  const rule = ruleId === '' || ruleId === '0' ? ruleName : ruleId
  return rule === '' ? null : `${cleanText(scalarText(value.orgId) ?? '') || '1'}:${rule}`
}

function keyOrHash(key: string): string {
  return PRINTABLE_WORD.test(key) ? key : `legacy:${fingerprintOfLabels({ key })}`
}

/** The rule's own tags, then what all matching series have in common; a tag with different values belongs to none of them. */
function labelsOf(value: JsonRecord, ruleName: string): Record<string, string> | Refusal {
  const ruleTags = readLabels(value.tags, 'tags', true)
  if (isRefusal(ruleTags)) return ruleTags
  const labels = newRecord<string>()
  for (const [name, tag] of Object.entries(commonTags(value.evalMatches))) labels[name] = tag
  for (const [name, tag] of Object.entries(ruleTags)) labels[name] = tag
  if (ruleName !== '') labels.alertname = ruleName
  return cutLabels(labels)
}

function commonTags(evalMatches: unknown): Record<string, string> {
  const matches = Array.isArray(evalMatches) ? evalMatches : []
  let common: Record<string, string> | null = null
  for (const match of matches) {
    const tags = isJsonRecord(match) ? readLabels(match.tags, 'tags', true) : newRecord<string>()
    const readable = isRefusal(tags) ? newRecord<string>() : tags
    common = common === null ? readable : intersection(common, readable)
  }
  return common ?? newRecord<string>()
}

function intersection(one: Record<string, string>, other: Record<string, string>): Record<string, string> {
  const both = newRecord<string>()
  for (const name of Object.keys(one)) if (one[name] === other[name]) both[name] = one[name] as string
  return both
}

function linksOf(value: JsonRecord): AlertLinks {
  const generator = readLink(value.ruleUrl)
  const image = readLink(value.imageUrl)
  return { ...(generator && { generator }), ...(image && { image }) }
}
