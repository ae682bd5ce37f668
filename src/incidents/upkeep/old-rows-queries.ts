import type { Tx } from '../../store/database.ts'
import { type KeyedSelect, selectByKeys } from '../../store/select-by-keys.ts'
import type { AlertEventTable, AlertTable, TimelineEntryTable } from '../../store/tables/incident-tables.ts'
import type { Progress } from './upkeep-repository.ts'

interface Batch extends Progress {
  readonly limit: number
}

export type OldEvent = Pick<AlertEventTable, 'id' | 'source' | 'severity_rank' | 'observation' | 'received_at'> & {
  /** Of its alert, as they are now. */
  readonly labels: string | null
}

/** Events in the order of their ids, with the labels of their alerts. */
export async function oldEventsAfter(
  tx: Tx,
  tenantId: string,
  { doneTo, until, limit }: Batch,
): Promise<readonly OldEvent[]> {
  return await tx
    .selectFrom('alert_event as e')
    .leftJoin('alert as a', (join) => join.onRef('a.tenant_id', '=', 'e.tenant_id').onRef('a.id', '=', 'e.alert_id'))
    .select(['e.id', 'e.source', 'e.severity_rank', 'e.observation', 'e.received_at', 'a.labels'])
    .where('e.tenant_id', '=', tenantId)
    .where('e.id', '>', doneTo)
    .where('e.id', '<=', until)
    .orderBy('e.id')
    .limit(limit)
    .execute()
}

/** The ids of incidents, in order. */
export async function incidentIdsAfter(
  tx: Tx,
  tenantId: string,
  doneTo: string,
  limit: number,
): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom('incident')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('id', '>', doneTo)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

export type OldEntry = Pick<TimelineEntryTable, 'id' | 'incident_id' | 'kind' | 'reason' | 'data' | 'at'>
const ENTRIES: KeyedSelect<'timeline_entry', 'id' | 'incident_id' | 'kind' | 'reason' | 'data' | 'at'> = {
  table: 'timeline_entry',
  columns: ['id', 'incident_id', 'kind', 'reason', 'data', 'at'],
  keyColumn: 'incident_id',
}

/** The timelines of these incidents, each in its order. */
export async function timelinesOf(tx: Tx, tenantId: string, ids: readonly string[]): Promise<readonly OldEntry[]> {
  const rows = await selectByKeys(tx, ENTRIES, tenantId, ids)
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** The first alerts of an incident. */
export async function firstAlertsOf(
  tx: Tx,
  tenantId: string,
  incidentId: string,
  limit: number,
): Promise<readonly Pick<AlertTable, 'title' | 'labels'>[]> {
  return await tx
    .selectFrom('alert')
    .select(['title', 'labels'])
    .where('tenant_id', '=', tenantId)
    .where('incident_id', '=', incidentId)
    .orderBy('id')
    .limit(limit)
    .execute()
}
