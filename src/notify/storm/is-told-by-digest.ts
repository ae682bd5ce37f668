import { incidentName } from '../../domain/incident.ts'
import { LANES } from '../../domain/job-payloads.ts'
import { enqueueTx } from '../../jobs/enqueue.ts'
import { violatesUnique } from '../../store/unique-violation.ts'
import type { StormPolicy } from '../channel.ts'
import type { Round } from '../delivery-round.ts'
import { saveNotification } from '../notification-repository.ts'
import { shownAfter } from '../plan-message.ts'
import { digestOrder } from './digest-orders.ts'
import { type Digest, findOpenDigest, insertDigest } from './digest-repository.ts'
import { newRootsSince } from './new-roots-queries.ts'
import { toldIncidents, waitingJobs } from './waiting-queries.ts'

/** This many of the waiting are looked at to see whether they are new incidents. */
const LOOKED_AT = 10

/**
 * Whether an incident without a thread is told by the channel's digest instead of a thread of its own, because more is
 * new than people can read. Then it is written down as such, and the digest is ordered. Critical incidents keep threads of
 * their own while they are few.
 */
export async function isToldByDigest(round: Round): Promise<boolean> {
  const { deps, channel, shown, isUrgent } = round
  const { storm } = channel
  // What came out of a digest once stays out: it got a thread because somebody needs one.
  if (storm === undefined || channel.digest === undefined || shown.digestId !== null) return false
  const now = deps.now()
  const open = await findOpenDigest(deps.db, shown.tenantId, channel.id)
  const recent = await newRootsSince(deps.db, { tenantId: shown.tenantId, channelId: channel.id }, now - storm.perMs)
  const untold = await untoldNow(round, storm, now)
  const isStorm = open !== null || recent.all + untold.all + 1 > storm.newIncidents
  const keepsThread = isUrgent && recent.critical + untold.critical + 1 <= storm.newIncidents / 2
  if (!isStorm || keepsThread) return false
  await putIntoDigest(round, open ?? (await beginDigest(round, now)), now)
  return true
}

async function untoldNow(
  { deps, channel, shown: { tenantId } }: Round,
  { newIncidents }: StormPolicy,
  now: number,
): Promise<{ readonly all: number; readonly critical: number }> {
  const place = { tenantId, channelId: channel.id }
  const waiting = await waitingJobs(deps.db, { ...place, now, limit: newIncidents * LOOKED_AT })
  if (waiting.length === 0) return { all: 0, critical: 0 }
  const told = await toldIncidents(
    deps.db,
    place,
    waiting.map(({ incidentId }) => incidentId),
  )
  const untold = waiting.filter(({ incidentId }) => !told.has(incidentId))
  return { all: untold.length, critical: untold.filter(({ lane }) => lane === LANES.critical).length }
}

async function beginDigest({ deps, channel, shown: { tenantId } }: Round, now: number): Promise<Digest> {
  const digest: Digest = {
    tenantId,
    id: deps.newId(now),
    channelId: channel.id,
    state: 'idle',
    rootId: null,
    rootPlace: null,
    rootLink: null,
    rootHash: null,
    deliveryId: null,
    postingSince: null,
    startedAt: now,
    lastNewsAt: now,
    endedAt: null,
  }
  try {
    await deps.write((tx) => insertDigest(tx, digest, now))
    return digest
  } catch (error) {
    if (!violatesUnique(error, 'digest', 'open_key')) throw error
    const open = await findOpenDigest(deps.db, tenantId, channel.id)
    // It ended between the two: the job is done again, with what is true then.
    if (open === null) throw error
    return open
  }
}

async function putIntoDigest({ deps, channel, loaded, shown }: Round, digest: Digest, now: number): Promise<void> {
  const digested = { ...shown, state: 'digested', digestId: digest.id, shown: shownAfter(loaded.incident) } as const
  await deps.write(async (tx) => {
    await saveNotification(tx, digested, { now })
    await enqueueTx(tx, shown.tenantId, [digestOrder(digest, now)], { newId: deps.newId, now })
  })
  const subject = incidentName(loaded.incident)
  deps.report({ channelId: channel.id, purpose: 'digest', outcome: 'digested', detail: '', subject })
}
