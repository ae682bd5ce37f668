import { hash } from 'node:crypto'
import type { Alert } from '../domain/alert.ts'
import { type CorrelationPolicy, correlationKeyOf } from '../domain/correlation.ts'
import type { Incident } from '../domain/incident.ts'
import type { LifecyclePolicy } from '../domain/incident-lifecycle.ts'
import type { ObservedEvent } from '../domain/observed-event.ts'
import { severityOfRank } from '../domain/severity.ts'
import type { Tx } from '../store/database.ts'
import { fitName } from '../store/fit-name.ts'
import { INCIDENT_COLUMNS, incidentFromRow } from '../store/incident-row.ts'
import { selectByKeys } from '../store/select-by-keys.ts'
import type { AlertTable } from '../store/tables/incident-tables.ts'

/** How the events of a source are tied together and how its incidents live. */
export interface SourcePolicy {
  readonly correlation: CorrelationPolicy
  readonly lifecycle: LifecyclePolicy
  /** Keep a row for every repetition too, and the sender's own JSON in each row (system 3 stores every alert as received). Otherwise the JSON is in the delivery log alone. */
  readonly keepsEveryAlert: boolean
}

/** An alert as known before or during the batch. */
export interface KnownAlert {
  readonly alert: Alert
  readonly firstSeenAt: number
  /** False until the batch stores it. */
  readonly isStored: boolean
}

/**
 * Everything of the database that a batch of events can touch, read at once and then changed in memory, event
 * after event: folding a batch is folding its events one by one.
 */
export interface WorkingSet {
  readonly alerts: Map<string, KnownAlert>
  readonly incidents: Map<string, Incident>
  /** The incidents as they were read, before the batch moved them. */
  readonly stored: Map<string, Incident>
  readonly openByKey: Map<string, string>
  /** The incident of a key that was resolved last. */
  readonly resolvedByKey: Map<string, string>
  readonly openByRule: Map<string, string>
  /** Correlation keys that were made while loading: hashing is paid once per event. */
  readonly hashedKeys: Map<ObservedEvent, HashedKey>
}

/** Names one fingerprint of one source. Long fingerprints of generic senders are hashed to fit an index. */
export function currentKeyOf({ source, event }: ObservedEvent): string {
  const fingerprint = event.fingerprint.length > 120 ? hash('sha256', event.fingerprint) : event.fingerprint
  return `${source}/${fingerprint}`
}

/** The rule of an event in words that are unique over sources, or null. */
export function ruleKeyOf({ source, event }: ObservedEvent): string | null {
  return event.ruleId === null ? null : fitName(`${source}/${event.ruleId}`)
}

export interface HashedKey {
  readonly text: string
  readonly hash: string
}

export function hashedKeyOf(observed: ObservedEvent, policy: CorrelationPolicy): HashedKey {
  const { text, material } = correlationKeyOf(observed.event, observed.source, policy)
  return { text, hash: hash('sha256', material) }
}

/** `hashedKeyOf` that hashes the same material once: alerts that arrive together mostly share their incident. */
function hashedKeyMaker(): typeof hashedKeyOf {
  const known = new Map<string, HashedKey>()
  return (observed, policy) => {
    const { text, material } = correlationKeyOf(observed.event, observed.source, policy)
    const key = known.get(material) ?? { text, hash: hash('sha256', material) }
    known.set(material, key)
    return key
  }
}

const ALERT_SELECT = {
  table: 'alert',
  columns: [
    'current_key',
    'id',
    'incident_id',
    'status',
    'severity_rank',
    'starts_at',
    'ends_at',
    'content_hash',
    'changed_at',
    'first_seen_at',
    'last_seen_at',
    'occurrences',
  ],
  keyColumn: 'current_key',
  locks: true,
} as const
const OPEN_SELECT = { table: 'incident', columns: ['id', 'open_key'], keyColumn: 'open_key' } as const
const BY_ID_SELECT = { table: 'incident', columns: INCIDENT_COLUMNS, keyColumn: 'id', locks: true } as const
const RESOLVED_SELECT = {
  table: 'incident',
  columns: ['correlation_key', 'id', 'resolved_at'],
  keyColumn: 'correlation_key',
  where: 'resolved_at is not null',
} as const
const BY_RULE_SELECT = {
  table: 'incident',
  columns: ['id'],
  keyColumn: 'rule_key',
  where: 'open_key is not null',
} as const

/** Reads what the events of one tenant can touch, and locks it: alerts first, then incidents, each in the order of their keys. */
export async function loadWorkingSet(
  tx: Tx,
  events: readonly ObservedEvent[],
  policyOf: (source: string) => SourcePolicy,
): Promise<WorkingSet> {
  const set: WorkingSet = {
    alerts: new Map(),
    incidents: new Map(),
    stored: new Map(),
    openByKey: new Map(),
    resolvedByKey: new Map(),
    openByRule: new Map(),
    hashedKeys: new Map(),
  }
  const tenantId = events[0]?.tenantId ?? ''
  await loadAlerts(tx, set, tenantId, [...new Set(events.map(currentKeyOf))].sort())
  // What clears in the batch may fire anew in it, and then it looks for an incident like an alert never seen.
  const clearing = new Set(events.filter(({ event }) => event.status === 'resolved').map(currentKeyOf))
  const keys = new Set<string>()
  const rules = new Set<string>()
  const ids = new Set<string>()
  const keyOf = hashedKeyMaker()
  for (const observed of events) {
    const currentKey = currentKeyOf(observed)
    const known = set.alerts.get(currentKey)
    if (known?.alert.incidentId) ids.add(known.alert.incidentId)
    const isFiringOn = known?.alert.status === 'firing' && !clearing.has(currentKey)
    if (observed.event.status !== 'firing' || isFiringOn) continue
    const key = keyOf(observed, policyOf(observed.source).correlation)
    set.hashedKeys.set(observed, key)
    keys.add(key.hash)
    const ruleKey = ruleKeyOf(observed)
    if (ruleKey !== null && observed.event.condition !== null) rules.add(ruleKey)
  }
  await loadIncidents(tx, set, tenantId, { keys: [...keys], ids: [...ids], rules: [...rules] })
  return set
}

async function loadAlerts(tx: Tx, set: WorkingSet, tenantId: string, keys: readonly string[]): Promise<void> {
  for (const row of await selectByKeys(tx, ALERT_SELECT, tenantId, keys)) {
    set.alerts.set(row.current_key as string, {
      alert: alertFromRow(row),
      firstSeenAt: Number(row.first_seen_at),
      isStored: true,
    })
  }
}

function alertFromRow(row: Pick<AlertTable, (typeof ALERT_SELECT)['columns'][number]>): Alert {
  return {
    id: row.id,
    incidentId: row.incident_id,
    status: row.status,
    severity: severityOfRank(row.severity_rank),
    startsAt: Number(row.starts_at),
    endsAt: row.ends_at === null ? null : Number(row.ends_at),
    contentHash: Number(row.content_hash),
    changedAt: Number(row.changed_at),
    lastSeenAt: Number(row.last_seen_at),
    occurrences: Number(row.occurrences),
  }
}

/**
 * Finds the incidents that the events may concern, then locks and reads them in the order of their ids: folds that meet in
 * several incidents wait for each other, but never in a circle. What they are is decided by what is read under the lock. An
 * incident that was opened between the two is not among them: storing a second one for its key is refused then, and the fold
 * is repeated.
 */
async function loadIncidents(
  tx: Tx,
  set: WorkingSet,
  tenantId: string,
  wanted: { keys: readonly string[]; ids: readonly string[]; rules: readonly string[] },
): Promise<void> {
  const open = await selectByKeys(tx, OPEN_SELECT, tenantId, wanted.keys)
  const openKeys = new Set(open.map(({ open_key }) => open_key))
  const closedKeys = wanted.keys.filter((key) => !openKeys.has(key))
  const ofRules = await selectByKeys(tx, BY_RULE_SELECT, tenantId, wanted.rules)
  const resolved = await lastResolved(tx, tenantId, closedKeys)
  const ids = new Set([...wanted.ids, ...resolved, ...[...open, ...ofRules].map(({ id }) => id)])
  for (const row of await selectByKeys(tx, BY_ID_SELECT, tenantId, [...ids].sort()))
    addIncident(set, incidentFromRow(row))
}

/** Of each key the incident that was resolved last. */
async function lastResolved(tx: Tx, tenantId: string, keys: readonly string[]): Promise<readonly string[]> {
  const latest = new Map<string, { id: string; at: number }>()
  for (const row of await selectByKeys(tx, RESOLVED_SELECT, tenantId, keys)) {
    const at = Number(row.resolved_at)
    if (at >= (latest.get(row.correlation_key)?.at ?? 0)) latest.set(row.correlation_key, { id: row.id, at })
  }
  return [...latest.values()].map(({ id }) => id)
}

function addIncident(set: WorkingSet, incident: Incident): void {
  set.incidents.set(incident.id, incident)
  set.stored.set(incident.id, incident)
  const { id, correlationKey, ruleKey, resolvedAt } = incident
  if (incident.status !== 'resolved') {
    set.openByKey.set(correlationKey, id)
    if (ruleKey !== null) set.openByRule.set(ruleKey, id)
    return
  }
  const other = set.incidents.get(set.resolvedByKey.get(correlationKey) ?? '')
  if ((resolvedAt ?? 0) >= (other?.resolvedAt ?? 0)) set.resolvedByKey.set(correlationKey, id)
}
