import { incidentName } from '../domain/incident.ts'
import type { JobOutcome } from '../jobs/finish-job.ts'
import type { Channel, FindOutcome, IncidentMessage, MessagePurpose } from './channel.ts'
import type { DeliveryReport } from './deliver-deps.ts'
import { atRest, storeDelivered, threadFor } from './delivery-record.ts'
import { type LoadedIncident, loadForMessage, loadUntoldNews } from './message-facts-queries.ts'
import { messageOfIncident } from './message-of-incident.ts'
import { type Notification, saveNotification } from './notification-repository.ts'
import type { RunDeps } from './run-deps.ts'

/** A lost answer is asked about only after this: the receiver needs a moment until its own search shows the message. */
export const SETTLE_MS = 3_000
/** When the receiver cannot say for so long whether it showed a message, it is sent again, counted as a possible duplicate. */
export const UNKNOWN_FOR_MS = 10 * 60_000

interface LostAnswer {
  readonly channel: Channel
  readonly lost: Notification
  readonly deliveryId: string
  readonly purpose: MessagePurpose
  readonly since: number
  readonly loaded: LoadedIncident
  readonly signal: AbortSignal
}

/** Finds out what became of a message whose answer was lost. Answers the repaired projection, or when to ask again. */
export async function settleLostAnswer(
  deps: RunDeps,
  channel: Channel,
  lost: Notification,
  signal: AbortSignal,
): Promise<Notification | JobOutcome> {
  const loaded = await loadForMessage(deps.db, lost.tenantId, lost.incidentId)
  if (!loaded || lost.deliveryId === null) return await putToRest(deps, lost)
  const purpose = (lost.deliveryKind ?? 'firing') as MessagePurpose
  const since = lost.postingSince ?? deps.now()
  const answer: LostAnswer = { channel, lost, deliveryId: lost.deliveryId, purpose, since, loaded, signal }
  if (!channel.find) return await sendAgain(deps, answer)
  if (deps.now() - since < SETTLE_MS) {
    const reason = 'Waiting to look up a message whose answer was lost'
    return { kind: 'again', at: since + SETTLE_MS, reason, counts: false }
  }
  const thread = await threadFor(deps, channel, lost, loaded.incident.correlationText)
  const found = await channel.find(lost.deliveryId, since, thread, signal)
  if (found.kind === 'found') return await adopt(deps, answer, thread, found)
  return found.kind === 'absent' ? await putToRest(deps, lost) : await askLater(deps, answer, found)
}

async function adopt(
  deps: RunDeps,
  answer: LostAnswer,
  thread: IncidentMessage['thread'],
  found: Extract<FindOutcome, { kind: 'found' }>,
): Promise<Notification> {
  const { channel, lost, purpose, loaded, deliveryId, signal } = answer
  tell(deps, answer, 'adopted', 'Its answer had been lost; it was found at the receiver')
  // What it told is known by its kind alone: anything newer is owed on top of it.
  const status = purpose === 'resolved' ? 'resolved' : 'active'
  const incident = { ...loaded.incident, status, isFlapping: purpose === 'flapping' } as const
  const { environment } = deps
  const message = messageOfIncident(
    { ...loaded, incident },
    { purpose, thread, environment, deliveryId, now: deps.now() },
  )
  // A reply that came after its root was deleted is shown on its own, and is the root from now on.
  const isRoot = thread === null || found.threadId !== thread.id
  const link = isRoot ? ((await channel.linkOf?.(found, signal)) ?? null) : null
  const news = await loadUntoldNews(deps.db, loaded.incident, lost.lastNews)
  const outcome = { kind: 'delivered', id: found.id, threadId: found.threadId, place: found.place } as const
  const newsUpTo = purpose === 'note' ? news.upTo : null
  const stored = await storeDelivered(deps, { channel, message, posting: lost, newsUpTo, outcome, link })
  // What it looks like is not known either: the first edit makes it certain.
  if (stored.rootHash === null || !isRoot) return stored
  const unsure = { ...stored, rootHash: '' }
  await deps.write((tx) => saveNotification(tx, unsure, { now: deps.now() }))
  return unsure
}

async function askLater(
  deps: RunDeps,
  answer: LostAnswer,
  found: Extract<FindOutcome, { kind: 'unknown' }>,
): Promise<Notification | JobOutcome> {
  const now = deps.now()
  if (found.afterMs !== null) await deps.pace.pauseChannel(answer.channel.id, now + found.afterMs)
  // Without the permission to read the channel there is no answer, however long one waits.
  if (now - answer.since >= UNKNOWN_FOR_MS || found.reason === 'missing-permission')
    return await sendAgain(deps, answer)
  const at = found.afterMs === null ? null : now + found.afterMs
  return { kind: 'again', at, reason: found.detail, counts: true }
}

async function sendAgain(deps: RunDeps, answer: LostAnswer): Promise<Notification> {
  const detail = 'Its answer was lost and the receiver cannot be asked; it is sent again'
  tell(deps, answer, 'possible-duplicate', detail)
  return await putToRest(deps, answer.lost)
}

/** Stored at once: the incident may have moved on meanwhile, and then nothing is owed that would store it. */
async function putToRest(deps: RunDeps, lost: Notification): Promise<Notification> {
  const rested = atRest(lost)
  await deps.write((tx) => saveNotification(tx, rested, { now: deps.now() }))
  return rested
}

function tell(deps: RunDeps, answer: LostAnswer, outcome: DeliveryReport['outcome'], detail: string): void {
  const subject = incidentName(answer.loaded.incident)
  deps.report({ channelId: answer.channel.id, purpose: answer.purpose, outcome, detail, subject })
}
