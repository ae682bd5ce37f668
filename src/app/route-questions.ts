import type { AlertEvent, Labels } from '../domain/alert-event.ts'
import type { Incident } from '../domain/incident.ts'
import { readSeverity } from '../domain/severity.ts'
import { openIncident } from '../incidents/open-incident.ts'
import { openDelivery } from '../intake/read-delivery.ts'
import { createSourceRegistry } from '../intake/source-registry.ts'
import { adapterOfKind } from './registries.ts'

/** An incident as somebody imagines it, to ask where it would be told. What is left out is as alerts without it have it. */
export interface RouteQuestion {
  readonly labels?: Labels | undefined
  /** A word of a sender; otherwise that of the label `severity`. */
  readonly severity?: string | undefined
  readonly source?: string | undefined
  readonly service?: string | undefined
  readonly environment?: string | undefined
  readonly cluster?: string | undefined
  readonly namespace?: string | undefined
  /** The alerts of a body that Alertmanager sends: then the rest is read from them. */
  readonly alerts?: readonly unknown[] | undefined
}

/** What a question is read with. */
export interface QuestionContext {
  readonly tenantId: string
  readonly environment: string
  /** When it is opened. */
  readonly now: number
}

export type AskedIncidents =
  /** `more`: alerts beyond those that are answered. */
  | { readonly ok: true; readonly incidents: readonly Incident[]; readonly more: number }
  | { readonly ok: false; readonly problem: string }

/** More alerts than these are not explained one by one. */
const MOST_ALERTS = 20
const WEBHOOK_KIND = 'alertmanager'

/** The incidents that a question is about: one, or one for each alert of a body. Each alert is taken to open an incident of its own. */
export function askedIncidents(question: RouteQuestion, context: QuestionContext): AskedIncidents {
  const source = question.source ?? WEBHOOK_KIND
  if (question.alerts === undefined)
    return {
      ok: true,
      incidents: [withSaid(question, incidentOf(imaginedAlert(question, context.now), source, context))],
      more: 0,
    }
  const read = readAlerts(question, source, context)
  if (!read.ok) return read
  const incidents = read.events.map((event) => withSaid(question, incidentOf(event, source, context)))
  return { ok: true, incidents, more: read.more }
}

function incidentOf(event: AlertEvent, source: string, { tenantId, environment, now }: QuestionContext): Incident {
  const observed = { tenantId, source, sourceKind: WEBHOOK_KIND, deliverySeq: 0, index: 0, receivedAt: now, event }
  return openIncident(observed, { key: { hash: '', text: '' }, ruleKey: null, id: 'explained', environment })
}

/** What the question says itself goes before what the labels say. */
function withSaid(question: RouteQuestion, incident: Incident): Incident {
  const severity = question.severity === undefined ? incident.severity : readSeverity(question.severity)
  return {
    ...incident,
    severity,
    peakSeverity: severity,
    service: question.service ?? incident.service,
    environment: question.environment ?? incident.environment,
    cluster: question.cluster ?? incident.cluster,
    namespace: question.namespace ?? incident.namespace,
  }
}

function imaginedAlert({ labels = {}, severity }: RouteQuestion, now: number): AlertEvent {
  return {
    fingerprint: '',
    status: 'firing',
    title: labels['alertname'] ?? '',
    severity: readSeverity(severity ?? labels['severity']),
    labels,
    annotations: {},
    startsAtText: '',
    startsAt: now,
    endsAt: null,
    links: {},
    condition: null,
    clearedBecause: null,
    ruleId: null,
    fields: {},
    raw: '',
  }
}

type ReadAlerts =
  | { readonly ok: true; readonly events: readonly AlertEvent[]; readonly more: number }
  | { readonly ok: false; readonly problem: string }

function readAlerts(body: RouteQuestion, source: string, { tenantId, now }: QuestionContext): ReadAlerts {
  const adapter = adapterOfKind(WEBHOOK_KIND)
  const sources = createSourceRegistry([
    { tenantId, name: source, kind: WEBHOOK_KIND, tokenHash: null, adapter, settings: {} },
  ])
  const delivery = {
    tenantId,
    source,
    sourceKind: WEBHOOK_KIND,
    receivedAt: now,
    requestId: '',
    contentType: 'application/json',
    bytesCut: 0,
    body: new TextEncoder().encode(JSON.stringify(body)),
    seq: 0,
  }
  const opened = openDelivery(delivery, sources)
  if (!opened.ok) return { ok: false, problem: opened.reason }
  const count = Math.min(MOST_ALERTS, opened.alertCount)
  const { events, problems } = opened.slice(0, count)
  const [problem] = problems
  if (events.length === 0)
    return { ok: false, problem: `${problem?.path ?? ''} ${problem?.reason ?? 'There is no alert in it.'}`.trim() }
  return { ok: true, events, more: opened.alertCount - count }
}
