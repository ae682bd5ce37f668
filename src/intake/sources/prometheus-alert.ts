import type { AlertEvent, AlertLinks } from '../../domain/alert-event.ts'
import { fingerprintOfLabels } from '../../domain/alert-fingerprint.ts'
import { readSeverity } from '../../domain/severity.ts'
import { isJsonRecord, kindOfJson } from '../json-scan-values.ts'
import { ALERT_CAPS } from './alert-caps.ts'
import { oneLine } from './clean-text.ts'
import { cutLabels, isRefusal, type Refusal, readAnnotations, readLabels, refuse } from './read-labels.ts'
import { readLink } from './read-link.ts'
import { readTimeText } from './read-time.ts'
import type { AlertElement } from './slice-alerts.ts'

const PRINTABLE_WORD = /^[!-~]{1,128}$/
const NO_FIELDS = Object.freeze({})

/**
 * Reads one alert in the form that Prometheus, Alertmanager (webhook and API v2) and Grafana's unified alerting
 * share. Only labels or a status of the wrong type refuse it; every other oddity has a safe reading.
 * `linkBase` is where relative links of the sender start.
 */
export function readPrometheusAlert(element: AlertElement, linkBase: string | undefined): AlertEvent | Refusal {
  const { value, hasEscapes, receivedAt } = element
  const allLabels = readLabels(value.labels, 'labels', hasEscapes)
  if (isRefusal(allLabels)) return allLabels
  const annotations = readAnnotations(value.annotations, hasEscapes)
  const statedEnd = readInstant(value.endsAt)
  const status = readStatus(value.status, statedEnd, receivedAt)
  if (isRefusal(status)) return status
  const given = readFingerprint(value.fingerprint)
  const labels = cutLabels(allLabels)
  if (given === null && isEmpty(labels) && isEmpty(annotations))
    return refuse('', 'has no labels: send at least labels.alertname')
  const startsAt = readInstant(value.startsAt)
  return {
    fingerprint: given ?? fingerprintOfLabels(allLabels),
    status: status.is,
    title: titleOf(labels, annotations),
    severity: readSeverity(labels.severity ?? labels.priority),
    labels,
    annotations,
    startsAtText: startsAt === null ? '' : (value.startsAt as string),
    startsAt: startsAt ?? receivedAt,
    endsAt: status.is === 'resolved' ? statedEnd : null,
    links: linksOf(readLink(value.generatorURL, linkBase), labels, annotations),
    condition: null,
    clearedBecause: null,
    ruleId: null,
    fields: NO_FIELDS,
    raw: element.raw,
  }
}

const FIRING = { is: 'firing' } as const
const RESOLVED = { is: 'resolved' } as const

/** The alert's own status; the group's says nothing about it. Without one its end decides, as it does for Alertmanager. */
function readStatus(
  value: unknown,
  endsAt: number | null,
  receivedAt: number,
): typeof FIRING | typeof RESOLVED | Refusal {
  if (value === 'firing') return FIRING
  if (value === 'resolved') return RESOLVED
  const byEnd = endsAt !== null && endsAt <= receivedAt ? RESOLVED : FIRING
  if (value === undefined || value === null || value === '') return byEnd
  // API v2 tells the state of the alert inside Alertmanager: silenced and inhibited alerts fire all the same.
  if (isJsonRecord(value)) return value.state === 'active' || value.state === 'suppressed' ? FIRING : byEnd
  if (typeof value !== 'string') return refuse('status', `must be "firing" or "resolved", not ${kindOfJson(value)}`)
  const word = value.trim().toLowerCase()
  if (word === 'firing' || word === 'active' || word === 'suppressed') return FIRING
  return word === 'resolved'
    ? RESOLVED
    : refuse('status', `must be "firing" or "resolved", not "${oneLine(value, 40)}"`)
}

function readInstant(value: unknown): number | null {
  return typeof value === 'string' && value.length <= ALERT_CAPS.timeText ? readTimeText(value) : null
}

/** The sender's fingerprint where it can be a key in every database; else it is computed from the labels. */
function readFingerprint(value: unknown): string | null {
  return typeof value === 'string' && PRINTABLE_WORD.test(value) ? value : null
}

function titleOf(labels: Record<string, string>, annotations: Record<string, string>): string {
  return (
    titleFrom(annotations.summary) || titleFrom(annotations.title) || titleFrom(labels.alertname) || 'Unnamed alert'
  )
}

function titleFrom(text: string | undefined): string {
  return text === undefined ? '' : oneLine(text, ALERT_CAPS.title)
}

type Texts = Readonly<Record<string, string>>

function linksOf(generator: string | undefined, labels: Texts, annotations: Texts): AlertLinks {
  const links: { -readonly [Name in keyof AlertLinks]: AlertLinks[Name] } = {}
  if (generator !== undefined) links.generator = generator
  const runbook = readLink(annotations.runbook_url ?? annotations.runbook ?? labels.runbook_url ?? labels.runbook)
  if (runbook !== undefined) links.runbook = runbook
  const dashboard = readLink(
    annotations.dashboard_url ?? annotations.dashboard ?? labels.dashboard_url ?? labels.dashboard,
  )
  if (dashboard !== undefined) links.dashboard = dashboard
  return links
}

function isEmpty(record: Record<string, string>): boolean {
  for (const _ in record) return false
  return true
}
