import type { Incident } from '../domain/incident.ts'
import { severityRank } from '../domain/severity.ts'
import type { UpsertPlan } from '../store/bulk-write.ts'
import { fitName } from '../store/fit-name.ts'
import { INCIDENT_COLUMNS } from '../store/incident-row.ts'
import type { NewId } from '../store/new-id.ts'
import type { AlertEventTable, AlertTable } from '../store/tables/incident-tables.ts'
import type { ChangedAlert, EventDraft } from './batch-changes.ts'
import type { SourcePolicy } from './working-set.ts'

/** In the order in which alerts are written. */
export const ALERT_COLUMNS = [
  'tenant_id',
  'id',
  'source',
  'fingerprint',
  'current_key',
  'incident_id',
  'status',
  'severity_rank',
  'title',
  'starts_at',
  'starts_at_text',
  'ends_at',
  'content_hash',
  'changed_at',
  'first_seen_at',
  'last_seen_at',
  'occurrences',
  'condition',
  'labels',
  'annotations',
  'links',
] as const
/** In the order in which events are written. */
export const EVENT_COLUMNS = [
  'tenant_id',
  'id',
  'alert_id',
  'incident_id',
  'source',
  'source_kind',
  'delivery_seq',
  'delivery_index',
  'received_at',
  'status',
  'observation',
  'severity_rank',
  'starts_at',
  'ends_at',
  'raw',
] as const

const incoming = <C extends string>(columns: readonly C[]): Record<C, 'incoming'> =>
  Object.fromEntries(columns.map((column) => [column, 'incoming'])) as Record<C, 'incoming'>
/** For alerts that are stored: everything but what tells one from another is set. */
export const ALERT_PLAN: UpsertPlan<'alert'> = {
  table: 'alert',
  columns: ALERT_COLUMNS,
  key: ['tenant_id', 'id'],
  merge: incoming(ALERT_COLUMNS.slice(5)),
}
/** For incidents that move in lists, and the columns of those that are new. */
export const INCIDENT_PLAN: UpsertPlan<'incident'> = {
  table: 'incident',
  columns: [...INCIDENT_COLUMNS, 'words'],
  key: ['tenant_id', 'id'],
  merge: incoming(INCIDENT_COLUMNS.slice(3)),
}
/** Columns of indexes. Setting one of them makes SQLite write its index entries anew, even when the value stays. */
const INDEXED_INCIDENT_COLUMNS: ReadonlySet<string> = new Set([
  'correlation_key',
  'open_key',
  'rule_key',
  'status_rank',
  'severity_rank',
  'service',
  'started_at',
  'resolved_at',
])
/** For incidents that stay where every list shows them, which is what most of a storm does. */
export const INCIDENT_COUNTS_PLAN: UpsertPlan<'incident'> = {
  ...INCIDENT_PLAN,
  // A list of its own: compiled statements are kept by it.
  columns: [...INCIDENT_COLUMNS],
  merge: incoming(INCIDENT_COLUMNS.slice(3).filter((column) => !INDEXED_INCIDENT_COLUMNS.has(column))),
}

/** Whether an incident stays where it is in every index, so that `INCIDENT_COUNTS_PLAN` does. */
export function keepsItsPlaces(before: Incident, after: Incident): boolean {
  return (
    before.status === after.status &&
    before.severity === after.severity &&
    before.startedAt === after.startedAt &&
    before.resolvedAt === after.resolvedAt &&
    before.service === after.service &&
    before.ruleKey === after.ruleKey &&
    before.correlationKey === after.correlationKey
  )
}

/** The row of an alert; what its sender said as of the last event that changed it. */
export function alertRow(tenantId: string, { alert, firstSeenAt, key, observed }: ChangedAlert): AlertTable {
  const { event } = observed
  return {
    tenant_id: tenantId,
    id: alert.id,
    source: observed.source,
    fingerprint: fitName(event.fingerprint),
    current_key: key,
    incident_id: alert.incidentId,
    status: alert.status,
    severity_rank: severityRank(alert.severity),
    title: event.title,
    starts_at: alert.startsAt,
    starts_at_text: event.startsAtText.slice(0, 64),
    ends_at: alert.endsAt,
    content_hash: alert.contentHash,
    changed_at: alert.changedAt,
    first_seen_at: firstSeenAt,
    last_seen_at: alert.lastSeenAt,
    occurrences: alert.occurrences,
    condition: event.condition,
    labels: JSON.stringify(event.labels),
    annotations: JSON.stringify(event.annotations),
    links: JSON.stringify(event.links),
  }
}

/** What a row of an event needs beside the event. */
export interface EventRowDeps {
  readonly newId: NewId
  readonly policyOf: (source: string) => SourcePolicy
}

/** The row of an event. The alert as its sender wrote it is kept where the source asks for that. */
export function eventRow(
  { observed, observation, alertId, incidentId }: EventDraft,
  { newId, policyOf }: EventRowDeps,
): AlertEventTable {
  const { event } = observed
  return {
    tenant_id: observed.tenantId,
    id: newId(observed.receivedAt),
    alert_id: alertId,
    incident_id: incidentId,
    source: observed.source,
    source_kind: observed.sourceKind,
    delivery_seq: observed.deliverySeq,
    delivery_index: observed.index,
    received_at: observed.receivedAt,
    status: event.status,
    observation,
    severity_rank: severityRank(event.severity),
    starts_at: event.startsAt,
    ends_at: event.endsAt,
    raw: policyOf(observed.source).keepsEveryAlert ? event.raw : '',
  }
}
