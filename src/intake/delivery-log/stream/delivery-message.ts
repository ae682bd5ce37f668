import { promisify } from 'node:util'
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import type { Delivery, DeliverySummary, StoredDelivery } from '../delivery-log.ts'

/** The header that carries all that is known of a delivery, as JSON. */
export const FACTS_HEADER = 'Nunchi-Delivery'

/** What the header of a message says. Short names: it is stored with every delivery. */
export interface MessageFacts {
  readonly tenant: string
  readonly source: string
  readonly kind: string
  readonly at: number
  readonly request: string
  readonly type: string
  readonly cut: number
  /** Length of the body as it arrived. */
  readonly bytes: number
  /** Whether the body is compressed (zstd). */
  readonly z: boolean
  /** Where the parts of a body are that is larger than a message, which then holds nothing: a place, then the steps from one to the next. */
  readonly parts?: readonly number[]
}

/** A body as it is stored. */
export interface PackedBody {
  readonly bytes: Uint8Array
  readonly isCompressed: boolean
}

/** Smaller bodies gain less than the header costs. */
const COMPRESS_FROM_BYTES = 512
/** Above this the thread pool compresses, so that the thread goes on answering. */
const ASIDE_FROM_BYTES = 64 * 1024
const COMPRESSION = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** Compresses a body. Small ones at once, so that deliveries keep the order in which they came; large ones in the thread pool. */
export function packBody(body: Uint8Array): PackedBody | Promise<PackedBody> {
  if (body.length < COMPRESS_FROM_BYTES) return { bytes: body, isCompressed: false }
  if (body.length < ASIDE_FROM_BYTES) return smaller(body, zstdCompressSync(body, COMPRESSION))
  return compress(body, COMPRESSION).then((bytes) => smaller(body, bytes))
}

function smaller(body: Uint8Array, compressed: Uint8Array): PackedBody {
  return compressed.length < body.length
    ? { bytes: compressed, isCompressed: true }
    : { bytes: body, isCompressed: false }
}

/** Gives back the body as it arrived. Throws when the bytes are damaged. */
export function unpackBody(facts: MessageFacts, bytes: Uint8Array): Uint8Array | Promise<Uint8Array> {
  if (!facts.z) return bytes
  const limit = { maxOutputLength: Math.max(1, facts.bytes) }
  return facts.bytes < ASIDE_FROM_BYTES ? zstdDecompressSync(bytes, limit) : decompress(bytes, limit)
}

/** The header of a delivery, without where its parts are. */
export function factsOf(delivery: Delivery, isCompressed: boolean): MessageFacts {
  return {
    tenant: delivery.tenantId,
    source: delivery.source,
    kind: delivery.sourceKind,
    at: delivery.receivedAt,
    request: delivery.requestId,
    type: delivery.contentType,
    cut: delivery.bytesCut,
    bytes: delivery.body.length,
    z: isCompressed,
  }
}

/** Reads the header; null for a message that is no delivery of ours. */
export function parseFacts(header: string): MessageFacts | null {
  if (header === '') return null
  try {
    const facts = JSON.parse(header) as MessageFacts
    return typeof facts.source === 'string' && typeof facts.at === 'number' ? facts : null
  } catch {
    // Somebody else's message, in a stream that is not theirs.
    return null
  }
}

/** A delivery without its body. */
export function summaryOf(seq: number, facts: MessageFacts): DeliverySummary {
  const { bytes: bodyBytes, ...rest } = facts
  return { ...headOf(seq, rest), bodyBytes }
}

/** A delivery with its body. */
export function deliveryOf(seq: number, facts: MessageFacts, body: Uint8Array): StoredDelivery {
  return { ...headOf(seq, facts), body }
}

function headOf(seq: number, facts: Omit<MessageFacts, 'bytes'>): Omit<StoredDelivery, 'body'> {
  return {
    seq,
    tenantId: facts.tenant,
    source: facts.source,
    sourceKind: facts.kind,
    receivedAt: facts.at,
    requestId: facts.request,
    contentType: facts.type,
    bytesCut: facts.cut,
  }
}

/** Writes places as the first and the steps behind it: a large body has hundreds, and a header must stay small. */
export function stepsOf(places: readonly number[]): readonly number[] {
  return places.map((place, i) => place - (places[i - 1] ?? 0))
}

/** The places of the parts of a delivery, in order; none when its message holds the body. */
export function partsOf(facts: MessageFacts | null): readonly number[] {
  const places: number[] = []
  for (const step of facts?.parts ?? []) places.push((places.at(-1) ?? 0) + step)
  return places
}
