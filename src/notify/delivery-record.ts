import type { Incident } from '../domain/incident.ts'
import type { Db } from '../store/database.ts'
import type { NewId } from '../store/new-id.ts'
import { inTransaction } from '../store/transaction.ts'
import type { Channel, IncidentMessage, MessagePurpose, SendOutcome } from './channel.ts'
import type { ChannelPacer } from './channel-pacer.ts'
import { isOwnRoot, type Notification, recordPostTx, saveNotification } from './notification-repository.ts'
import { shownAfter } from './plan-message.ts'
import type { ThreadStore } from './threads/thread-store.ts'

/** What the wrapper tells the outside of each send, for metrics and logs. */
export interface DeliveryReport {
  readonly channelId: string
  readonly purpose: MessagePurpose
  readonly outcome: SendOutcome['kind'] | 'adopted' | 'possible-duplicate'
  readonly detail: string
  readonly incidentName: string
}

/** What bringing a channel up to date needs. */
export interface DeliverDeps {
  readonly db: Db
  readonly newId: NewId
  readonly now: () => number
  readonly channels: ReadonlyMap<string, Channel>
  readonly pacer: ChannelPacer
  /** The threads of thread keys, as system 2 kept them: those of one channel. */
  readonly threads: ThreadStore
  readonly threadChannelId: string | null
  readonly environment: string
  /** Whether the rules send the incident, as it is now, to the channel. */
  readonly isRoutedTo: (incident: Incident, channelId: string) => boolean
  readonly report: (report: DeliveryReport) => void
}

/** The projection with nothing under way. */
export function atRest(notification: Notification): Notification {
  return { ...notification, state: 'idle', deliveryId: null, deliveryKind: null, postingSince: null }
}

/** The thread to answer in: our own root, or one carried over from system 2's thread store. */
export async function threadFor(
  deps: DeliverDeps,
  channel: Channel,
  shown: Notification,
  threadKey: string,
): Promise<IncidentMessage['thread']> {
  if (shown.rootId !== null) return { id: shown.rootId, place: shown.rootPlace }
  // A thread of another channel is none here.
  if (shown.generation > 1 || channel.id !== deps.threadChannelId) return null
  const carriedOver = await deps.threads.get(threadKey)
  if (carriedOver === null || (await isOwnRoot(deps.db, shown.tenantId, channel.id, carriedOver))) return null
  return { id: carriedOver, place: null }
}

interface Delivered {
  readonly message: IncidentMessage
  readonly posting: Notification
  readonly outcome: Extract<SendOutcome, { kind: 'delivered' }>
}

/** Writes down a message that the receiver confirmed, and the thread it is in. */
export async function storeDelivered(deps: DeliverDeps, { message, posting, outcome }: Delivered): Promise<void> {
  const now = deps.now()
  const wanted = message.thread?.id ?? null
  // A reply whose root is gone is shown on its own: it is the root from now on.
  const becameRoot = wanted === null || outcome.threadId !== wanted
  const rootId = becameRoot ? outcome.id : wanted
  const next: Notification = {
    ...posting,
    state: 'idle',
    generation: becameRoot && posting.rootId !== null ? posting.generation + 1 : posting.generation,
    rootId,
    rootPlace: outcome.place ?? posting.rootPlace,
    shown: shownAfter(message.incident),
    deliveryId: null,
    deliveryKind: null,
    postingSince: null,
  }
  await inTransaction(deps.db, async (tx) => {
    await saveNotification(tx, next, { now })
    const post = {
      tenantId: next.tenantId,
      incidentId: next.incidentId,
      channelId: next.channelId,
      kind: message.purpose,
      externalId: outcome.id,
      threadId: outcome.threadId,
      postedAt: now,
      body: outcome.body ?? null,
    }
    await recordPostTx(tx, post, deps.newId)
  })
  // Only threads that exist: what a preview calls a message would lead nowhere once a bot is configured.
  const isKept = next.channelId === deps.threadChannelId && outcome.body === undefined
  if (isKept) await deps.threads.put(message.incident.correlationText, rootId)
}
