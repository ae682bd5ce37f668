import type { Db, Tx } from '../../store/database.ts'
import { selectByKeys } from '../../store/select-by-keys.ts'
import { queueOfChannel } from '../routing.ts'

/** A job that waits to tell an incident in a channel. */
export interface WaitingJob {
  readonly jobId: string
  readonly incidentId: string
  readonly lane: number
}

const ROWS = {
  table: 'notification',
  columns: ['incident_id', 'channel_id', 'state', 'root_id'],
  keyColumn: 'incident_id',
} as const

/** What waits and is due in a channel's queue, most urgent first, at most `limit`. */
export async function waitingJobs(
  db: Db | Tx,
  { tenantId, channelId, now, limit }: WaitingRequest,
): Promise<readonly WaitingJob[]> {
  const rows = await db
    .selectFrom('job')
    .select(['id', 'payload', 'lane'])
    .where('tenant_id', '=', tenantId)
    .where('queue', '=', queueOfChannel(channelId))
    .where('state', '=', 'waiting')
    .where('kind', '=', 'notify-channel')
    .where('run_at', '<=', now)
    .orderBy('lane')
    .orderBy('run_at')
    .limit(limit)
    .execute()
  return rows.map(({ id, payload, lane }) => ({
    jobId: id,
    lane,
    incidentId: (JSON.parse(payload) as { incidentId: string }).incidentId,
  }))
}

export interface WaitingRequest {
  readonly tenantId: string
  readonly channelId: string
  readonly now: number
  readonly limit: number
}

/** What a channel has of incidents: `told` has a thread of its own, `digested` is in a digest; others are untold. */
export async function toldIncidents(
  db: Db | Tx,
  { tenantId, channelId }: { readonly tenantId: string; readonly channelId: string },
  incidentIds: readonly string[],
): Promise<ReadonlyMap<string, 'told' | 'digested'>> {
  const rows = await selectByKeys(db, ROWS, tenantId, incidentIds)
  return new Map(
    rows
      .filter((row) => row.channel_id === channelId && (row.root_id !== null || row.state !== 'idle'))
      .map((row) => [row.incident_id, row.state === 'digested' ? 'digested' : 'told']),
  )
}
