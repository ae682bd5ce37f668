import { scanJson } from '../../json-scan.ts'
import { parseRest } from '../../json-scan-values.ts'
import { locateAlerts } from '../alert-array.ts'
import { findGroupKey } from '../find-group-key.ts'
import { adviceForForeignBody, isGrafanaLegacy } from '../foreign-body.ts'
import { readPrometheusAlert } from '../prometheus-alert.ts'
import { readLinkBase } from '../read-link.ts'
import { deliveryOfAlerts, unreadableJson } from '../slice-alerts.ts'
import type { DeliveryBody, ReadableDelivery, SourceAdapter, Unreadable } from '../source-adapter.ts'
import { truncationRemark } from '../truncation-remark.ts'

const EXPECTED =
  'Expected the webhook of Alertmanager, {"alerts":[{"status":"firing","labels":{…}}]}, or a list of alerts.'

/**
 * Reads Alertmanager: webhooks of version 3 and 4, the lists and groups of its API v2, and hand-made bodies that hold
 * nothing but `alerts`. Every alert stands for itself; what the group says of all of them is not looked at.
 */
export const alertmanagerSource: SourceAdapter = {
  kind: 'alertmanager',
  correlationDefaults: ['alertname', 'severity', 'service', 'cluster', 'environment'],
  groupOf: findGroupKey,
  open: openAlertmanager,
}

function openAlertmanager({ bytes, receivedAt }: DeliveryBody): ReadableDelivery | Unreadable {
  const scan = scanJson(bytes, { member: 'alerts' })
  if (!scan.ok) return unreadableJson(scan)
  const parsed = parseRest(bytes, scan, 'alerts')
  if (!parsed.ok) return unreadableJson(parsed)
  const alerts = locateAlerts(bytes, scan)
  if (alerts === null) {
    const advice = isGrafanaLegacy(parsed.rest)
      ? "It is a notification of Grafana's legacy alerting: send it to a source of kind grafana (/webhook/grafana)."
      : adviceForForeignBody(parsed.rest)
    return { ok: false, reason: advice === null ? EXPECTED : `${EXPECTED} ${advice}` }
  }
  const linkBase = readLinkBase(parsed.rest.externalURL)
  return deliveryOfAlerts({
    bytes,
    receivedAt,
    ...alerts,
    remarks: truncationRemark(parsed.rest),
    read: (element) => readPrometheusAlert(element, linkBase),
  })
}
