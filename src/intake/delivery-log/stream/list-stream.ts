import type { DeliveryPlace, DeliverySummary, ListRequest } from '../delivery-log.ts'
import { countOfSeq, partitionIndexOfSeq, seqOf } from '../partitioned-seq.ts'
import { FACTS_HEADER, parseFacts, summaryOf } from './delivery-message.ts'
import { sourceFilter } from './nats-names.ts'
import type { PullConsumer } from './pull-consumer.ts'
import { readHeaders, type StreamExtent, type StreamPartition } from './stream-partition.ts'

/** Deliveries that came at nearly the same time may stand in a partition in another order than their times. */
const DISORDER = 64
/** How many more headers than wanted may be read to save further questions. */
const SLACK_FACTOR = 4

/** A page of deliveries, the newest first over all partitions. Its cost grows with the page, hardly with the log. Rejects with LogUnavailableError. */
export async function listStream(
  streams: readonly StreamPartition[],
  request: ListRequest,
): Promise<readonly DeliverySummary[]> {
  const pages = await Promise.all(streams.map((stream) => listPartition(stream, request)))
  return mergeNewestFirst(pages, request.limit)
}

/** Each page stays in its own order; the newest of their heads is next. */
function mergeNewestFirst(pages: readonly (readonly DeliverySummary[])[], limit: number): readonly DeliverySummary[] {
  const heads = pages.map(() => 0)
  const merged: DeliverySummary[] = []
  while (merged.length < limit) {
    let newest = -1
    for (const [i, page] of pages.entries()) {
      const head = page[heads[i] as number]
      const best = newest < 0 ? undefined : pages[newest]?.[heads[newest] as number]
      if (head && (!best || isBefore(best, head))) newest = i
    }
    const next = pages[newest]?.[heads[newest] as number]
    if (!next) break
    merged.push(next)
    heads[newest] = (heads[newest] as number) + 1
  }
  return merged
}

function isBefore(one: DeliveryPlace, other: DeliveryPlace): boolean {
  return one.receivedAt < other.receivedAt || (one.receivedAt === other.receivedAt && one.seq < other.seq)
}

async function listPartition(stream: StreamPartition, request: ListRequest): Promise<readonly DeliverySummary[]> {
  const extent = await stream.extent()
  const before = await placeBefore(stream, extent, request.before)
  const filter = sourceFilter(stream.names, request.source)
  const { consumer, count } = await findWindow({ stream, extent, filter, before }, request.limit)
  const messages = await readHeaders(consumer, count)
  const page = messages.flatMap(({ n, header }) => {
    const facts = n < before ? parseFacts(header(FACTS_HEADER)) : null
    return facts === null ? [] : [summaryOf(seqOf(n, stream.index), facts)]
  })
  return page.reverse().slice(0, request.limit)
}

interface Search {
  readonly stream: StreamPartition
  readonly extent: StreamExtent
  readonly filter: string
  /** Only what lies before this place. */
  readonly before: number
}

interface Window {
  readonly consumer: PullConsumer
  readonly count: number
}

/** A stretch that ends at `before` and holds as many as wanted, or all there are, but not many more. */
async function findWindow({ stream, extent, filter, before }: Search, wanted: number): Promise<Window> {
  const behind = before > extent.last ? 0 : await stream.countFrom(before, filter)
  let tooShort = before
  let tooLong = extent.first - 1
  let from = Math.max(extent.first, before - wanted)
  for (;;) {
    const consumer = await stream.consume(from, filter)
    const count = consumer.pending - behind
    const isLong = count > wanted * SLACK_FACTOR
    if (isLong) tooLong = from
    else if (count >= wanted || from <= extent.first) return { consumer, count }
    else tooShort = from
    if (tooShort - tooLong <= 1) return { consumer, count }
    consumer.close()
    // Ever further back, until one is too long: then in the middle.
    from =
      tooLong >= extent.first
        ? Math.floor((tooLong + tooShort) / 2)
        : Math.max(extent.first, before - (before - from) * SLACK_FACTOR)
  }
}

/** The place before which everything stands that comes after `place` in a list. */
async function placeBefore(
  stream: StreamPartition,
  extent: StreamExtent,
  place: DeliveryPlace | null,
): Promise<number> {
  if (place === null) return extent.last + 1
  if (partitionIndexOfSeq(place.seq) === stream.index) return countOfSeq(place.seq)
  let low = extent.first
  let high = extent.last + 1
  // The newest are asked for most: the search goes back from the end in growing steps, then halves.
  for (let step = DISORDER; high - low > 1 && high - step > low; step *= SLACK_FACTOR) {
    if (await isListedAfter(stream, high - step, place)) {
      low = high - step
      break
    }
    high -= step
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (await isListedAfter(stream, middle, place)) low = middle
    else high = middle
  }
  return await afterDisorder(stream, low, place)
}

async function isListedAfter(stream: StreamPartition, n: number, place: DeliveryPlace): Promise<boolean> {
  const found = await stream.deliveryFrom(n)
  return found !== null && isBefore({ receivedAt: found.facts.at, seq: seqOf(found.n, stream.index) }, place)
}

/** Of the deliveries near a place the last one that is still to be listed: the place behind it. */
async function afterDisorder(stream: StreamPartition, near: number, place: DeliveryPlace): Promise<number> {
  const around = await stream.headersFrom(Math.max(1, near - DISORDER), stream.names.deliveries, 2 * DISORDER)
  const last = around.findLast(({ n, header }) => {
    const facts = parseFacts(header(FACTS_HEADER))
    return facts !== null && isBefore({ receivedAt: facts.at, seq: seqOf(n, stream.index) }, place)
  })
  return (last?.n ?? 0) + 1
}
