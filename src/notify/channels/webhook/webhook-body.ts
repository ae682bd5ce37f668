import { firingTotal, type Incident, incidentName, UNTIL_RESOLVED } from '../../../domain/incident.ts'
import { isoTime, isoTimeOrNull } from '../../../domain/iso-time.ts'
import type { IncidentMessage } from '../../channel.ts'
import type { WebhookBody } from './body-schema.ts'

/** What a message says, as the JSON that receivers read: `docs/webhook.md` and `schemas/webhook.v1.schema.json` promise it. */
export function webhookBody(message: IncidentMessage, now: number): WebhookBody {
  const { incident, alert } = message
  return {
    version: '1',
    event: message.purpose,
    deliveryId: message.deliveryId,
    sentAt: isoTime(now),
    environment: message.environment,
    thread: { id: incident.id, isRoot: message.thread === null },
    incident: incidentFields(incident),
    incidentUrl: message.consoleUrl,
    alert: {
      title: alert.title,
      labels: alert.labels,
      annotations: alert.annotations,
      links: alert.links,
      startsAt: isoTime(alert.startsAt),
      endsAt: isoTimeOrNull(alert.endsAt),
    },
    differing: message.differing.map(({ name, values, more }) => ({ name, values: [...values], more })),
    notes: message.notes.map(({ by, text, at }) => ({ by, text, at: isoTime(at) })),
    raisedFrom: message.raisedFrom,
  }
}

/** The body as it is signed and sent. Half surrogates and NUL, which some databases and parsers refuse, become `U+FFFD`. */
export function webhookBodyText(body: WebhookBody): string {
  return JSON.stringify(body, (_key, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed().replaceAll('\u0000', '\ufffd') : value,
  )
}

function incidentFields(incident: Incident): WebhookBody['incident'] {
  return {
    id: incident.id,
    number: incident.number,
    name: incidentName(incident),
    version: incident.version,
    title: incident.title,
    severity: incident.severity,
    status: incident.status,
    service: incident.service,
    cluster: incident.cluster,
    namespace: incident.namespace,
    environment: incident.environment,
    source: incident.source,
    startedAt: isoTime(incident.startedAt),
    openedAt: isoTime(incident.openedAt),
    acknowledgedAt: isoTimeOrNull(incident.acknowledgedAt),
    acknowledgedBy: incident.acknowledgedBy,
    resolvedAt: isoTimeOrNull(incident.resolvedAt),
    resolvedBy: incident.resolvedBy,
    firing: firingTotal(incident.firing),
    total: incident.alertCount,
    owner: incident.owner,
    isNoise: incident.isNoise,
    isFlapping: incident.isFlapping,
    resolvesAt: isoTimeOrNull(incident.clearsAt),
    reopenCount: incident.reopenCount,
    silence: silenceOf(incident),
    isSeverityPinned: incident.isSeverityPinned,
    correlation: { key: incident.correlationKey, text: incident.correlationText },
    updatedAt: isoTime(incident.updatedAt),
  }
}

function silenceOf({ silencedUntil }: Incident): WebhookBody['incident']['silence'] {
  if (silencedUntil === null) return null
  return { until: silencedUntil === UNTIL_RESOLVED ? null : isoTime(silencedUntil) }
}
