import type { JobPayloads } from '../domain/job-payloads.ts'
import type { ClaimedJob } from '../jobs/claim-due-jobs.ts'
import type { JobOutcome } from '../jobs/finish-job.ts'
import { crashPoint } from '../store/crash-point.ts'
import type { Channel, IncidentMessage, SendOutcome } from './channel.ts'
import { atRest, type DeliverDeps, storeDelivered, threadFor } from './delivery-record.ts'
import { messageOfIncident } from './message-of-incident.ts'
import { loadForMessage, loadNotification, type Notification, saveNotification } from './notification-repository.ts'
import { planMessage, shownAfter } from './plan-message.ts'
import { queueOfChannel } from './routing.ts'
import { SETTLE_MS, settleLostAnswer } from './settle-lost-answer.ts'

type Payload = JobPayloads['notify-channel']
type Job = ClaimedJob & { readonly payload: Payload }

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

async function sendNext(
  deps: DeliverDeps,
  channel: Channel,
  shown: Notification,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const loaded = await loadForMessage(deps.db, shown.tenantId, shown.incidentId)
  if (!loaded) return { kind: 'done' }
  // Who was told hears the rest; who was not, and is not among those that the rules name now, never hears of it.
  if (shown.shown === null && !deps.isRoutedTo(loaded.incident, channel.id)) return { kind: 'done' }
  const purpose = planMessage(loaded.incident, shown.shown)
  if (purpose === null) return { kind: 'done' }
  const now = deps.now()
  const waitMs = deps.pacer.take(queueOfChannel(channel.id), channel.pace, now)
  if (waitMs > 0)
    return { kind: 'again', at: now + waitMs, reason: 'Keeping to the pace of the channel', counts: false }
  const thread = channel.hasThreads ? await threadFor(deps, channel, shown, loaded.incident.correlationText) : null
  const message = messageOfIncident(loaded, {
    purpose,
    thread,
    now,
    environment: deps.environment,
    deliveryId: deps.newId(now),
  })
  const posting: Notification = {
    ...shown,
    state: 'posting',
    deliveryId: message.deliveryId,
    deliveryKind: purpose,
    postingSince: now,
  }
  await saveNotification(deps.db, posting, { now })
  crashPoint('before_post')
  const outcome = await channel.send(message, signal)
  crashPoint('after_post_before_ts')
  deps.report({
    channelId: channel.id,
    purpose,
    outcome: outcome.kind,
    detail: 'detail' in outcome ? outcome.detail : '',
    incidentName: `INC-${loaded.incident.number}`,
  })
  return await settle(deps, channel, { message, posting, shown }, outcome)
}

interface Attempt {
  readonly message: IncidentMessage
  readonly posting: Notification
  /** The projection before this attempt. */
  readonly shown: Notification
}

async function settle(
  deps: DeliverDeps,
  channel: Channel,
  attempt: Attempt,
  outcome: SendOutcome,
): Promise<JobOutcome> {
  const { message, posting, shown } = attempt
  const now = deps.now()
  const idle = atRest(shown)
  switch (outcome.kind) {
    case 'delivered': {
      await storeDelivered(deps, { message, posting, outcome })
      crashPoint('after_ts_before_job_end')
      // The incident may have moved on while the message was under way.
      const latest = await loadForMessage(deps.db, shown.tenantId, shown.incidentId)
      const owesMore = latest !== null && planMessage(latest.incident, shownAfter(message.incident)) !== null
      return owesMore
        ? { kind: 'again', at: now, reason: 'The incident moved on meanwhile', counts: false }
        : { kind: 'done' }
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
    await saveNotification(
      deps.db,
      { ...idle, state: 'blocked' },
      { now, blockedReason: `${detail}; its root message was deleted ${idle.generation} times` },
    )
    return {
      kind: 'give-up',
      reason: `${detail}; its root message was deleted ${idle.generation} times, so it is not posted again`,
    }
  }
  await saveNotification(
    deps.db,
    { ...idle, generation: idle.generation + 1, rootId: null, rootPlace: null, shown: null },
    { now },
  )
  return { kind: 'again', at: now, reason: detail, counts: false }
}
