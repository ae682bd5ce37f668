import { sql } from 'kysely'
import type { Db } from '../store/database.ts'
import { selectByKeys } from '../store/select-by-keys.ts'

const BY_CURRENT_KEY = { table: 'alert', columns: ['current_key', 'incident_id'], keyColumn: 'current_key' } as const
/** Alerts that belong to no incident are rare; each costs a query. */
const MOST_BY_CORRELATION = 50

/** An alert by its own key (`currentKeyOf`) and by the hash of its correlation key. */
export interface AlertKeys {
  readonly currentKey: string
  readonly correlationHash: string
}

/**
 * The incident of each alert, in order: the one that holds it, else the open or the latest one of its correlation key;
 * null where there is none.
 */
export async function incidentsOfAlerts(
  db: Db,
  tenantId: string,
  alerts: readonly AlertKeys[],
): Promise<readonly (string | null)[]> {
  const keys = [...new Set(alerts.map(({ currentKey }) => currentKey))]
  const rows = await selectByKeys(db, BY_CURRENT_KEY, tenantId, keys)
  const holder = new Map(rows.map((row) => [row.current_key, row.incident_id]))
  const loose = alerts.filter(({ currentKey }) => !holder.get(currentKey)).map(({ correlationHash }) => correlationHash)
  const byHash = new Map<string, string | null>()
  for (const hash of [...new Set(loose)].slice(0, MOST_BY_CORRELATION))
    byHash.set(hash, await latestOfKey(db, tenantId, hash))
  return alerts.map(({ currentKey, correlationHash }) => holder.get(currentKey) ?? byHash.get(correlationHash) ?? null)
}

async function latestOfKey(db: Db, tenantId: string, correlationHash: string): Promise<string | null> {
  const row = await db
    .selectFrom('incident')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('correlation_key', '=', correlationHash)
    .orderBy(sql`case when resolved_at is null then 0 else 1 end`)
    .orderBy('resolved_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.id ?? null
}
