import type { Actor } from '../domain/actor.ts'
import { requireScope } from '../domain/require-scope.ts'
import { SEVERITIES, type Severity, severityOfRank } from '../domain/severity.ts'
import type { Db } from '../store/database.ts'

/** The counters of the inbox. */
export interface IncidentCounts {
  /** Open, and nobody has taken it. */
  readonly needsAction: number
  readonly acknowledged: number
  readonly resolved24h: number
  /** Open ones, taken or not. */
  readonly openBySeverity: Readonly<Record<Severity, number>>
}

const DAY_MS = 24 * 3_600_000

/** Counts what is open, and what was resolved within a day. Reads only index ranges: history does not slow it. Needs the scope `read`. */
export async function countIncidents(db: Db, actor: Actor, now: number): Promise<IncidentCounts> {
  requireScope(actor, 'read')
  const open = await db
    .selectFrom('incident')
    .select((eb) => ['status_rank', 'severity_rank', eb.fn.countAll().as('n')])
    .where('tenant_id', '=', actor.tenantId)
    .where('status_rank', 'in', [0, 1])
    .groupBy(['status_rank', 'severity_rank'])
    .execute()
  const resolved = await db
    .selectFrom('incident')
    .select((eb) => eb.fn.countAll().as('n'))
    .where('tenant_id', '=', actor.tenantId)
    .where('resolved_at', '>', now - DAY_MS)
    .executeTakeFirst()
  const withStatus = (rank: number): number =>
    open.filter((row) => row.status_rank === rank).reduce((sum, row) => sum + Number(row.n), 0)
  const openBySeverity = Object.fromEntries(SEVERITIES.toReversed().map((severity) => [severity, 0])) as Record<
    Severity,
    number
  >
  for (const row of open) openBySeverity[severityOfRank(row.severity_rank)] += Number(row.n)
  return {
    needsAction: withStatus(0),
    acknowledged: withStatus(1),
    resolved24h: Number(resolved?.n ?? 0),
    openBySeverity,
  }
}
