import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '../store/database.ts'
import { firstIdAt } from '../store/new-id.ts'
import type { DeliveryLog } from './delivery-log/delivery-log.ts'
import { firstNeededSeqs } from './folded-position.ts'
import {
  deleteChangesUpTo,
  deleteEventsBefore,
  deleteReceiptsBefore,
  deleteRepliesBefore,
  findChangeCut,
} from './retention-queries.ts'

export interface RetentionPolicy {
  /** Bodies in the delivery log go after this time… */
  readonly bodiesMs: number
  /** …or when they take more than this on disk, the oldest first. */
  readonly bodiesMaxBytes: number
  /** Observations of alerts go after this time. Alerts, incidents and timelines stay. */
  readonly eventsMs: number
}

export interface RetentionDeps {
  readonly db: Db
  readonly log: Pick<DeliveryLog, 'partitions' | 'trim'>
  readonly tenantId: string
  readonly now: () => number
  readonly policy: RetentionPolicy
  /** Ends the run between two batches. */
  readonly signal: AbortSignal
}

export interface RetentionReport {
  readonly deliveries: number
  readonly events: number
  readonly changes: number
  readonly replies: number
  /** Of requests from chat. */
  readonly receipts: number
}

/** Live streams that were away for longer begin anew. */
const CHANGES_MS = 24 * 3_600_000
const MOST_CHANGES = 100_000
/** As long as an answer to an idempotency key is promised. */
const REPLIES_MS = 24 * 3_600_000
/** Longer than a job is tried, and much longer than a request may be repeated. */
const RECEIPTS_MS = 48 * 3_600_000

/** The write lock is everybody's: a batch is made so small that it is held for about this long. */
const BATCH_MS = 20
const FIRST_BATCH = 100
const MOST_BATCH = 5_000
/** Between batches, so that whoever waits for the lock has it. */
const PAUSE_MS = 10

/**
 * Forgets what is older than its time: bodies that are folded, observations of alerts, entries of the change feed,
 * remembered answers. Works in small batches; what a run does not reach, the next one does. Throws what the storage throws.
 */
export async function runRetention(deps: RetentionDeps): Promise<RetentionReport> {
  const { db, tenantId, now } = deps
  const changesUpTo = await findChangeCut(db, tenantId, { before: now() - CHANGES_MS, most: MOST_CHANGES })
  return {
    deliveries: await trimLog(deps),
    events: await forgetEvents(deps),
    changes:
      changesUpTo === null
        ? 0
        : await inBatches(deps, (limit) => deleteChangesUpTo(db, tenantId, { seq: changesUpTo, limit })),
    replies: await inBatches(deps, (limit) => deleteRepliesBefore(db, tenantId, { at: now() - REPLIES_MS, limit })),
    receipts: await inBatches(deps, (limit) => deleteReceiptsBefore(db, tenantId, { at: now() - RECEIPTS_MS, limit })),
  }
}

async function trimLog({ db, log, now, policy, signal }: RetentionDeps): Promise<number> {
  let total = 0
  while (!signal.aborted) {
    const request = {
      receivedBefore: now() - policy.bodiesMs,
      mostBytes: policy.bodiesMaxBytes,
      keepFrom: await firstNeededSeqs(db, log.partitions),
    }
    const trimmed = await log.trim(request)
    if (trimmed === 0) break
    total += trimmed
    await sleep(PAUSE_MS)
  }
  return total
}

async function forgetEvents(deps: RetentionDeps): Promise<number> {
  const before = firstIdAt(deps.now() - deps.policy.eventsMs)
  let after = ''
  return await inBatches(deps, async (limit) => {
    const { deleted, upTo } = await deleteEventsBefore(deps.db, deps.tenantId, { after, before, limit })
    after = upTo
    return deleted
  })
}

/** Repeats a deletion until it finds nothing; answers how many rows went. */
async function inBatches({ signal }: RetentionDeps, deleteSome: (limit: number) => Promise<number>): Promise<number> {
  let total = 0
  let limit = FIRST_BATCH
  while (!signal.aborted) {
    const before = performance.now()
    const deleted = await deleteSome(limit)
    const tookMs = performance.now() - before
    total += deleted
    if (deleted === 0) break
    limit = Math.max(1, Math.min(MOST_BATCH, Math.round(limit * Math.min(2, Math.max(0.25, BATCH_MS / tookMs)))))
    await sleep(PAUSE_MS)
  }
  return total
}
