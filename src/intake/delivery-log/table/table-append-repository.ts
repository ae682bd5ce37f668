import { promisify } from 'node:util'
import { zstdCompress, zstdCompressSync } from 'node:zlib'
import { type CompiledQuery, sql } from 'kysely'
import type { Db, Tx } from '../../../store/database.ts'
import { capabilitiesOf } from '../../../store/dialects/engine-capabilities.ts'
import { createNewId } from '../../../store/new-id.ts'
import { lockRows } from '../../../store/row-locks.ts'
import type { DeliveryTable } from '../../../store/tables/delivery-log-tables.ts'
import { inTransaction } from '../../../store/transaction.ts'
import type { Delivery } from '../delivery-log.ts'
import { partitionIndexOfKey, seqOf } from '../partitioned-seq.ts'
import { COMPRESSION, type Segment, segmentsOf } from '../segment.ts'

/** Servers refuse statements that are much larger, and some drivers write a byte as two characters. */
const PIECE_BYTES = 2 * 1024 * 1024
/** Compressing more than this is left to another thread. */
const COMPRESS_HERE_BYTES = 64 * 1024
const MOST_ROWS = 256
const LONGEST_REQUEST_ID = 160

const compress = promisify(zstdCompress)
const newId = createNewId()

/** A segment as it is stored, and who is in it. */
interface PackedSegment {
  readonly id: string
  readonly partitionIndex: number
  readonly headers: Segment['headers']
  readonly bytes: Uint8Array
}

interface PackedDeliveries {
  readonly segments: readonly PackedSegment[]
  /** The place of each delivery, in the order given: its partition, and the how-manieth of the new ones there it is. */
  readonly places: readonly { readonly partitionIndex: number; readonly nth: number }[]
}

/** Sorts deliveries into partitions and compresses their bodies, those of a partition together. */
export async function packDeliveries(
  deliveries: readonly Delivery[],
  partitionCount: number,
): Promise<PackedDeliveries> {
  const byPartition = new Map<number, Delivery[]>()
  const places = deliveries.map((delivery) => {
    const partitionIndex = partitionIndexOfKey(delivery.partitionKey, partitionCount)
    const group = byPartition.get(partitionIndex) ?? []
    byPartition.set(partitionIndex, group)
    return { partitionIndex, nth: group.push(delivery) }
  })
  // Rows of partitions are locked in this order, everywhere: nobody waits in a circle.
  const groups = [...byPartition].sort(([a], [b]) => a - b)
  const packing = groups.flatMap(([partitionIndex, group]) =>
    segmentsOf(group).map(async ({ headers, bytes }) => ({
      id: newId(Date.now()),
      partitionIndex,
      headers,
      bytes:
        bytes.length > COMPRESS_HERE_BYTES ? await compress(bytes, COMPRESSION) : zstdCompressSync(bytes, COMPRESSION),
    })),
  )
  return { segments: await Promise.all(packing), places }
}

/** Stores packed deliveries in one transaction; answers their positions, in order. Throws what the database throws. */
export async function appendPacked(db: Db, { segments, places }: PackedDeliveries): Promise<readonly number[]> {
  const counts = await inTransaction(db, async (tx) => {
    // First, because nobody waits for it: from the lock of the counters on, whoever appends there does.
    await insertPieces(tx, segments)
    const before = await lockCounters(tx, segments)
    await insertDeliveries(tx, rowsOf(segments, before))
    await raiseCounters(tx, segments)
    return before
  })
  return places.map(({ partitionIndex, nth }) => seqOf((counts.get(partitionIndex) ?? 0) + nth, partitionIndex))
}

async function insertPieces(tx: Tx, segments: readonly PackedSegment[]): Promise<void> {
  let rows: { id: string; piece: number; bytes: Uint8Array }[] = []
  let size = 0
  const flush = async (): Promise<void> => {
    if (rows.length > 0) await tx.insertInto('delivery_segment').values(rows).execute()
    rows = []
    size = 0
  }
  for (const { id, bytes } of segments) {
    for (let from = 0, piece = 0; from < bytes.length; from += PIECE_BYTES, piece++) {
      const part = bytes.subarray(from, from + PIECE_BYTES)
      if (size + part.length > PIECE_BYTES) await flush()
      rows.push({ id, piece, bytes: part })
      size += part.length
    }
  }
  await flush()
}

async function lockCounters(tx: Tx, segments: readonly PackedSegment[]): Promise<ReadonlyMap<number, number>> {
  const indexes = [...new Set(segments.map(({ partitionIndex }) => partitionIndex))]
  const rows = await lockRows(
    tx
      .selectFrom('delivery_partition')
      .select(['partition_index', 'last_count'])
      .where('partition_index', 'in', indexes)
      .orderBy('partition_index'),
  ).execute()
  return new Map(rows.map((row) => [row.partition_index, Number(row.last_count)]))
}

function rowsOf(segments: readonly PackedSegment[], before: ReadonlyMap<number, number>): readonly DeliveryTable[] {
  const counts = new Map(before)
  return segments.flatMap(({ id, partitionIndex, headers, bytes }) =>
    headers.map((header) => {
      const n = (counts.get(partitionIndex) ?? 0) + 1
      counts.set(partitionIndex, n)
      return {
        partition_index: partitionIndex,
        seq: seqOf(n, partitionIndex),
        tenant_id: header.tenantId,
        source: header.source,
        source_kind: header.sourceKind,
        received_at: header.receivedAt,
        request_id: header.requestId.slice(0, LONGEST_REQUEST_ID),
        content_type: header.contentType,
        bytes_cut: header.bytesCut,
        segment_id: id,
        segment_bytes: bytes.length,
        body_offset: header.offset,
        body_length: header.length,
      }
    }),
  )
}

async function raiseCounters(tx: Tx, segments: readonly PackedSegment[]): Promise<void> {
  const added = new Map<number, { deliveries: number; bytes: number }>()
  for (const { partitionIndex, headers, bytes } of segments) {
    const sum = added.get(partitionIndex) ?? { deliveries: 0, bytes: 0 }
    added.set(partitionIndex, { deliveries: sum.deliveries + headers.length, bytes: sum.bytes + bytes.length })
  }
  const of = (what: 'deliveries' | 'bytes') =>
    sql<number>`case partition_index ${sql.join(
      [...added].map(([index, sum]) => sql`when ${sql.lit(index)} then ${sql.lit(sum[what])}`),
      sql` `,
    )} else 0 end`
  await tx
    .updateTable('delivery_partition')
    .set({
      last_count: sql<number>`last_count + ${of('deliveries')}`,
      stored_bytes: sql<number>`stored_bytes + ${of('bytes')}`,
    })
    .where('partition_index', 'in', [...added.keys()])
    .execute()
}

const COLUMNS = [
  'partition_index',
  'seq',
  'tenant_id',
  'source',
  'source_kind',
  'received_at',
  'request_id',
  'content_type',
  'bytes_cut',
  'segment_id',
  'segment_bytes',
  'body_offset',
  'body_length',
] as const satisfies readonly (keyof DeliveryTable)[]

async function insertDeliveries(tx: Tx, rows: readonly DeliveryTable[]): Promise<void> {
  const most = Math.min(MOST_ROWS, Math.floor(capabilitiesOf(tx).maxParameters / COLUMNS.length))
  for (let from = 0; from < rows.length; from += most) {
    const some = rows.slice(from, from + most)
    const parameters = some.flatMap((row) => COLUMNS.map((column) => row[column]))
    await tx.executeQuery({ ...compiledInsert(tx, some.length), parameters })
  }
}

/** Compiling a statement of a hundred rows costs as much as running it; each count of rows is compiled once per engine. */
const compiledInserts = new Map<string, CompiledQuery>()

function compiledInsert(tx: Tx, rowCount: number): CompiledQuery {
  const shape = `${capabilitiesOf(tx).wording}/${rowCount}`
  const known = compiledInserts.get(shape)
  if (known) return known
  const row = sql`(${sql.join(COLUMNS.map(() => sql`${null}`))})`
  const statement = sql`insert into delivery (${sql.join(COLUMNS.map((column) => sql.ref(column)))}) values ${sql.join(Array.from({ length: rowCount }, () => row))}`
  const compiled = statement.compile(tx)
  compiledInserts.set(shape, compiled)
  return compiled
}
