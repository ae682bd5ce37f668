import { zstdDecompressSync } from 'node:zlib'
import type { Db } from '../../../store/database.ts'
import type { DeliverySummary, ListRequest, ReadLimit, StoredDelivery } from '../delivery-log.ts'
import { partitionIndexOfSeq } from '../partitioned-seq.ts'

const COLUMNS = [
  'seq',
  'tenant_id',
  'source',
  'source_kind',
  'received_at',
  'request_id',
  'content_type',
  'bytes_cut',
  'segment_id',
  'body_offset',
  'body_length',
] as const

/** The deliveries of a partition behind a position. Throws what the database throws. */
export async function readDeliveries(
  db: Db,
  partitionIndex: number,
  { after, limit }: { readonly after: number; readonly limit: ReadLimit },
): Promise<readonly StoredDelivery[]> {
  const rows = await db
    .selectFrom('delivery')
    .select(COLUMNS)
    .where('partition_index', '=', partitionIndex)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit.count)
    .execute()
  let bytes = 0
  const end = rows.findIndex((row, i) => {
    bytes += Number(row.body_length)
    return i > 0 && bytes > limit.bytes
  })
  return await withBodies(db, end < 0 ? rows : rows.slice(0, end))
}

/** Null when it is not there, or not any more. Throws what the database throws. */
export async function readDelivery(db: Db, seq: number): Promise<StoredDelivery | null> {
  const row = await db
    .selectFrom('delivery')
    .select(COLUMNS)
    .where('partition_index', '=', partitionIndexOfSeq(seq))
    .where('seq', '=', seq)
    .executeTakeFirst()
  // Trimmed between the two looks, it is as good as never found.
  return row ? ((await withBodies(db, [row]))[0] ?? null) : null
}

/** Newest first across the partitions. Throws what the database throws. */
export async function listDeliveries(
  db: Db,
  { before, source, limit }: ListRequest,
): Promise<readonly DeliverySummary[]> {
  let query = db.selectFrom('delivery').select(COLUMNS)
  if (source !== null) query = query.where('source', '=', source)
  if (before !== null) {
    const { receivedAt, seq } = before
    query = query
      .where('received_at', '<=', receivedAt)
      .where((eb) => eb.or([eb('received_at', '<', receivedAt), eb('seq', '<', seq)]))
  }
  const rows = await query.orderBy('received_at', 'desc').orderBy('seq', 'desc').limit(limit).execute()
  return rows.map((row) => ({ ...summaryOf(row), bodyBytes: Number(row.body_length) }))
}

interface DeliveryRow {
  readonly seq: number
  readonly tenant_id: string
  readonly source: string
  readonly source_kind: string
  readonly received_at: number
  readonly request_id: string
  readonly content_type: string
  readonly bytes_cut: number
  readonly segment_id: string
  readonly body_offset: number
  readonly body_length: number
}

async function withBodies(db: Db, rows: readonly DeliveryRow[]): Promise<readonly StoredDelivery[]> {
  const ids = [...new Set(rows.map((row) => row.segment_id))]
  const segments = new Map<string, Uint8Array>()
  for (const [id, pieces] of await readPieces(db, ids)) segments.set(id, zstdDecompressSync(joined(pieces)))
  return rows.flatMap((row) => {
    const segment = segments.get(row.segment_id)
    const from = Number(row.body_offset)
    return segment ? [{ ...summaryOf(row), body: segment.subarray(from, from + Number(row.body_length)) }] : []
  })
}

async function readPieces(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, readonly Uint8Array[]>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('delivery_segment')
    .select(['id', 'bytes'])
    .where('id', 'in', ids)
    .orderBy('id')
    .orderBy('piece')
    .execute()
  const pieces = new Map<string, Uint8Array[]>()
  for (const { id, bytes } of rows) pieces.set(id, [...(pieces.get(id) ?? []), bytes])
  return pieces
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces
  return pieces.length === 1 && only ? only : Buffer.concat(pieces)
}

function summaryOf(row: DeliveryRow): Omit<StoredDelivery, 'body'> {
  return {
    seq: Number(row.seq),
    tenantId: row.tenant_id,
    source: row.source,
    sourceKind: row.source_kind,
    receivedAt: Number(row.received_at),
    requestId: row.request_id,
    contentType: row.content_type,
    bytesCut: Number(row.bytes_cut),
  }
}
