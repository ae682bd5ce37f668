import { incidentName } from '../domain/incident.ts'
import type { JobOutcome } from '../jobs/finish-job.ts'
import { crashPoint } from '../store/crash-point.ts'
import type { IncidentMessage, SendOutcome } from './channel.ts'
import { deliveryIdOf } from './delivery-id.ts'
import { atRest, storeDelivered, threadFor } from './delivery-record.ts'
import { ended, type Round, type StepResult } from './delivery-round.ts'
import { divertTx, orderStandIn } from './divert-to-default.ts'
import { messageOfIncident } from './message-of-incident.ts'
import { type Notification, saveNotification } from './notification-repository.ts'
import type { NewsPlan } from './plan-message.ts'
import type { RunDeps } from './run-deps.ts'
import { SETTLE_MS } from './settle-lost-answer.ts'

/** A refusal that a person must repair is tried again this often, so that the repair is noticed. */
export const PROBE_MS = 60_000
/** Roots that vanish again and again are somebody's wish. */
const MOST_GENERATIONS = 5

interface Attempt {
  readonly round: Round
  readonly message: IncidentMessage
  readonly posting: Notification
}

/** Sends one message, once, and writes down what became of it. */
export async function postNews(round: Round, plan: NewsPlan): Promise<StepResult> {
  const { deps, channel, loaded, shown, news, isUrgent, signal } = round
  const { purpose } = plan
  const waitMs = await deps.pace.takePost(channel, isUrgent)
  const now = deps.now()
  if (waitMs > 0)
    return ended({ kind: 'again', at: now + waitMs, reason: 'Keeping to the pace of the channel', counts: false })
  const message = messageOfIncident(loaded, {
    ...plan,
    thread: await threadFor(deps, channel, shown, loaded.incident.correlationText),
    now,
    environment: deps.environment,
    deliveryId: deliveryIdOf(shown, {
      purpose,
      version: loaded.incident.version,
      notesUpTo: purpose === 'note' ? news.upTo : null,
    }),
    // A root that replaces a lost one is no news to anybody.
    mentions:
      shown.generation > 1 && shown.rootId === null ? [] : deps.rules.mentionsFor(loaded.incident, channel.id, purpose),
    consoleUrl: deps.rules.consoleUrlOf(loaded.incident),
    previousRoot: shown.previousLink,
  })
  const posting: Notification = {
    ...shown,
    state: 'posting',
    deliveryId: message.deliveryId,
    deliveryKind: purpose,
    postingSince: now,
    fallbackFor: round.insteadOf,
    rootBegun: shown.rootBegun ?? (shown.rootId === null ? { at: now, isCritical: isUrgent } : null),
  }
  // What only pretends has nothing that could be lost on its way.
  if (channel.isPretend !== true) await deps.writeJustNow((tx) => saveNotification(tx, posting, { now }))
  crashPoint('before_post')
  const outcome = await channel.send(message, signal)
  crashPoint('after_post_before_ts')
  deps.report({
    channelId: channel.id,
    purpose,
    outcome: outcome.kind,
    detail: outcome.kind === 'delivered' ? (outcome.remark ?? '') : outcome.detail,
    subject: incidentName(loaded.incident),
  })
  return await settle({ round, message, posting }, outcome)
}

async function settle(attempt: Attempt, outcome: SendOutcome): Promise<StepResult> {
  const { round, posting } = attempt
  const { deps, channel, shown } = round
  const now = deps.now()
  const idle = { ...atRest(shown), fallbackFor: posting.fallbackFor, rootBegun: posting.rootBegun }
  switch (outcome.kind) {
    case 'delivered': {
      const next = await recordDelivered(attempt, outcome)
      crashPoint('after_ts_before_job_end')
      return { kind: 'went-on', shown: next }
    }
    case 'retry':
      await deps.write((tx) => saveNotification(tx, idle, { now }))
      return ended(await retryLater(round, outcome))
    case 'rejected':
      return ended(await refused(round, idle, outcome))
    case 'thread-gone':
      return await forgetRoot(deps, idle, outcome.detail)
    case 'ambiguous':
      await deps.write((tx) => saveNotification(tx, { ...posting, state: 'ambiguous' }, { now }))
      deps.health.failed(channel.id, outcome.detail)
      return ended({ kind: 'again', at: now + SETTLE_MS, reason: outcome.detail, counts: true })
  }
}

async function recordDelivered(
  { round, message, posting }: Attempt,
  outcome: Extract<SendOutcome, { kind: 'delivered' }>,
): Promise<Notification> {
  const { deps, channel, signal, news } = round
  const isRoot = message.thread === null || outcome.threadId !== message.thread.id
  const link = isRoot ? ((await channel.linkOf?.({ id: outcome.id, place: outcome.place }, signal)) ?? null) : null
  const newsUpTo = message.purpose === 'note' ? news.upTo : null
  return await storeDelivered(deps, { channel, message, posting, newsUpTo, outcome, link })
}

/** Nothing was shown and trying again can help: the message, its channel or everything to that account waits. */
export async function retryLater(
  { deps, channel, shown, isUrgent }: Round,
  outcome: Extract<SendOutcome, { kind: 'retry' }>,
): Promise<JobOutcome> {
  const now = deps.now()
  deps.health.failed(channel.id, outcome.detail)
  if (deps.health.needsStandIn(channel.id)) await orderStandIn(deps, shown, isUrgent)
  const until = outcome.afterMs === null ? null : now + outcome.afterMs
  if (until !== null && outcome.pause !== 'message') {
    const same =
      outcome.pause === 'channel' ? [channel] : [...deps.channels.values()].filter(({ kind }) => kind === channel.kind)
    for (const { id } of same) await deps.pace.pauseChannel(id, until)
  }
  // An exhausted pace is not the message's fault.
  return { kind: 'again', at: until, reason: outcome.detail, counts: outcome.reason !== 'rate-limited' }
}

/** A person must repair something before this channel can be told: the default channel is told instead, where there is one. */
export async function refused(
  { deps, channel, loaded, isUrgent }: Round,
  idle: Notification,
  outcome: Extract<SendOutcome, { kind: 'rejected' }>,
): Promise<JobOutcome> {
  const now = deps.now()
  await divertTx(
    deps,
    { ...idle, state: 'blocked' },
    { now, blockedReason: outcome.detail, isUrgent, incident: loaded.incident },
  )
  if (outcome.reason === 'message-refused') return { kind: 'give-up', reason: outcome.detail }
  deps.health.refused(channel.id, outcome.detail)
  // Where the default channel takes over, the queue flows on into it; otherwise one message is the probe for all.
  if (deps.rules.defaultChannelId === null || deps.rules.defaultChannelId === channel.id)
    await deps.pace.pauseChannel(channel.id, now + PROBE_MS)
  return { kind: 'again', at: now + PROBE_MS, reason: outcome.detail, counts: true }
}

/** The root was deleted or cannot be changed any more: the incident is told anew, under a new root that leads to the old one. */
export async function forgetRoot(deps: RunDeps, idle: Notification, detail: string): Promise<StepResult> {
  const now = deps.now()
  if (idle.generation >= MOST_GENERATIONS) {
    const reason = `${detail}; its root message was lost ${idle.generation} times, so it is not posted again`
    await deps.write((tx) => saveNotification(tx, { ...idle, state: 'blocked' }, { now, blockedReason: reason }))
    return ended({ kind: 'give-up', reason })
  }
  const anew: Notification = {
    ...idle,
    generation: idle.generation + 1,
    rootId: null,
    rootPlace: null,
    rootHash: null,
    rootLink: null,
    previousLink: idle.rootLink,
    shown: null,
  }
  await deps.write((tx) => saveNotification(tx, anew, { now }))
  return { kind: 'went-on', shown: anew }
}
