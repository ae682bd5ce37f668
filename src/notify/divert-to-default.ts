import type { Incident } from '../domain/incident.ts'
import { LANES, type Lane } from '../domain/job-payloads.ts'
import { enqueueTx, type JobOrder } from '../jobs/enqueue.ts'
import type { JobOutcome } from '../jobs/finish-job.ts'
import { hastenQueueTx } from '../jobs/hasten-queue.ts'
import { inTransaction } from '../store/transaction.ts'
import type { ChannelTrouble } from './channel-health.ts'
import type { DeliverDeps } from './deliver-deps.ts'
import {
  loadNotification,
  type Notification,
  type NotificationKey,
  saveNotification,
  standInsOf,
} from './notification-repository.ts'
import { notifyOrderOf, queueOfChannel } from './routing.ts'
import type { RunDeps } from './run-deps.ts'

/** What was diverted comes back to its own channel within this time, or at once when a probe gets through. */
const RETURN_MS = 10 * 60_000

interface Block {
  readonly now: number
  readonly blockedReason: string
  readonly isUrgent: boolean
  readonly incident: Incident
}

/** Writes down that a channel is blocked and, in the same transaction, orders that the default channel tells the incident. */
export async function divertTx(deps: RunDeps, blocked: Notification, block: Block): Promise<void> {
  const { now, blockedReason, isUrgent } = block
  await deps.write(async (tx) => {
    await saveNotification(tx, blocked, { now, blockedReason })
    const order = standInOrder(deps, blocked, isUrgent ? LANES.critical : LANES.error)
    if (order !== null) await enqueueTx(tx, blocked.tenantId, [order], { newId: deps.newId, now })
  })
}

/** The channel is closed: its default stands in for now. Null where there is none; then the message has to wait for the channel. */
export async function divertedFrom(
  deps: RunDeps,
  key: NotificationKey,
  lane: number,
  trouble: ChannelTrouble,
): Promise<JobOutcome | null> {
  const order = standInOrder(deps, key, lane as Lane)
  if (order === null) return null
  const now = deps.now()
  const shown = await loadNotification(deps.db, key)
  // What is under way must be looked up first, or it could be told twice.
  if (shown.state === 'posting' || shown.state === 'ambiguous') return null
  await deps.write(async (tx) => {
    if (trouble.isRefused)
      await saveNotification(tx, { ...shown, state: 'blocked' }, { now, blockedReason: trouble.detail })
    await enqueueTx(tx, key.tenantId, [order], { newId: deps.newId, now })
  })
  const at = now + Math.round(RETURN_MS * (0.5 + deps.random()))
  return { kind: 'again', at, reason: `${order.payload.channelId} stands in: ${trouble.detail}`, counts: false }
}

/** An outage has lasted too long: the default channel tells the incident meanwhile, where there is one. */
export async function orderStandIn(deps: DeliverDeps, key: NotificationKey, isUrgent: boolean): Promise<void> {
  const order = standInOrder(deps, key, isUrgent ? LANES.critical : LANES.error)
  if (order === null) return
  await inTransaction(deps.db, (tx) => enqueueTx(tx, key.tenantId, [order], { newId: deps.newId, now: deps.now() }))
}

/** A channel showed news of an incident: those that stood in for it once must not go on showing what was. */
export async function orderStandIns(deps: DeliverDeps, key: NotificationKey, lane: number): Promise<void> {
  const standIns = await standInsOf(deps.db, key)
  if (standIns.length === 0) return
  const now = deps.now()
  const orders = standIns.map((channelId) =>
    notifyOrderOf(channelId, key.incidentId, { lane: lane as Lane, runAt: now }),
  )
  await inTransaction(deps.db, (tx) => enqueueTx(tx, key.tenantId, orders, { newId: deps.newId, now }))
}

/** A closed channel works again: everything that waits for it is due now. */
export async function hastenReturn(deps: DeliverDeps, { tenantId, channelId }: NotificationKey): Promise<void> {
  const now = deps.now()
  await inTransaction(deps.db, (tx) => hastenQueueTx(tx, { tenantId, queue: queueOfChannel(channelId), now }))
}

function standInOrder(deps: DeliverDeps, key: NotificationKey, lane: Lane): JobOrder<'notify-channel'> | null {
  const { defaultChannelId } = deps.rules
  if (defaultChannelId === null || defaultChannelId === key.channelId || !deps.channels.has(defaultChannelId))
    return null
  const order = notifyOrderOf(defaultChannelId, key.incidentId, { lane, runAt: deps.now() })
  return { ...order, payload: { ...order.payload, insteadOf: key.channelId } }
}
