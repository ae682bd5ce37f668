import type { JobPayloads } from '../domain/job-payloads.ts'
import type { ClaimedJob } from '../jobs/claim-due-jobs.ts'
import type { JobOutcome } from '../jobs/finish-job.ts'
import { crashPoint } from '../store/crash-point.ts'
import type { Db } from '../store/database.ts'
import type { NewId } from '../store/new-id.ts'
import { inTransaction } from '../store/transaction.ts'
import type { Channel, IncidentMessage, MessagePurpose, SendOutcome } from './channel.ts'
import type { ChannelPacer } from './channel-pacer.ts'
import { isOwnRoot, loadForMessage, loadNotification, type Notification, recordPostTx, saveNotification } from './notification-repository.ts'
import { planMessage, shownAfter } from './plan-message.ts'
import { queueOfChannel } from './routing.ts'
import type { ThreadStore } from './threads/thread-store.ts'

/** What the wrapper tells the outside of each send, for metrics and logs. */
export interface DeliveryReport {
  readonly channelId: string
  readonly purpose: MessagePurpose
  readonly outcome: SendOutcome['kind'] | 'adopted' | 'possible-duplicate'
  readonly detail: string
  readonly incidentName: string
}

export interface DeliverDeps {
  readonly db: Db
  readonly newId: NewId
  readonly now: () => number
  readonly channels: ReadonlyMap<string, Channel>
  readonly pacer: ChannelPacer
  readonly threads: ThreadStore
  readonly environment: string
  readonly report: (report: DeliveryReport) => void
}

type Payload = JobPayloads['notify-channel']
type Job = ClaimedJob & { readonly payload: Payload }

/** A lost answer is asked about only after this: the receiver needs a moment until its own search shows the message. */
const SETTLE_MS = 3_000
/** When the receiver cannot say for so long whether it showed a message, it is sent again, counted as a possible duplicate. */
const UNKNOWN_FOR_MS = 10 * 60_000
/** A refusal that a person must repair is tried again this often, so that the repair is noticed. */
const PROBE_MS = 60_000
/** Roots that vanish again and again are somebody's wish. */
const MOST_GENERATIONS = 5

/**
 * The one place that brings a channel up to date with an incident: plans the next message from the current
 * state, writes down that it is being sent, sends it once, and writes down what became of it. A crash in
 * between leaves a row that says "posting"; it is looked up at the receiver before anything is sent again.
 */
export function deliverNotification(deps: DeliverDeps): (job: Job, signal: AbortSignal) => Promise<JobOutcome> {
  return async (job, signal) => {
    const channel = deps.channels.get(job.payload.channelId)
    if (!channel) return { kind: 'give-up', reason: `No channel named ${job.payload.channelId} is configured any more` }
    const key = { tenantId: job.tenantId, incidentId: job.payload.incidentId, channelId: channel.id }
    let shown = await loadNotification(deps.db, key)
    if (shown.state === 'posting' || shown.state === 'ambiguous') {
      const settled = await settleLostAnswer(deps, channel, shown, signal)
      if ('kind' in settled) return settled
      shown = settled
    }
    return await sendNext(deps, channel, shown, signal)
  }
}

async function sendNext(deps: DeliverDeps, channel: Channel, shown: Notification, signal: AbortSignal): Promise<JobOutcome> {
  const loaded = await loadForMessage(deps.db, shown.tenantId, shown.incidentId)
  if (!loaded) return { kind: 'done' }
  const purpose = planMessage(loaded.incident, shown.shown)
  if (purpose === null) return { kind: 'done' }
  const now = deps.now()
  const waitMs = deps.pacer.take(queueOfChannel(channel.id), channel.pace, now)
  if (waitMs > 0) return { kind: 'again', at: now + waitMs, reason: 'Keeping to the pace of the channel', counts: false }
  const thread = channel.hasThreads ? await threadFor(deps, channel, shown, loaded.incident.correlationText) : null
  const message: IncidentMessage = { purpose, ...loaded, environment: deps.environment, thread, deliveryId: deps.newId(now) }
  const posting: Notification = { ...shown, state: 'posting', deliveryId: message.deliveryId, deliveryKind: purpose, postingSince: now }
  await saveNotification(deps.db, posting, { now })
  crashPoint('before_post')
  const outcome = await channel.send(message, signal)
  crashPoint('after_post_before_ts')
  deps.report({ channelId: channel.id, purpose, outcome: outcome.kind, detail: 'detail' in outcome ? outcome.detail : '', incidentName: `INC-${loaded.incident.number}` })
  return await settle(deps, channel, { message, posting, shown }, outcome)
}

/** The thread to answer in: our own root, or one carried over from system 2's thread store. */
async function threadFor(deps: DeliverDeps, channel: Channel, shown: Notification, threadKey: string): Promise<IncidentMessage['thread']> {
  if (shown.rootId !== null) return { id: shown.rootId, place: shown.rootPlace }
  if (shown.generation > 1) return null
  const carriedOver = await deps.threads.get(threadKey)
  if (carriedOver === null || (await isOwnRoot(deps.db, shown.tenantId, channel.id, carriedOver))) return null
  return { id: carriedOver, place: null }
}

interface Attempt {
  readonly message: IncidentMessage
  readonly posting: Notification
  /** The projection before this attempt. */
  readonly shown: Notification
}

async function settle(deps: DeliverDeps, channel: Channel, attempt: Attempt, outcome: SendOutcome): Promise<JobOutcome> {
  const { message, posting, shown } = attempt
  const now = deps.now()
  const idle: Notification = { ...shown, state: 'idle', deliveryId: null, deliveryKind: null, postingSince: null }
  switch (outcome.kind) {
    case 'delivered': {
      await storeDelivered(deps, { message, posting, outcome })
      crashPoint('after_ts_before_job_end')
      // The incident may have moved on while the message was under way.
      const latest = await loadForMessage(deps.db, shown.tenantId, shown.incidentId)
      const owesMore = latest !== null && planMessage(latest.incident, shownAfter(message.incident)) !== null
      return owesMore ? { kind: 'again', at: now, reason: 'The incident moved on meanwhile', counts: false } : { kind: 'done' }
    }
    case 'retry': {
      await saveNotification(deps.db, idle, { now })
      const until = outcome.afterMs === null ? null : now + outcome.afterMs
      if (outcome.pause !== 'message' && until !== null) deps.pacer.pause(queueOfChannel(channel.id), until)
      return { kind: 'again', at: until, reason: outcome.detail, counts: outcome.reason !== 'rate-limited' }
    }
    case 'rejected':
      await saveNotification(deps.db, { ...idle, state: 'blocked' }, { now, blockedReason: outcome.detail })
      if (outcome.reason === 'message-refused') return { kind: 'give-up', reason: outcome.detail }
      deps.pacer.pause(queueOfChannel(channel.id), now + PROBE_MS)
      return { kind: 'again', at: now + PROBE_MS, reason: outcome.detail, counts: true }
    case 'thread-gone':
      return await forgetRoot(deps, idle, outcome.detail)
    case 'ambiguous':
      await saveNotification(deps.db, { ...posting, state: 'ambiguous' }, { now })
      return { kind: 'again', at: now + SETTLE_MS, reason: outcome.detail, counts: true }
  }
}

/** The root was deleted: the incident is told anew, under a new root. */
async function forgetRoot(deps: DeliverDeps, idle: Notification, detail: string): Promise<JobOutcome> {
  const now = deps.now()
  if (idle.generation >= MOST_GENERATIONS) {
    await saveNotification(deps.db, { ...idle, state: 'blocked' }, { now, blockedReason: `${detail}; its root message was deleted ${idle.generation} times` })
    return { kind: 'give-up', reason: `${detail}; its root message was deleted ${idle.generation} times, so it is not posted again` }
  }
  await saveNotification(deps.db, { ...idle, generation: idle.generation + 1, rootId: null, rootPlace: null, shown: null }, { now })
  return { kind: 'again', at: now, reason: detail, counts: false }
}

interface Delivered {
  readonly message: IncidentMessage
  readonly posting: Notification
  readonly outcome: Extract<SendOutcome, { kind: 'delivered' }>
}

async function storeDelivered(deps: DeliverDeps, { message, posting, outcome }: Delivered): Promise<void> {
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
    const post = { tenantId: next.tenantId, incidentId: next.incidentId, channelId: next.channelId, kind: message.purpose, externalId: outcome.id, threadId: outcome.threadId, postedAt: now, body: outcome.body ?? null }
    await recordPostTx(tx, post, deps.newId)
  })
  await deps.threads.put(message.incident.correlationText, rootId)
}

/** Finds out what became of a message whose answer was lost. Answers the repaired projection, or when to ask again. */
async function settleLostAnswer(deps: DeliverDeps, channel: Channel, lost: Notification, signal: AbortSignal): Promise<Notification | JobOutcome> {
  const now = deps.now()
  const since = lost.postingSince ?? now
  const loaded = await loadForMessage(deps.db, lost.tenantId, lost.incidentId)
  if (!loaded || lost.deliveryId === null) return { ...lost, state: 'idle' }
  const purpose = (lost.deliveryKind ?? 'firing') as MessagePurpose
  const report = (outcome: DeliveryReport['outcome'], detail: string): void =>
    deps.report({ channelId: channel.id, purpose, outcome, detail, incidentName: `INC-${loaded.incident.number}` })
  const idle: Notification = { ...lost, state: 'idle', deliveryId: null, deliveryKind: null, postingSince: null }
  if (channel.find) {
    if (now - since < SETTLE_MS) return { kind: 'again', at: since + SETTLE_MS, reason: 'Waiting to look up a message whose answer was lost', counts: false }
    const thread = channel.hasThreads ? await threadFor(deps, channel, lost, loaded.incident.correlationText) : null
    const found = await channel.find(lost.deliveryId, since, thread, signal)
    if (found.kind === 'found') {
      report('adopted', 'Its answer had been lost; it was found at the receiver')
      // What it told is known by its kind alone: anything newer is owed on top of it.
      const told = { ...loaded.incident, status: purpose === 'resolved' ? ('resolved' as const) : ('active' as const), isFlapping: purpose === 'flapping' }
      const message: IncidentMessage = { purpose, incident: told, alert: loaded.alert, environment: deps.environment, thread, deliveryId: lost.deliveryId }
      await storeDelivered(deps, { message, posting: lost, outcome: { kind: 'delivered', id: found.id, threadId: thread?.id ?? null, place: found.place } })
      return await loadNotification(deps.db, lost)
    }
    if (found.kind === 'absent') return idle
    if (found.afterMs !== null) deps.pacer.pause(queueOfChannel(channel.id), now + found.afterMs)
    if (now - since < UNKNOWN_FOR_MS && found.reason !== 'missing-permission') return { kind: 'again', at: found.afterMs === null ? null : now + found.afterMs, reason: found.detail, counts: true }
  }
  report('possible-duplicate', 'Its answer was lost and the receiver cannot be asked; it is sent again')
  return idle
}
