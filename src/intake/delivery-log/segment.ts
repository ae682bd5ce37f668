import { constants } from 'node:zlib'
import type { Delivery } from './delivery-log.ts'

/** A delivery without its bytes, which stand at [offset, offset+length) of a segment. */
export interface DeliveryHeader extends Omit<Delivery, 'body' | 'partitionKey'> {
  readonly offset: number
  readonly length: number
}

/** Bodies that were accepted together, joined: compressed as one, stored as one row. */
export interface Segment {
  readonly headers: readonly DeliveryHeader[]
  readonly bytes: Uint8Array
  /** Set when the bytes are already compressed (large bodies are, outside the commit). */
  readonly isCompressed: boolean
}

/** Level 1: alert bodies shrink to a quarter, at a speed that never becomes the bottleneck. */
export const COMPRESSION = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** Bodies up to this size are joined into one segment; a larger one is a segment of its own. */
const JOIN_BYTES = 256 * 1024
const SEGMENT_BYTES = 1024 * 1024

/** Joins the bodies of deliveries, in order, into segments. The bytes of a large body that owns its memory are taken, not copied. */
export function segmentsOf(deliveries: readonly Delivery[]): Segment[] {
  const segments: Segment[] = []
  let group: Delivery[] = []
  let groupBytes = 0
  const closeGroup = (): void => {
    if (group.length > 0) segments.push(segmentOf(group))
    group = []
    groupBytes = 0
  }
  for (const delivery of deliveries) {
    const size = delivery.body.length
    if (size > JOIN_BYTES || groupBytes + size > SEGMENT_BYTES) closeGroup()
    group.push(delivery)
    groupBytes += size
    if (size > JOIN_BYTES) closeGroup()
  }
  closeGroup()
  return segments
}

function segmentOf(deliveries: readonly Delivery[]): Segment {
  // The bytes are given away to the log's thread: a single large body that owns its memory is moved, others are copied together.
  const only = deliveries.length === 1 ? deliveries[0]?.body : undefined
  const ownsMemory = only !== undefined && only.byteOffset === 0 && only.byteLength === only.buffer.byteLength
  const total = deliveries.reduce((sum, { body }) => sum + body.length, 0)
  const bytes = ownsMemory ? only : new Uint8Array(total)
  const headers: DeliveryHeader[] = []
  let offset = 0
  for (const { body, partitionKey: _, ...rest } of deliveries) {
    if (!ownsMemory) bytes.set(body, offset)
    headers.push({ ...rest, offset, length: body.length })
    offset += body.length
  }
  return { headers, bytes, isCompressed: false }
}
