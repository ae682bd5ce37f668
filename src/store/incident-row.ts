import { firingTotal, INCIDENT_STATUSES, type Incident, isOpen, type Party } from '../domain/incident.ts'
import { severityOfRank, severityRank } from '../domain/severity.ts'
import type { IncidentTable } from './tables/incident-tables.ts'

/** Every column of `incident`, in the order of its bulk statements. */
export const INCIDENT_COLUMNS = [
  'tenant_id',
  'id',
  'number',
  'version',
  'source',
  'correlation_key',
  'correlation_text',
  'open_key',
  'rule_key',
  'title',
  'status_rank',
  'severity_rank',
  'service',
  'cluster',
  'namespace',
  'environment',
  'labels',
  'started_at',
  'opened_at',
  'acknowledged_at',
  'acknowledged_by',
  'resolved_at',
  'resolved_by',
  'owner',
  'owner_id',
  'alert_count',
  'firing_count',
  'firing',
  'clears_at',
  'reopen_count',
  'flap_count',
  'flaps_since',
  'is_flapping',
  'is_noise',
  'peak_rank',
  'is_severity_pinned',
  'silenced_until',
  'moved_to',
  'updated_at',
  'reopened_at',
] as const satisfies readonly (keyof IncidentTable)[]

/** A row without its words, which the index of the search keeps. */
export type IncidentRow = Omit<IncidentTable, 'words'>

export function incidentToRow(incident: Incident): IncidentRow {
  return {
    tenant_id: incident.tenantId,
    id: incident.id,
    number: incident.number,
    version: incident.version,
    source: incident.source,
    correlation_key: incident.correlationKey,
    correlation_text: incident.correlationText,
    open_key: isOpen(incident) ? incident.correlationKey : null,
    rule_key: incident.ruleKey,
    title: incident.title,
    status_rank: INCIDENT_STATUSES.indexOf(incident.status),
    severity_rank: severityRank(incident.severity),
    service: incident.service,
    cluster: incident.cluster,
    namespace: incident.namespace,
    environment: incident.environment,
    labels: JSON.stringify(incident.labels),
    started_at: incident.startedAt,
    opened_at: incident.openedAt,
    acknowledged_at: incident.acknowledgedAt,
    acknowledged_by: partyText(incident.acknowledgedBy),
    resolved_at: incident.resolvedAt,
    resolved_by: partyText(incident.resolvedBy),
    owner: partyText(incident.owner),
    owner_id: incident.owner?.id ?? null,
    alert_count: incident.alertCount,
    firing_count: firingTotal(incident.firing),
    firing: JSON.stringify(incident.firing),
    clears_at: incident.clearsAt,
    reopen_count: incident.reopenCount,
    flap_count: incident.flapCount,
    flaps_since: incident.flapsSince,
    is_flapping: incident.isFlapping ? 1 : 0,
    is_noise: incident.isNoise ? 1 : 0,
    peak_rank: severityRank(incident.peakSeverity),
    is_severity_pinned: incident.isSeverityPinned ? 1 : 0,
    silenced_until: incident.silencedUntil,
    moved_to: incident.movedTo,
    updated_at: incident.updatedAt,
    reopened_at: incident.reopenedAt,
  }
}

/** Reads a stored row. Numbers may arrive as text from engines with 64-bit integers. */
export function incidentFromRow(row: IncidentRow): Incident {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    number: Number(row.number),
    version: Number(row.version),
    source: row.source,
    correlationKey: row.correlation_key,
    correlationText: row.correlation_text,
    ruleKey: row.rule_key,
    title: row.title,
    status: INCIDENT_STATUSES[row.status_rank] ?? 'active',
    severity: severityOfRank(row.severity_rank),
    service: row.service,
    cluster: row.cluster,
    namespace: row.namespace,
    environment: row.environment,
    labels: JSON.parse(row.labels),
    startedAt: Number(row.started_at),
    openedAt: Number(row.opened_at),
    acknowledgedAt: numberOrNull(row.acknowledged_at),
    acknowledgedBy: partyOf(row.acknowledged_by),
    resolvedAt: numberOrNull(row.resolved_at),
    resolvedBy: partyOf(row.resolved_by),
    owner: partyOf(row.owner),
    alertCount: Number(row.alert_count),
    firing: JSON.parse(row.firing),
    clearsAt: numberOrNull(row.clears_at),
    reopenCount: row.reopen_count,
    flapCount: row.flap_count,
    flapsSince: numberOrNull(row.flaps_since),
    isFlapping: row.is_flapping === 1,
    isNoise: row.is_noise === 1,
    peakSeverity: severityOfRank(row.peak_rank),
    isSeverityPinned: row.is_severity_pinned === 1,
    silencedUntil: numberOrNull(row.silenced_until),
    movedTo: row.moved_to,
    updatedAt: Number(row.updated_at),
    reopenedAt: numberOrNull(row.reopened_at),
  }
}

function partyText(party: Party | null): string | null {
  return party === null ? null : JSON.stringify(party)
}

function partyOf(text: string | null): Party | null {
  return text === null ? null : (JSON.parse(text) as Party)
}

function numberOrNull(value: number | null): number | null {
  return value === null ? null : Number(value)
}
