import { sql } from 'kysely'
import { INCIDENT_STATUSES } from '../../domain/incident.ts'
import { type Severity, severityOfRank } from '../../domain/severity.ts'
import type { Db } from '../../store/database.ts'
import type { StormDigest } from '../channel.ts'
import type { Digest } from './digest-repository.ts'

const MOST_SERVICES = 8
const MOST_LISTED = 10
const RESOLVED = INCIDENT_STATUSES.indexOf('resolved')

/**
 * The tenant of a notification, as something that no planner takes for a constant: PostgreSQL would walk all incidents of the tenant
 * for each notification of the digest as long as it has no statistics, which is when the first storm comes.
 */
const TENANT_OF_N = sql<string>`coalesce(n.tenant_id, n.tenant_id)`

export type DigestFacts = Pick<StormDigest, 'total' | 'open' | 'bySeverity' | 'byService'> & {
  readonly top: readonly ListedIncident[]
}

/** An incident of a digest. `link` leads to its thread, where it has one. */
export interface ListedIncident {
  readonly incidentId: string
  readonly number: number
  readonly title: string
  readonly severity: Severity
  readonly service: string
  readonly link: string | null
}

/** What a digest tells now: counts of the incidents that were taken in, and the most severe that are open. */
export async function digestFacts(db: Db, { tenantId, id, channelId }: Digest): Promise<DigestFacts> {
  const rows = await db
    .selectFrom('notification as n')
    .innerJoin('incident as i', (join) => join.on('i.tenant_id', '=', TENANT_OF_N).onRef('i.id', '=', 'n.incident_id'))
    .select([
      'i.severity_rank',
      'i.service',
      sql<number>`count(*)`.as('total'),
      sql<number>`sum(case when i.status_rank = ${RESOLVED} then 0 else 1 end)`.as('open'),
    ])
    .where('n.tenant_id', '=', tenantId)
    .where('n.digest_id', '=', id)
    .where('n.channel_id', '=', channelId)
    .groupBy(['i.severity_rank', 'i.service'])
    .execute()
  const groups = rows.map((row) => ({
    rank: row.severity_rank,
    service: row.service,
    total: Number(row.total),
    open: Number(row.open),
  }))
  const bySeverity = gather(groups, ({ rank }) => rank)
  const byService = gather(groups, ({ service }) => service)
  return {
    total: groups.reduce((sum, { total }) => sum + total, 0),
    open: groups.reduce((sum, { open }) => sum + open, 0),
    bySeverity: [...bySeverity]
      .sort(([a], [b]) => b - a)
      .map(([rank, counts]) => ({ severity: severityOfRank(rank), ...counts })),
    byService: [...byService]
      .sort(([a, m], [b, n]) => n.total - m.total || (a < b ? -1 : 1))
      .slice(0, MOST_SERVICES)
      .map(([service, counts]) => ({ service, ...counts })),
    top: await mostSevere(db, { tenantId, id, channelId }, { limit: MOST_LISTED, isThreadless: false }),
  }
}

/** The most severe open incidents of a digest, the oldest first among equals; those without a thread of their own, or all. */
export async function mostSevere(
  db: Db,
  { tenantId, id, channelId }: Pick<Digest, 'tenantId' | 'id' | 'channelId'>,
  { limit, isThreadless }: { readonly limit: number; readonly isThreadless: boolean },
): Promise<readonly ListedIncident[]> {
  const rows = await db
    .selectFrom('notification as n')
    .innerJoin('incident as i', (join) => join.on('i.tenant_id', '=', TENANT_OF_N).onRef('i.id', '=', 'n.incident_id'))
    .select(['i.id', 'i.number', 'i.title', 'i.severity_rank', 'i.service', 'n.root_link'])
    .where('n.tenant_id', '=', tenantId)
    .where('n.digest_id', '=', id)
    .where('n.channel_id', '=', channelId)
    .where('n.state', 'in', isThreadless ? ['digested'] : ['digested', 'idle', 'posting', 'ambiguous', 'blocked'])
    .where('i.status_rank', '<', RESOLVED)
    .orderBy('i.severity_rank', 'desc')
    .orderBy('i.started_at')
    .orderBy('i.id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    incidentId: row.id,
    number: Number(row.number),
    title: row.title,
    severity: severityOfRank(row.severity_rank),
    service: row.service,
    link: row.root_link,
  }))
}

interface Counts {
  readonly total: number
  readonly open: number
}

function gather<G extends Counts, K>(groups: readonly G[], keyOf: (group: G) => K): ReadonlyMap<K, Counts> {
  const sums = new Map<K, Counts>()
  for (const group of groups) {
    const known = sums.get(keyOf(group)) ?? { total: 0, open: 0 }
    sums.set(keyOf(group), { total: known.total + group.total, open: known.open + group.open })
  }
  return sums
}
