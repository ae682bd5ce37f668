import { LogUnavailableError, type PartitionFault } from '../delivery-log.ts'
import type { StreamPartition } from './stream-partition.ts'

/** A stream whose leader is there answers within milliseconds; who asks for the readiness of a node waits for a second. */
const ANSWER_WAIT_MS = 700

/**
 * The streams that have no leader at the moment, or are gone, while others have one: after the death of a server it takes the others
 * up to nine seconds to elect one. Rejects with LogUnavailableError when none answers.
 */
export async function checkStreams(streams: readonly StreamPartition[]): Promise<readonly PartitionFault[]> {
  const faults = (await Promise.all(streams.map(faultOf))).filter((fault) => fault !== null)
  const [first] = faults
  if (first && faults.length === streams.length) throw new LogUnavailableError(first.reason)
  return faults
}

async function faultOf(stream: StreamPartition): Promise<PartitionFault | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('the leader of its stream does not answer'), ANSWER_WAIT_MS)
  })
  const asked = stream.extent().then(
    () => null,
    (error: unknown) => (error instanceof LogUnavailableError ? error.reason : String(error)),
  )
  try {
    const reason = await Promise.race([asked, late])
    return reason === null ? null : { partition: stream.partition, reason }
  } finally {
    clearTimeout(timer)
  }
}
