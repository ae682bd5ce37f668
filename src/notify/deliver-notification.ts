import type { JobPayloads } from '../domain/job-payloads.ts'
import { LANES } from '../domain/job-payloads.ts'
import type { ClaimedJob } from '../jobs/claim-due-jobs.ts'
import type { JobOutcome } from '../jobs/finish-job.ts'
import type { Channel } from './channel.ts'
import type { DeliverDeps } from './deliver-deps.ts'
import { DONE, type Round, type StepResult } from './delivery-round.ts'
import { divertedFrom, hastenReturn, orderStandIns } from './divert-to-default.ts'
import { editRoot } from './edit-root.ts'
import { whatHoldsBack } from './hold-back.ts'
import { loadForMessage, loadUntoldNews } from './message-facts-queries.ts'
import { loadNotification, type NotificationKey, saveNotification } from './notification-repository.ts'
import { type NewsPlan, planNews, type ShownState, shownAfter } from './plan-message.ts'
import { postNews } from './post-news.ts'
import { depsOfRun, type RunDeps } from './run-deps.ts'
import { settleLostAnswer } from './settle-lost-answer.ts'
import { isToldByDigest } from './storm/is-told-by-digest.ts'
import { stayInDigestOrLeave } from './storm/stay-or-leave.ts'

type Payload = JobPayloads['notify-channel']
type Job = ClaimedJob & { readonly payload: Payload }

/** One run of a job never says more than this; what is still owed then waits its turn in line. */
const MOST_STEPS = 6

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
    const run = depsOfRun(deps, job)
    const trouble = deps.health.closed(channel.id)
    if (trouble !== null) {
      const diverted = await divertedFrom(run, key, job.lane, trouble)
      if (diverted !== null) return diverted
    }
    return await bringUpToDate(run, { channel, key, job, signal })
  }
}

interface Task {
  readonly channel: Channel
  readonly key: NotificationKey
  readonly job: Job
  readonly signal: AbortSignal
}

async function bringUpToDate(deps: RunDeps, { channel, key, job, signal }: Task): Promise<JobOutcome> {
  let shown = await loadNotification(deps.db, key)
  for (let step = 0; step < MOST_STEPS; step++) {
    if (shown.state === 'posting' || shown.state === 'ambiguous') {
      const settled = await settleLostAnswer(deps, channel, shown, signal)
      if ('kind' in settled) return settled
      shown = settled
    }
    const loaded = await loadForMessage(deps.db, key.tenantId, key.incidentId)
    if (!loaded) return { kind: 'done' }
    const news = await loadUntoldNews(deps.db, loaded.incident, shown.lastNews)
    const insteadOf = job.payload.insteadOf ?? shown.fallbackFor
    const isUrgent = job.lane === LANES.critical
    const leavesDigest = job.payload.leavesDigest === true
    const round: Round = { deps, channel, loaded, news, shown, insteadOf, leavesDigest, isUrgent, signal }
    const result = await takeStep(round)
    if (result.kind === 'ended') {
      if (step > 0) await orderStandIns(deps, key, job.lane)
      return result.outcome
    }
    if (deps.health.worked(channel.id)) await hastenReturn(deps, key)
    shown = result.shown
  }
  return { kind: 'again', at: deps.now(), reason: 'There is more to tell', counts: false }
}

async function takeStep(round: Round): Promise<StepResult> {
  const { deps, channel, loaded, shown, news } = round
  // Who was told hears the rest; who was not, and is not among those that the rules name now, never hears of it.
  const isConcerned =
    shown.shown !== null || round.insteadOf !== null || deps.rules.isRoutedTo(loaded.incident, channel.id)
  if (!isConcerned) return DONE
  if (shown.state === 'digested') return await stayInDigestOrLeave(round)
  const plan = planNews(loaded.incident, shown.shown, news, { ownDoor: channel.ownDoor ?? null })
  const held = plan === null ? null : whatHoldsBack(round, plan)
  if (plan !== null && held === null) {
    // Only a root can be told by a digest instead; who has a thread is told in it.
    const isDigested = shown.rootId === null && (await isToldByDigest(round))
    return isDigested ? DONE : await postNews(round, plan)
  }
  const edited = await editRoot(round)
  if (edited !== null) return edited
  return await rest(round, plan, held)
}

/** Nothing is left to say: what changed without being news is written down, and what is held back is waited for. */
async function rest(
  { deps, loaded, shown }: Round,
  plan: NewsPlan | null,
  held: ReturnType<typeof whatHoldsBack>,
): Promise<StepResult> {
  if (held !== null && held.until !== null)
    return { kind: 'ended', outcome: { kind: 'again', at: held.until, reason: held.reason, counts: false } }
  const after = shownAfter(loaded.incident)
  if (plan === null && shown.shown !== null && isNewState(shown.shown, after))
    await deps.write((tx) => saveNotification(tx, { ...shown, shown: after }, { now: deps.now() }))
  return DONE
}

function isNewState(before: ShownState, after: ShownState): boolean {
  return (
    before.severity !== after.severity ||
    before.isFlapping !== after.isFlapping ||
    before.acknowledgedAt !== after.acknowledgedAt
  )
}
