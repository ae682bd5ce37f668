import { LANES } from '../../domain/job-payloads.ts'
import type { JobOrder } from '../../jobs/enqueue.ts'
import { queueOfChannel } from '../routing.ts'

/** The job that brings a digest up to date; it goes before everything but critical news that came earlier. */
export function digestOrder(
  digest: { readonly id: string; readonly channelId: string },
  runAt: number,
): JobOrder<'notify-digest'> {
  return {
    kind: 'notify-digest',
    payload: { channelId: digest.channelId, digestId: digest.id },
    lane: LANES.critical,
    runAt,
    dedupeKey: `digest/${digest.id}`,
    queue: queueOfChannel(digest.channelId),
  }
}
