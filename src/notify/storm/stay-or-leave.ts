import type { Incident } from '../../domain/incident.ts'
import { enqueueTx } from '../../jobs/enqueue.ts'
import { DONE, type Round, type StepResult } from '../delivery-round.ts'
import { saveNotification } from '../notification-repository.ts'
import { type NewsPlan, planNews, shownAfter } from '../plan-message.ts'
import { digestOrder } from './digest-orders.ts'
import { findDigest } from './digest-repository.ts'

/** The digest follows its incidents this long after they changed. */
const FOLLOW_MS = 2_000

/**
 * What becomes of an incident that a digest told and that changed: it leaves for a thread of its own when people need one
 * (somebody took it, wrote about it, it became critical, it fired again after the storm), otherwise the digest counts it anew.
 */
export async function stayInDigestOrLeave(round: Round): Promise<StepResult> {
  const { deps, loaded, shown, news } = round
  const { incident } = loaded
  const digest = shown.digestId === null ? null : await findDigest(deps.db, shown.tenantId, shown.digestId)
  const plan = planNews(incident, shown.shown, news, { ownDoor: null })
  const needsThread = isTaken(incident, plan) || (round.leavesDigest && incident.status !== 'resolved')
  const isLate = digest?.endedAt !== null && plan?.purpose === 'fired-again'
  if (digest === null || needsThread || isLate)
    return { kind: 'went-on', shown: { ...shown, state: 'idle', shown: null } }
  if (plan === null) return DONE
  const now = deps.now()
  await deps.write(async (tx) => {
    await saveNotification(tx, { ...shown, shown: shownAfter(incident) }, { now })
    await enqueueTx(tx, shown.tenantId, [digestOrder(digest, now + FOLLOW_MS)], { newId: deps.newId, now })
  })
  return DONE
}

function isTaken(incident: Incident, plan: NewsPlan | null): boolean {
  if (plan?.purpose === 'note') return true
  if (incident.status === 'resolved') return false
  if (incident.status === 'acknowledged' || incident.owner !== null) return true
  return plan?.purpose === 'severity-raised' && incident.severity === 'critical'
}
