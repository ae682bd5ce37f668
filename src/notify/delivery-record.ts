import type { Channel, IncidentMessage, SendOutcome } from './channel.ts'
import type { DeliverDeps } from './deliver-deps.ts'
import { isOwnRoot, type Notification, recordPostTx, saveNotification } from './notification-repository.ts'
import { shownAfterTelling } from './plan-message.ts'
import type { RunDeps } from './run-deps.ts'

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
  if (!channel.hasThreads) return null
  if (shown.rootId !== null) return { id: shown.rootId, place: shown.rootPlace }
  if (shown.generation > 1 || deps.rules.threadChannelId !== channel.id) return null
  const carriedOver = await deps.threads.get(threadKey)
  if (carriedOver === null || (await isOwnRoot(deps.db, shown.tenantId, channel.id, carriedOver))) return null
  return { id: carriedOver, place: null }
}

interface Delivered {
  readonly channel: Channel
  readonly message: IncidentMessage
  readonly posting: Notification
  /** The timeline entry up to which this message tells notes. */
  readonly newsUpTo: string | null
  readonly outcome: Extract<SendOutcome, { kind: 'delivered' }>
  readonly link: string | null
}

/** Writes down a message that the receiver confirmed, and the thread it is in. Answers the projection from now on. */
export async function storeDelivered(deps: RunDeps, delivered: Delivered): Promise<Notification> {
  const { channel, message, outcome } = delivered
  const now = deps.now()
  const next = projectionAfter(delivered)
  await deps.write(async (tx) => {
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
  if (deps.rules.threadChannelId === channel.id && next.rootId !== null)
    await deps.threads.put(message.incident.correlationText, next.rootId)
  return next
}

function projectionAfter({ channel, message, posting, newsUpTo, outcome, link }: Delivered): Notification {
  const wanted = message.thread?.id ?? null
  // A reply whose root is gone is shown on its own: it is the root from now on.
  const becameRoot = wanted === null || outcome.threadId !== wanted
  const isOurs = becameRoot && channel.rootHash !== undefined
  return {
    ...atRest(posting),
    generation: becameRoot && posting.rootId !== null ? posting.generation + 1 : posting.generation,
    rootId: becameRoot ? outcome.id : wanted,
    rootPlace: outcome.place ?? posting.rootPlace,
    rootLink: becameRoot ? link : posting.rootLink,
    // A reply that became the root does not look like one yet: an unknown name makes it be edited.
    rootHash: isOurs ? (wanted === null ? (channel.rootHash?.(message) ?? null) : '') : posting.rootHash,
    lastNews: newsUpTo ?? posting.lastNews,
    shown: shownAfterTelling(posting.shown, message.incident, message.purpose),
  }
}
