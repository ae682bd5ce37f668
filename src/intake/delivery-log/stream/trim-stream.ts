import type { TrimRequest } from '../delivery-log.ts'
import { SEQ_STEP } from '../partitioned-seq.ts'
import { FACTS_HEADER, parseFacts, partsOf } from './delivery-message.ts'
import type { PulledMessage } from './pull-consumer.ts'
import type { StreamExtent, StreamPartition } from './stream-partition.ts'

/** Longer than an append takes: a part that is older and belongs to no delivery never will. */
const UNFINISHED_MS = 60_000
const STEP = 500
/** What a message takes beside its bytes: its subject, its header and the frame of the store. */
const FRAME_BYTES = 400
const MOST_PARTS = 20_000

/** Forgets the beginning of each partition, as far as it may; a call takes what is too old, and one step of what is too much. Answers how many deliveries went. */
export async function trimStream(streams: readonly StreamPartition[], request: TrimRequest): Promise<number> {
  let trimmed = 0
  for (const stream of streams) trimmed += await trimByAge(stream, request)
  return trimmed + (await trimBySize(streams, request))
}

/** The first place that must stay because it is not folded. */
function keptFrom(stream: StreamPartition, { keepFrom }: TrimRequest): number {
  return Math.ceil(((keepFrom.get(stream.partition) ?? 0) - stream.index) / SEQ_STEP)
}

async function trimByAge(stream: StreamPartition, request: TrimRequest): Promise<number> {
  const extent = await stream.extent(stream.names.parts)
  const end = Math.min(keptFrom(stream, request), extent.last + 1)
  const isOld = async (n: number): Promise<boolean> => {
    const found = await stream.deliveryFrom(n)
    return found !== null && found.n < end && found.facts.at < request.receivedBefore
  }
  if (extent.first >= end || !(await isOld(extent.first))) return 0
  // From here on `low` is old and `high` is not: where the clocks of the nodes disagree, one of the places where that changes.
  let low = extent.first
  let high = end
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (await isOld(middle)) low = middle
    else high = middle
  }
  return await forget(stream, extent, high)
}

/** The partition whose oldest delivery is the oldest goes first. */
async function trimBySize(streams: readonly StreamPartition[], request: TrimRequest): Promise<number> {
  const extents = await Promise.all(streams.map((stream) => stream.extent(stream.names.parts)))
  const excess = extents.reduce((sum, { bytes }) => sum + bytes, 0) - request.mostBytes
  if (excess <= 0) return 0
  const oldest = await Promise.all(
    streams.map(async (stream, i) => {
      const extent = extents[i] as StreamExtent
      const found = extent.first < keptFrom(stream, request) ? await stream.deliveryFrom(extent.first) : null
      return { stream, extent, at: found?.facts.at ?? Number.POSITIVE_INFINITY }
    }),
  )
  for (const { stream, extent, at } of oldest.sort((one, other) => one.at - other.at)) {
    const trimmed =
      at === Number.POSITIVE_INFINITY ? 0 : await trimStep(stream, extent, { excess, end: keptFrom(stream, request) })
    if (trimmed > 0) return trimmed
  }
  return 0
}

interface Step {
  readonly excess: number
  readonly end: number
}

async function trimStep(stream: StreamPartition, extent: StreamExtent, { excess, end }: Step): Promise<number> {
  const messages = (await stream.headersFrom(extent.first, stream.names.everything, STEP)).filter(({ n }) => n < end)
  let freed = 0
  for (const message of messages) {
    freed += sizeOf(message)
    if (freed < excess || !stream.isDelivery(message.subject)) continue
    const trimmed = await forget(stream, extent, message.n + 1)
    if (trimmed > 0) return trimmed
  }
  const last = messages.findLast(({ subject }) => stream.isDelivery(subject))
  return last ? await forget(stream, extent, last.n + 1) : 0
}

function sizeOf({ header }: PulledMessage): number {
  return Number(header('Nats-Msg-Size')) + FRAME_BYTES
}

/** Forgets what lies before a place, or a little less, so that no delivery loses a part. Answers how many deliveries went. */
async function forget(stream: StreamPartition, extent: StreamExtent, place: number): Promise<number> {
  const { deliveries, parts } = stream.names
  const cut = (extent.countBySubject[parts] ?? 0) === 0 ? place : await besideParts(stream, extent, place)
  if (cut <= extent.first) return 0
  const gone = (await stream.countFrom(extent.first, deliveries)) - (await stream.countFrom(cut, deliveries))
  await stream.forgetBefore(cut)
  return gone
}

/** The place itself, or that of the first part before it which a delivery behind it needs, or may need when its append has ended. */
async function besideParts(stream: StreamPartition, extent: StreamExtent, place: number): Promise<number> {
  const needed = await firstNeededPart(stream, place)
  const recent = await stream.headersFrom(new Date(extent.lastAt - UNFINISHED_MS), stream.names.parts, MOST_PARTS)
  const firstRecent = recent[0]?.n ?? place
  if (firstRecent >= needed) return needed
  const owners = await stream.headersFrom(firstRecent, stream.names.inParts, MOST_PARTS)
  const owned = new Set(owners.flatMap(({ header }) => partsOf(parseFacts(header(FACTS_HEADER)))))
  const unfinished = recent.find(({ n }) => !owned.has(n))
  return Math.min(needed, unfinished?.n ?? needed)
}

/** The leader is asked, which knows of every delivery that was acknowledged. */
async function firstNeededPart(stream: StreamPartition, place: number): Promise<number> {
  let needed = place
  let until = Number.POSITIVE_INFINITY
  for (let from = place; ; ) {
    const owner = await stream.deliveryFrom(from, stream.names.inParts)
    if (owner === null || owner.at > until) return needed
    // Parts and end of a delivery are not further apart than an append takes.
    if (from === place)
      until = ((await stream.deliveryFrom(place, stream.names.everything))?.at ?? owner.at) + UNFINISHED_MS
    needed = Math.min(needed, partsOf(owner.facts)[0] ?? needed)
    from = owner.n + 1
  }
}
