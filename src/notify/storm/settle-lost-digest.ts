import type { JobOutcome } from '../../jobs/finish-job.ts'
import { SETTLE_MS, UNKNOWN_FOR_MS } from '../settle-lost-answer.ts'
import { type Digest, saveDigest } from './digest-repository.ts'
import type { Storm } from './storm.ts'

/** Finds out what became of a digest whose answer was lost, as for any other message. Answers the digest, or when to ask again. */
export async function settleLostDigest({ deps, channel, signal }: Storm, digest: Digest): Promise<Digest | JobOutcome> {
  if (digest.state === 'idle') return digest
  const now = deps.now()
  const since = digest.postingSince ?? now
  const idle: Digest = { ...digest, state: 'idle', deliveryId: null, postingSince: null }
  if (digest.deliveryId === null || channel.find === undefined) return await keep(idle)
  if (now - since < SETTLE_MS)
    return {
      kind: 'again',
      at: since + SETTLE_MS,
      reason: 'Waiting to look up a digest whose answer was lost',
      counts: false,
    }
  const found = await channel.find(digest.deliveryId, since, null, signal)
  if (found.kind === 'absent') return await keep(idle)
  if (found.kind === 'found') {
    const link = (await channel.linkOf?.({ id: found.id, place: found.place }, signal)) ?? null
    return await keep({ ...idle, rootId: found.id, rootPlace: found.place, rootLink: link, rootHash: null })
  }
  if (now - since >= UNKNOWN_FOR_MS || found.reason === 'missing-permission') return await keep(idle)
  return { kind: 'again', at: found.afterMs === null ? null : now + found.afterMs, reason: found.detail, counts: true }

  async function keep(settled: Digest): Promise<Digest> {
    await deps.write((tx) => saveDigest(tx, settled, now))
    return settled
  }
}
