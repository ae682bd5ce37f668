import { hash } from 'node:crypto'
import { incidentName } from '../../domain/incident.ts'
import { type JobPayloads, LANES } from '../../domain/job-payloads.ts'
import type { ClaimedJob } from '../../jobs/claim-due-jobs.ts'
import { enqueueTx } from '../../jobs/enqueue.ts'
import type { JobOutcome } from '../../jobs/finish-job.ts'
import { crashPoint } from '../../store/crash-point.ts'
import type { EditOutcome, SendOutcome, StormDigest } from '../channel.ts'
import type { DeliverDeps } from '../deliver-deps.ts'
import { notifyOrderOf } from '../routing.ts'
import { depsOfRun } from '../run-deps.ts'
import { absorbWaitingTx } from './absorb-waiting.ts'
import { digestFacts, mostSevere } from './digest-facts-queries.ts'
import { type Digest, findDigest, saveDigest } from './digest-repository.ts'
import { settleLostDigest } from './settle-lost-digest.ts'
import type { Storm } from './storm.ts'

type Job = ClaimedJob & { readonly payload: JobPayloads['notify-digest'] }

/** A digest is shown anew at most this often while its storm goes on; a large one, whose counting costs more, more rarely. */
const SHOW_EVERY_MS = 5_000
const SHOW_LARGE_EVERY_MS = 15_000
const LARGE = 20_000
/** Taking in is done in rounds: after so many the job shows what it has. */
const MOST_ROUNDS = 40
/** Before anybody sees a storm there are few, so that it is seen early however fast it grows. */
const MOST_ROUNDS_UNSEEN = 4

/**
 * Keeps the digest of a channel up to date: takes in what waits for threads, counts, posts or edits the one message, and
 * ends the storm after a quiet time. The most severe incidents that are still open then get threads of their own; the
 * others stay told by the digest, which follows them until all are resolved.
 */
export function deliverDigest(deps: DeliverDeps): (job: Job, signal: AbortSignal) => Promise<JobOutcome> {
  return async (job, signal) => {
    const channel = deps.channels.get(job.payload.channelId)
    const found = await findDigest(deps.db, job.tenantId, job.payload.digestId)
    if (found === null) return { kind: 'done' }
    if (!channel?.digest || !channel.storm)
      return { kind: 'give-up', reason: `${job.payload.channelId} can show no digest any more` }
    const storm: Storm = { deps: depsOfRun(deps, job), channel: channel as Storm['channel'], signal }
    const digest = await settleLostDigest(storm, found)
    if ('kind' in digest) return digest
    const { digest: filled, isOver } = await takeIn(storm, digest)
    return await show(storm, filled, isOver)
  }
}

async function takeIn({ deps, channel }: Storm, digest: Digest): Promise<{ digest: Digest; isOver: boolean }> {
  if (digest.endedAt !== null) return { digest, isOver: false }
  let { lastNewsAt } = digest
  let isLast = false
  const mostRounds = digest.rootId === null ? MOST_ROUNDS_UNSEEN : MOST_ROUNDS
  for (let round = 0; round < mostRounds && !isLast; round++) {
    const now = deps.now()
    const absorbed = await deps.write((tx) => absorbWaitingTx(tx, digest, { storm: channel.storm, now }))
    isLast = absorbed.isLast
    if (absorbed.taken > 0) lastNewsAt = now
    // Promises alone never let timers and messages of this thread run.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const isOver = isLast && deps.now() - lastNewsAt >= channel.storm.quietMs
  return { digest: { ...digest, lastNewsAt }, isOver }
}

async function show(storm: Storm, digest: Digest, isOver: boolean): Promise<JobOutcome> {
  const { deps, channel } = storm
  const now = deps.now()
  const endedAt = digest.endedAt ?? (isOver ? now : null)
  const told = await contentOf(storm, { ...digest, endedAt })
  const name = hash('sha256', JSON.stringify({ ...told, now: 0, deliveryId: '' })).slice(0, 32)
  const next: Digest = { ...digest, endedAt }
  if (name === digest.rootHash) return await rest(storm, next, { isOver, total: told.total })
  const waitMs =
    digest.rootId === null
      ? await deps.pace.takePost(channel, true)
      : await deps.pace.takeEdit(channel, `digest/${digest.id}`, true)
  if (waitMs > 0) {
    await deps.write((tx) => saveDigest(tx, digest, now))
    return { kind: 'again', at: now + waitMs, reason: 'Keeping to the pace of the channel', counts: false }
  }
  const outcome = await tell(storm, next, told)
  report(storm, outcome)
  return await settle(storm, { digest, told, next: { ...next, rootHash: name } }, outcome)
}

async function tell(
  { deps, channel, signal }: Storm,
  digest: Digest,
  told: StormDigest,
): Promise<SendOutcome | EditOutcome> {
  const { rootId, rootPlace } = digest
  if (rootId !== null) {
    await deps.writeJustNow(async () => undefined)
    return await channel.digest.edit(told, { id: rootId, place: rootPlace }, signal)
  }
  const now = deps.now()
  const posting: Digest = {
    ...digest,
    endedAt: null,
    state: 'posting',
    deliveryId: told.deliveryId,
    postingSince: now,
  }
  await deps.writeJustNow((tx) => saveDigest(tx, posting, now))
  crashPoint('before_post')
  const outcome = await channel.digest.send(told, signal)
  crashPoint('after_post_before_ts')
  return outcome
}

async function contentOf({ deps }: Storm, digest: Digest): Promise<StormDigest> {
  const { top, ...counts } = await digestFacts(deps.db, digest)
  const now = deps.now()
  return {
    ...counts,
    top: top.map(({ incidentId: id, number, title, severity, service, link }) => ({
      name: incidentName({ number }),
      title,
      severity,
      service,
      link: link ?? deps.rules.consoleUrlOf({ id, number }),
    })),
    isOver: digest.endedAt !== null,
    startedAt: digest.startedAt,
    endedAt: digest.endedAt,
    consoleUrl: deps.rules.consoleUrlOf(null),
    environment: deps.environment,
    deliveryId: deps.newId(now),
    now,
  }
}

interface Shown {
  /** As it was before the call. */
  readonly digest: Digest
  readonly told: StormDigest
  /** As it is when the call succeeded. */
  readonly next: Digest
}

async function settle(
  storm: Storm,
  { digest, told, next }: Shown,
  outcome: SendOutcome | EditOutcome,
): Promise<JobOutcome> {
  const { deps, channel } = storm
  const now = deps.now()
  const idle: Digest = { ...digest, state: 'idle', deliveryId: null, postingSince: null }
  const isOver = digest.endedAt === null && next.endedAt !== null
  switch (outcome.kind) {
    case 'delivered': {
      const link = (await channel.linkOf?.({ id: outcome.id, place: outcome.place }, storm.signal)) ?? null
      const root = { rootId: outcome.id, rootPlace: outcome.place, rootLink: link }
      return await rest(
        storm,
        { ...next, ...root, state: 'idle', deliveryId: null, postingSince: null },
        { isOver, total: told.total },
      )
    }
    case 'edited':
      return await rest(storm, next, { isOver, total: told.total })
    case 'retry': {
      await deps.write((tx) => saveDigest(tx, idle, now))
      const at = outcome.afterMs === null ? null : now + outcome.afterMs
      if (at !== null && digest.rootId === null) await deps.pace.pauseChannel(channel.id, at)
      return { kind: 'again', at, reason: outcome.detail, counts: outcome.reason !== 'rate-limited' }
    }
    case 'ambiguous':
      await deps.write((tx) =>
        saveDigest(tx, { ...idle, state: 'ambiguous', deliveryId: told.deliveryId, postingSince: now }, now),
      )
      return { kind: 'again', at: null, reason: outcome.detail, counts: true }
    case 'rejected':
      await deps.write((tx) => saveDigest(tx, idle, now))
      return { kind: 'again', at: now + 60_000, reason: outcome.detail, counts: true }
    case 'thread-gone':
    case 'root-lost':
      await deps.write((tx) =>
        saveDigest(tx, { ...idle, rootId: null, rootPlace: null, rootLink: null, rootHash: null }, now),
      )
      return { kind: 'again', at: now, reason: outcome.detail, counts: false }
  }
}

/** What the digest shows is true now: it is stored, and looked at again while its storm goes on. */
async function rest(
  { deps, channel }: Storm,
  digest: Digest,
  { isOver, total }: { readonly isOver: boolean; readonly total: number },
): Promise<JobOutcome> {
  const now = deps.now()
  if (!isOver) {
    await deps.write((tx) => saveDigest(tx, digest, now))
    if (digest.endedAt !== null) return { kind: 'done' }
    const everyMs = total > LARGE ? SHOW_LARGE_EVERY_MS : SHOW_EVERY_MS
    return { kind: 'again', at: now + everyMs, reason: 'The storm goes on', counts: false }
  }
  const top = await mostSevere(deps.db, digest, { limit: channel.storm.newIncidents, isThreadless: true })
  await deps.write(async (tx) => {
    await saveDigest(tx, digest, now)
    const orders = top.map(({ incidentId, severity }) => {
      const lane = severity === 'critical' ? LANES.critical : LANES.warning
      const order = notifyOrderOf(channel.id, incidentId, { lane, runAt: now })
      return { ...order, payload: { ...order.payload, leavesDigest: true } }
    })
    await enqueueTx(tx, digest.tenantId, orders, { newId: deps.newId, now })
  })
  return { kind: 'done' }
}

function report({ deps, channel }: Storm, outcome: SendOutcome | EditOutcome): void {
  deps.report({
    channelId: channel.id,
    purpose: 'digest',
    outcome: outcome.kind,
    detail: 'detail' in outcome ? outcome.detail : '',
    subject: 'a storm',
  })
}
