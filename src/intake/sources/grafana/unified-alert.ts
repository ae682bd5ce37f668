import type { AlertCondition, AlertEvent, AlertLinks } from '../../../domain/alert-event.ts'
import { lowerSeverity } from '../../../domain/severity.ts'
import type { JsonRecord } from '../../json-scan-values.ts'
import { ALERT_CAPS } from '../alert-caps.ts'
import { cutText, oneLine } from '../clean-text.ts'
import { readPrometheusAlert } from '../prometheus-alert.ts'
import { isRefusal, type Refusal } from '../read-labels.ts'
import { readLink } from '../read-link.ts'
import type { AlertElement } from '../slice-alerts.ts'

const RULE_IN_LINK = /\/alerting\/(?:grafana\/)?([A-Za-z0-9_-]{1,190})\/(?:view|edit)(?:[/?#]|$)/

/** What Grafana names the alerts that it makes up when a rule has no data or cannot be evaluated. */
const CONDITIONS: ReadonlyMap<string | undefined, AlertCondition> = new Map([
  ['DatasourceNoData', 'no-data'],
  ['DatasourceError', 'error'],
])

/**
 * Reads one alert of Grafana's unified alerting: as Alertmanager's, and tied to its rule. NoData and Error come as
 * alerts of their own with other labels; the rule's uid ties them to the alert that they stand in for, and they
 * never count for more than a warning, because nothing was measured.
 */
export function readUnifiedAlert(element: AlertElement, linkBase: string | undefined): AlertEvent | Refusal {
  const event = readPrometheusAlert(element, linkBase)
  if (isRefusal(event)) return event
  const { labels, annotations } = event
  const condition = CONDITIONS.get(labels.alertname) ?? null
  const ruleId = readRuleId(labels, element.value.generatorURL)
  const ruleName = condition === null ? undefined : oneLine(labels.rulename ?? '', ALERT_CAPS.title)
  // The test button sends no rule; without a stand-in all its alerts would share one incident.
  const ruleUid = ruleId ?? cutText(labels.rulename ?? labels.alertname ?? '', ALERT_CAPS.field)
  return {
    ...event,
    title: ruleName || event.title,
    severity: condition === null ? event.severity : lowerSeverity(event.severity, 'warning'),
    links: linksOf(element.value, event.links, linkBase),
    condition,
    clearedBecause:
      event.status === 'resolved' ? oneLine(annotations.grafana_state_reason ?? '', ALERT_CAPS.field) || null : null,
    ruleId,
    fields: { rule_uid: ruleUid },
  }
}

function readRuleId(labels: Readonly<Record<string, string>>, generatorURL: unknown): string | null {
  const label = oneLine(labels.__alert_rule_uid__ ?? '', ALERT_CAPS.field)
  if (label !== '') return label
  return typeof generatorURL === 'string'
    ? (RULE_IN_LINK.exec(cutText(generatorURL, ALERT_CAPS.link))?.[1] ?? null)
    : null
}

function linksOf(value: JsonRecord, links: AlertLinks, base: string | undefined): AlertLinks {
  const dashboard = readLink(value.dashboardURL, base)
  const panel = readLink(value.panelURL, base)
  const silence = readLink(value.silenceURL, base)
  const image = readLink(value.imageURL, base)
  return {
    ...links,
    ...(dashboard && { dashboard }),
    ...(panel && { panel }),
    ...(silence && { silence }),
    ...(image && { image }),
  }
}
