import { scanJson } from '../../json-scan.ts'
import { parseRest } from '../../json-scan-values.ts'
import { locateAlerts } from '../alert-array.ts'
import { findGroupKey } from '../find-group-key.ts'
import { adviceForForeignBody, isGrafanaLegacy } from '../foreign-body.ts'
import { readLinkBase } from '../read-link.ts'
import { deliveryOfAlerts, unreadableJson } from '../slice-alerts.ts'
import type { DeliveryBody, ReadableDelivery, SourceAdapter, Unreadable } from '../source-adapter.ts'
import { truncationRemark } from '../truncation-remark.ts'
import { openLegacyNotification } from './legacy-notification.ts'
import { readUnifiedAlert } from './unified-alert.ts'

const EXPECTED =
  'Expected the webhook of Grafana, {"alerts":[{"status":"firing","labels":{…}}]}, or of its legacy alerting, {"ruleId":1,"ruleName":"…","state":"alerting"}.'
const CUSTOM_PAYLOAD =
  'If the contact point has a custom payload, send it to a source of kind generic, or remove the custom payload.'

/**
 * Reads Grafana: the webhooks of unified alerting, and the notifications of the legacy alerting before version 9.
 * The correlation fields are those of system 3's `incident_key`; `rule_uid` comes from the adapter.
 */
export const grafanaSource: SourceAdapter = {
  kind: 'grafana',
  correlationDefaults: ['rule_uid', 'cluster', 'namespace', 'service', 'phase'],
  groupOf: findGroupKey,
  open: openGrafana,
}

function openGrafana({ bytes, receivedAt }: DeliveryBody): ReadableDelivery | Unreadable {
  const scan = scanJson(bytes, { member: 'alerts' })
  if (!scan.ok) return unreadableJson(scan)
  const parsed = parseRest(bytes, scan, 'alerts')
  if (!parsed.ok) return unreadableJson(parsed)
  const alerts = locateAlerts(bytes, scan)
  if (alerts !== null) {
    const linkBase = readLinkBase(parsed.rest.externalURL)
    return deliveryOfAlerts({
      bytes,
      receivedAt,
      ...alerts,
      remarks: truncationRemark(parsed.rest),
      read: (element) => readUnifiedAlert(element, linkBase),
    })
  }
  if (isGrafanaLegacy(parsed.rest)) return openLegacyNotification({ bytes, scan, receivedAt, state: parsed.rest.state })
  return { ok: false, reason: `${EXPECTED} ${adviceForForeignBody(parsed.rest) ?? CUSTOM_PAYLOAD}` }
}
