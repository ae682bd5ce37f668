import type { DeliveryLog, DeliverySummary } from '../../src/intake/delivery-log/delivery-log.ts'
import { openStreamLog } from '../../src/intake/delivery-log/stream/open-stream-log.ts'
import { createNewId } from '../../src/store/new-id.ts'
import type { DeliveryLogState } from './delivery-log-state.ts'
import { type FreshStream, streamLocation } from './fresh-stream.ts'

const PAGE = 500

/** Reads a delivery log on NATS as one more of its nodes would. */
export async function streamLogState(stream: FreshStream): Promise<DeliveryLogState> {
  const log = await openStreamLog(streamLocation(stream), createNewId())
  try {
    const { partitions, deliveries } = await log.stats()
    const all = await listAll(log)
    const sources = Map.groupBy(all, ({ source }) => source)
    const lastSeqs = partitions.filter(({ lastSeq }) => lastSeq > 0)
    return {
      deliveries,
      lastSeqs: new Map(lastSeqs.map(({ partition, lastSeq }) => [partition, lastSeq])),
      bySource: new Map([...sources].map(([source, { length }]) => [source, length])),
      largestBytes: all.reduce((largest, { bodyBytes }) => Math.max(largest, bodyBytes), 0),
      // No test trims a stream and then asks whether each delivery was folded.
      isTrimmed: false,
    }
  } finally {
    await log.close()
  }
}

async function listAll(log: DeliveryLog): Promise<readonly DeliverySummary[]> {
  const all: DeliverySummary[] = []
  for (;;) {
    const page = await log.list({ before: all.at(-1) ?? null, source: null, limit: PAGE })
    all.push(...page)
    if (page.length < PAGE) return all
  }
}
