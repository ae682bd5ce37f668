import { INCIDENT_STATUSES } from '../domain/incident.ts'
import { LANES } from '../domain/job-payloads.ts'
import { SEVERITIES, severityOfRank } from '../domain/severity.ts'
import type { DeliveryLog } from '../intake/delivery-log/delivery-log.ts'
import { readProgress } from '../intake/folded-position.ts'
import { partitionLags } from '../intake/partition-lags.ts'
import type { Db } from '../store/database.ts'
import type { SourceLedgerTable } from '../store/tables/intake-tables.ts'

export interface StoredFactsDeps {
  readonly db: Db
  readonly log: Pick<DeliveryLog, 'partitions' | 'stats'>
  readonly tenantId: string
}

/** What the database and the log know of the whole installation, for metrics. */
export interface StoredFacts {
  readonly ledger: readonly SourceLedgerTable[]
  readonly openIncidents: readonly { readonly status: string; readonly severity: string; readonly count: number }[]
  readonly jobs: readonly { readonly state: string; readonly lane: string; readonly count: number }[]
  readonly openQuarantine: number
  /** Deliveries that are stored and not yet folded. */
  readonly logLag: number
  /** Large deliveries that are being folded in slices. */
  readonly deferred: number
  readonly logBytes: number
}

/** Reads them anew. Throws what the database or the log throws. */
export async function readStoredFacts(deps: StoredFactsDeps): Promise<StoredFacts> {
  const { db, log, tenantId } = deps
  const [ledger, openIncidents, jobs, openQuarantine, progress, stats] = await Promise.all([
    db.selectFrom('source_ledger').selectAll().where('tenant_id', '=', tenantId).execute(),
    readOpenIncidents(deps),
    readJobs(deps),
    countOpenQuarantine(deps),
    readProgress(db, log.partitions),
    log.stats(),
  ])
  return {
    ledger,
    openIncidents,
    jobs,
    openQuarantine,
    logLag: [...partitionLags(stats, progress).values()].reduce((sum, lag) => sum + lag, 0),
    deferred: progress.reduce((sum, { deferred }) => sum + deferred.length, 0),
    logBytes: stats.storedBytes,
  }
}

/** Every combination is there, so that an alarm on one that was never seen is not an alarm on nothing. */
async function readOpenIncidents({ db, tenantId }: StoredFactsDeps): Promise<StoredFacts['openIncidents']> {
  const rows = await db
    .selectFrom('incident')
    .select(['status_rank', 'severity_rank', (eb) => eb.fn.countAll().as('count')])
    .where('tenant_id', '=', tenantId)
    .where('status_rank', 'in', [0, 1])
    .groupBy(['status_rank', 'severity_rank'])
    .execute()
  const counts = new Map(
    rows.map((row) => [
      `${INCIDENT_STATUSES[row.status_rank]}/${severityOfRank(row.severity_rank)}`,
      Number(row.count),
    ]),
  )
  return INCIDENT_STATUSES.filter((status) => status !== 'resolved').flatMap((status) =>
    SEVERITIES.map((severity) => ({ status, severity, count: counts.get(`${status}/${severity}`) ?? 0 })),
  )
}

async function readJobs({ db }: StoredFactsDeps): Promise<StoredFacts['jobs']> {
  const rows = await db
    .selectFrom('job')
    .select(['state', 'lane', (eb) => eb.fn.countAll().as('count')])
    .groupBy(['state', 'lane'])
    .execute()
  const counts = new Map(rows.map((row) => [`${row.state}/${row.lane}`, Number(row.count)]))
  return (['waiting', 'running', 'dead'] as const).flatMap((state) =>
    Object.entries(LANES).map(([lane, rank]) => ({ state, lane, count: counts.get(`${state}/${rank}`) ?? 0 })),
  )
}

async function countOpenQuarantine({ db, tenantId }: StoredFactsDeps): Promise<number> {
  const row = await db
    .selectFrom('quarantine')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('tenant_id', '=', tenantId)
    .where('replayed_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
