import type { Db } from '../../store/database.ts'
import { selectByKeys } from '../../store/select-by-keys.ts'

/** An alert of a source that fires as far as we know. */
export interface BelievedAlert {
  readonly id: string
  readonly startsAt: number
}

/**
 * The firing alerts of the open incidents of a source, by fingerprint. An alert that goes on firing in an incident that a
 * person resolved is not among them: nobody waits for its end.
 */
export async function firingAlertsOf(
  db: Db,
  tenantId: string,
  source: string,
): Promise<ReadonlyMap<string, BelievedAlert>> {
  const rows = await db
    .selectFrom('incident')
    .innerJoin('alert', (join) =>
      join.onRef('alert.tenant_id', '=', 'incident.tenant_id').onRef('alert.incident_id', '=', 'incident.id'),
    )
    .select(['alert.id', 'alert.fingerprint', 'alert.starts_at'])
    .where('incident.tenant_id', '=', tenantId)
    // The first column of the inbox's index: open incidents are few, whatever the history holds.
    .where('incident.status_rank', 'in', [0, 1])
    .where('incident.source', '=', source)
    .where('incident.firing_count', '>', 0)
    .where('alert.status', '=', 'firing')
    .where('alert.current_key', 'is not', null)
    .execute()
  return new Map(rows.map((row) => [row.fingerprint, { id: row.id, startsAt: Number(row.starts_at) }]))
}

const STATE_SELECT = {
  table: 'alert',
  columns: ['current_key', 'status', 'starts_at'],
  keyColumn: 'current_key',
} as const

/** What is known of alerts that do not fire with us; unknown ones are missing. `fingerprints` are those of Alertmanager, 16 hex digits. */
export async function knownStatesOf(
  db: Db,
  { tenantId, source }: { readonly tenantId: string; readonly source: string },
  fingerprints: readonly string[],
): Promise<ReadonlyMap<string, { readonly isFiring: boolean; readonly startsAt: number }>> {
  const prefix = `${source}/`
  const keys = fingerprints.map((fingerprint) => prefix + fingerprint)
  const rows = await selectByKeys(db, STATE_SELECT, tenantId, keys)
  return new Map(
    rows.map((row) => [
      (row.current_key as string).slice(prefix.length),
      { isFiring: row.status === 'firing', startsAt: Number(row.starts_at) },
    ]),
  )
}

const CONTENT_SELECT = {
  table: 'alert',
  columns: ['fingerprint', 'starts_at', 'starts_at_text', 'labels', 'annotations', 'links'],
  keyColumn: 'id',
} as const

/** Alerts as their sender's webhook would tell their end, by their ids. */
export async function resolvedAlertsOf(
  db: Db,
  tenantId: string,
  ended: ReadonlyMap<string, { readonly endsAt: number }>,
): Promise<readonly object[]> {
  const ids = [...ended.keys()]
  const rows = await selectByKeys(db, { ...CONTENT_SELECT, columns: ['id', ...CONTENT_SELECT.columns] }, tenantId, ids)
  const unique = new Map(rows.map((row) => [row.id, row]))
  return [...unique.values()].map((row) => ({
    status: 'resolved',
    labels: JSON.parse(row.labels),
    annotations: JSON.parse(row.annotations),
    startsAt: row.starts_at_text || new Date(Number(row.starts_at)).toISOString(),
    endsAt: new Date(ended.get(row.id)?.endsAt ?? 0).toISOString(),
    generatorURL: (JSON.parse(row.links) as { generator?: string }).generator ?? '',
    fingerprint: row.fingerprint,
  }))
}
