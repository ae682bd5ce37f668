import { incidentName } from '../domain/incident.ts'
import type { EditOutcome } from './channel.ts'
import { atRest } from './delivery-record.ts'
import { ended, type Round, type StepResult } from './delivery-round.ts'
import { messageOfIncident } from './message-of-incident.ts'
import { saveNotification } from './notification-repository.ts'
import { shownAfter } from './plan-message.ts'
import { forgetRoot, refused, retryLater } from './post-news.ts'

/**
 * Makes the root show the incident as it is now. Null when it does already, or is not ours to edit. An edit disturbs
 * nobody and may be repeated, so it is not written down before it is sent; but who has lost the job must not show an older
 * state over a newer one.
 */
export async function editRoot(round: Round): Promise<StepResult | null> {
  const { deps, channel, loaded, shown, signal } = round
  if (channel.edit === undefined || channel.rootHash === undefined || shown.rootId === null || shown.rootHash === null)
    return null
  const message = messageOfIncident(loaded, {
    purpose: loaded.incident.status === 'resolved' ? 'resolved' : 'firing',
    thread: null,
    now: deps.now(),
    environment: deps.environment,
    deliveryId: '',
    consoleUrl: deps.rules.consoleUrlOf(loaded.incident),
    previousRoot: shown.previousLink,
  })
  const hash = channel.rootHash(message)
  if (hash === shown.rootHash) return null
  const waitMs = await deps.pace.takeEdit(channel, `${shown.incidentId}/${channel.id}`, isUrgent(round))
  const now = deps.now()
  if (waitMs > 0)
    return ended({ kind: 'again', at: now + waitMs, reason: 'Keeping to the pace of edits', counts: false })
  await deps.writeJustNow(async () => undefined)
  const outcome = await channel.edit(message, { id: shown.rootId, place: shown.rootPlace }, signal)
  deps.report({
    channelId: channel.id,
    purpose: 'edit',
    outcome: outcome.kind,
    detail: 'detail' in outcome ? outcome.detail : '',
    subject: incidentName(loaded.incident),
  })
  return await settleEdit(round, hash, outcome)
}

/** What a person did, and everything about what is critical, must not wait behind counts that grow. */
function isUrgent({ loaded: { incident }, shown: { shown }, isUrgent: isCritical }: Round): boolean {
  const hasMoved =
    shown !== null &&
    (shown.isResolved !== (incident.status === 'resolved') || shown.acknowledgedAt !== incident.acknowledgedAt)
  return isCritical || hasMoved
}

async function settleEdit(round: Round, hash: string, outcome: EditOutcome): Promise<StepResult> {
  const { deps, channel, loaded, shown } = round
  const now = deps.now()
  switch (outcome.kind) {
    case 'edited': {
      const next = { ...atRest(shown), rootHash: hash, shown: shownAfterEdit(round) }
      await deps.write((tx) => saveNotification(tx, next, { now }))
      return { kind: 'went-on', shown: next }
    }
    case 'retry':
      if (outcome.reason !== 'rate-limited' || channel.editPace === undefined)
        return ended(await retryLater(round, outcome))
      await deps.pace.pauseEdits(channel.editPace.budget, now + (outcome.afterMs ?? 1000))
      return ended({ kind: 'again', at: now + (outcome.afterMs ?? 1000), reason: outcome.detail, counts: false })
    case 'rejected': {
      if (outcome.reason !== 'message-refused') return ended(await refused(round, atRest(shown), outcome))
      // Refused for its form in every form: the root stays as it is until the incident changes again.
      const next = { ...shown, rootHash: hash }
      await deps.write((tx) => saveNotification(tx, next, { now }))
      return { kind: 'went-on', shown: next }
    }
    case 'root-lost':
      // A root that nobody can change any more is worth a new one only while the incident is alive.
      if (loaded.incident.status === 'resolved') {
        const next = { ...shown, rootHash: null }
        await deps.write((tx) => saveNotification(tx, next, { now }))
        return { kind: 'went-on', shown: next }
      }
      return await forgetRoot(deps, atRest(shown), outcome.detail)
  }
}

/** News that is held back (silence, quiet hours) is still owed after the edit. */
function shownAfterEdit({ loaded: { incident }, shown: { shown } }: Round): NonNullable<Round['shown']['shown']> {
  const after = shownAfter(incident)
  if (shown === null) return after
  return { ...shown, version: after.version }
}
