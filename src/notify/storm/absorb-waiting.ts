import { LANES } from '../../domain/job-payloads.ts'
import { deleteWaitingJobsTx } from '../../jobs/delete-waiting-jobs.ts'
import { lockWaitingJobsTx } from '../../jobs/lock-waiting-jobs.ts'
import { type UpsertPlan, upsertMany } from '../../store/bulk-write.ts'
import type { Tx } from '../../store/database.ts'
import { INCIDENT_COLUMNS, incidentFromRow } from '../../store/incident-row.ts'
import { selectByKeys } from '../../store/select-by-keys.ts'
import type { NotificationTable } from '../../store/tables/notification-tables.ts'
import type { StormPolicy } from '../channel.ts'
import { shownAfter } from '../plan-message.ts'
import type { Digest } from './digest-repository.ts'
import { toldIncidents, type WaitingJob, waitingJobs } from './waiting-queries.ts'

const BATCH = 500
const COLUMNS = [
  'tenant_id',
  'incident_id',
  'channel_id',
  'state',
  'generation',
  'root_id',
  'root_place',
  'root_link',
  'shown',
  'delivery_id',
  'delivery_kind',
  'posting_since',
  'blocked_reason',
  'updated_at',
  'root_hash',
  'last_news',
  'previous_link',
  'digest_id',
  'fallback_for',
] as const satisfies readonly (keyof NotificationTable)[]
const PLAN: UpsertPlan<'notification'> = {
  table: 'notification',
  columns: COLUMNS,
  key: ['tenant_id', 'incident_id', 'channel_id'],
  merge: { state: 'incoming', shown: 'incoming', digest_id: 'incoming', updated_at: 'incoming' },
}
const INCIDENTS = { table: 'incident', columns: INCIDENT_COLUMNS, keyColumn: 'id' } as const

/** How much one round took in. `looked` below the batch size: nothing more waits. */
export interface Absorbed {
  readonly taken: number
  readonly isLast: boolean
}

/**
 * Takes incidents that wait for a thread of their own into a digest, hundreds at a time, and what resolved in the digest
 * meanwhile. Few critical ones are left to get threads; what has a thread is left to be told in it. Part of the caller's
 * transaction, so that nobody takes the jobs at the same time.
 */
export async function absorbWaitingTx(
  tx: Tx,
  digest: Digest,
  { storm, now }: { readonly storm: StormPolicy; readonly now: number },
): Promise<Absorbed> {
  const { tenantId, channelId } = digest
  const seen = await waitingJobs(tx, { tenantId, channelId, now, limit: BATCH })
  // Locked before the incidents are read: what asks for one of them from now on finds its job gone and stores a new one.
  const ours = await lockWaitingJobsTx(
    tx,
    tenantId,
    seen.map(({ jobId }) => jobId),
  )
  const waiting = seen.filter(({ jobId }) => ours.has(jobId))
  const told = await toldIncidents(
    tx,
    { tenantId, channelId },
    waiting.map(({ incidentId }) => incidentId),
  )
  const untold = waiting.filter(({ incidentId }) => !told.has(incidentId))
  const critical = untold.filter(({ lane }) => lane === LANES.critical)
  const isManyCritical = critical.length > storm.newIncidents / 2
  const taken = untold.filter(({ lane }) => isManyCritical || lane !== LANES.critical)
  const inDigest = waiting.filter(({ incidentId }) => told.get(incidentId) === 'digested')
  const count = await takeTx(tx, digest, { taken, inDigest, now })
  return { taken: count, isLast: seen.length < BATCH }
}

async function takeTx(
  tx: Tx,
  digest: Digest,
  {
    taken,
    inDigest,
    now,
  }: { readonly taken: readonly WaitingJob[]; readonly inDigest: readonly WaitingJob[]; readonly now: number },
): Promise<number> {
  const jobs = [...taken, ...inDigest]
  if (jobs.length === 0) return 0
  const { tenantId, channelId } = digest
  const ids = jobs.map(({ incidentId }) => incidentId)
  const incidents = new Map(
    (await selectByKeys(tx, INCIDENTS, tenantId, ids)).map((row) => [row.id, incidentFromRow(row)]),
  )
  const isNew = new Set(taken.map(({ incidentId }) => incidentId))
  // What people did to an incident in the digest gives it a thread: that is not for here.
  const mine = jobs.filter(({ incidentId }) => {
    const incident = incidents.get(incidentId)
    return incident !== undefined && (isNew.has(incidentId) || incident.status === 'resolved')
  })
  await upsertMany(
    tx,
    PLAN,
    mine.map(({ incidentId }) => ({
      tenant_id: tenantId,
      incident_id: incidentId,
      channel_id: channelId,
      state: 'digested' as const,
      generation: 1,
      root_id: null,
      root_place: null,
      root_link: null,
      shown: JSON.stringify(shownAfter(incidents.get(incidentId) as Parameters<typeof shownAfter>[0])),
      delivery_id: null,
      delivery_kind: null,
      posting_since: null,
      blocked_reason: null,
      updated_at: now,
      root_hash: null,
      last_news: null,
      previous_link: null,
      digest_id: digest.id,
      fallback_for: null,
      root_begun_at: null,
      is_root_critical: null,
    })),
  )
  await deleteWaitingJobsTx(
    tx,
    tenantId,
    mine.map(({ jobId }) => jobId),
  )
  return mine.length
}
