import type { DeliveryPlace, DeliverySummary, ListRequest } from '../delivery-log.ts'
import { countOfSeq, partitionIndexOfSeq, seqOf } from '../partitioned-seq.ts'
import { FACTS_HEADER, parseFacts, summaryOf } from './delivery-message.ts'
import { sourceFilter } from './nats-names.ts'
import type { PullConsumer } from './pull-consumer.ts'
import { readHeaders, type StreamExtent, type StreamPartition } from './stream-partition.ts'

/** How far before the end the search for a place looks first. */
const FIRST_STEP = 64
/** How many more headers than wanted may be read to save further questions. */
const SLACK_FACTOR = 4

/**
 * Where in a list a delivery stands: by when NATS stored it. When a node received it says less, for a node that was stopped in between
 * hands in late what it received early, and pages that follow another order than the partitions would show some twice.
 */
interface Standing {
  /** Milliseconds since 1970 by the clock of NATS. */
  readonly at: number
  readonly seq: number
}

interface Listed extends Standing {
  readonly summary: DeliverySummary
}

/** A page of deliveries, the newest first over all partitions. Its cost grows with the page, hardly with the log. Rejects with LogUnavailableError. */
export async function listStream(
  streams: readonly StreamPartition[],
  request: ListRequest,
): Promise<readonly DeliverySummary[]> {
  const before = request.before === null ? null : await standingOf(streams, request.before)
  const pages = await Promise.all(streams.map((stream) => listPartition(stream, request, before)))
  return mergeNewestFirst(pages, request.limit).map(({ summary }) => summary)
}

async function standingOf(streams: readonly StreamPartition[], { seq, receivedAt }: DeliveryPlace): Promise<Standing> {
  const stream = streams.find(({ index }) => index === partitionIndexOfSeq(seq))
  // Of one that was trimmed meanwhile nobody knows better.
  return { seq, at: (await stream?.storedAt(countOfSeq(seq))) ?? receivedAt }
}

/** Each page stays in its own order; the newest of their heads is next. */
function mergeNewestFirst(pages: readonly (readonly Listed[])[], limit: number): readonly Listed[] {
  const heads = pages.map(() => 0)
  const merged: Listed[] = []
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

function isBefore(one: Standing, other: Standing): boolean {
  return one.at < other.at || (one.at === other.at && one.seq < other.seq)
}

async function listPartition(
  stream: StreamPartition,
  request: ListRequest,
  standing: Standing | null,
): Promise<readonly Listed[]> {
  const extent = await stream.extent()
  const before = await placeBefore(stream, extent, standing)
  const filter = sourceFilter(stream.names, request.source)
  const { consumer, count } = await findWindow({ stream, extent, filter, before }, request.limit)
  const messages = await readHeaders(consumer, count)
  const page = messages.flatMap(({ n, at, header }) => {
    const facts = n < before ? parseFacts(header(FACTS_HEADER)) : null
    const seq = seqOf(n, stream.index)
    return facts === null ? [] : [{ at, seq, summary: summaryOf(seq, facts) }]
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

/** The place before which everything stands that comes after a standing in a list. */
async function placeBefore(stream: StreamPartition, extent: StreamExtent, standing: Standing | null): Promise<number> {
  if (standing === null) return extent.last + 1
  if (partitionIndexOfSeq(standing.seq) === stream.index) return countOfSeq(standing.seq)
  // What stands at `low` or before it is still to be listed; what stands at `high` is not.
  let low = extent.first - 1
  let high = extent.last + 1
  // The newest are asked for most: the search goes back from the end in growing steps, then halves.
  for (let step = FIRST_STEP; high - step > low; step *= SLACK_FACTOR) {
    if (await isListedAfter(stream, high - step, standing)) {
      low = high - step
      break
    }
    high -= step
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (await isListedAfter(stream, middle, standing)) low = middle
    else high = middle
  }
  return high
}

async function isListedAfter(stream: StreamPartition, n: number, standing: Standing): Promise<boolean> {
  const found = await stream.deliveryFrom(n)
  return found !== null && isBefore({ at: found.at, seq: seqOf(found.n, stream.index) }, standing)
}
