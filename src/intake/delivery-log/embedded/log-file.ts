import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { DeliverySummary, ListRequest, LogStats, ReadLimit, StoredDelivery, TrimRequest } from '../delivery-log.ts'

/** A delivery without its bytes, which stand at [offset, offset+length) of a segment. */
export interface DeliveryHeader {
  readonly tenantId: string
  readonly source: string
  readonly sourceKind: string
  readonly receivedAt: number
  readonly requestId: string
  readonly contentType: string
  readonly bytesCut: number
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

const BUSY_WAIT_MS = 2000
const SEGMENT_CACHE_BYTES = 8 * 1024 * 1024

/**
 * The embedded delivery log: a SQLite file of its own, so that a storm being written never waits for the main
 * database. One process writes it. Rows of `delivery` point into compressed `segment`s.
 */
export class LogFile {
  readonly #db: DatabaseSync
  readonly logId: string
  #cached: { id: number; bytes: Uint8Array } | null = null

  constructor(path: string) {
    this.#db = new DatabaseSync(path)
    this.#db.exec(`
      pragma busy_timeout = ${BUSY_WAIT_MS};
      pragma auto_vacuum = incremental;
      pragma journal_mode = wal;
      pragma synchronous = full;
      pragma journal_size_limit = 67108864;
      create table if not exists log_identity (only_row integer primary key check (only_row = 1), id text not null);
      create table if not exists segment (id integer primary key autoincrement, bytes blob not null);
      create table if not exists delivery (
        seq integer primary key autoincrement, tenant_id text not null, source text not null, source_kind text not null, received_at integer not null, request_id text not null,
        content_type text not null, bytes_cut integer not null, segment_id integer not null, body_offset integer not null, body_length integer not null);
      create index if not exists delivery_by_source on delivery (source, seq);
    `)
    this.#db.prepare('insert or ignore into log_identity (only_row, id) values (1, ?)').run(randomUUID())
    this.logId = String(this.#db.prepare('select id from log_identity').get()?.id)
  }

  /** Stores segments in one durable commit; answers the positions of their deliveries, in order. Throws when nothing was stored. */
  append(segments: readonly Segment[]): number[] {
    const seqs: number[] = []
    this.#db.exec('begin immediate')
    try {
      for (const segment of segments) this.#appendSegment(segment, seqs)
      this.#db.exec('commit')
    } catch (error) {
      this.#rollback()
      throw error
    }
    return seqs
  }

  #appendSegment(segment: Segment, seqs: number[]): void {
    const bytes = segment.isCompressed ? segment.bytes : compressSegment(segment.bytes)
    const segmentId = this.#statement('insert into segment (bytes) values (?)').run(bytes).lastInsertRowid
    const insert = this.#statement(
      'insert into delivery (tenant_id, source, source_kind, received_at, request_id, content_type, bytes_cut, segment_id, body_offset, body_length) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    for (const h of segment.headers) {
      seqs.push(Number(insert.run(h.tenantId, h.source, h.sourceKind, h.receivedAt, h.requestId, h.contentType, h.bytesCut, segmentId, h.offset, h.length).lastInsertRowid))
    }
  }

  read(after: number, limit: ReadLimit): StoredDelivery[] {
    const rows = this.#statement(`select ${ROW_COLUMNS} from delivery where seq > ? order by seq limit ?`).all(after, limit.count) as unknown as DeliveryRow[]
    const found: StoredDelivery[] = []
    let bytes = 0
    for (const row of rows) {
      bytes += row.body_length
      if (found.length > 0 && bytes > limit.bytes) break
      found.push(this.#withBody(row))
    }
    return found
  }

  get(seq: number): StoredDelivery | null {
    const row = this.#statement(`select ${ROW_COLUMNS} from delivery where seq = ?`).get(seq) as unknown as DeliveryRow | undefined
    return row ? this.#withBody(row) : null
  }

  list({ before, source, limit }: ListRequest): DeliverySummary[] {
    const bySource = source === null ? '' : 'source = ? and'
    const parameters = [...(source === null ? [] : [source]), before ?? Number.MAX_SAFE_INTEGER, limit]
    const rows = this.#statement(`select ${ROW_COLUMNS} from delivery where ${bySource} seq < ? order by seq desc limit ?`).all(...parameters) as unknown as DeliveryRow[]
    return rows.map((row) => ({ ...summaryOf(row), bodyBytes: row.body_length }))
  }

  /** Works in small steps so that appends are not held up: call again until it answers 0. */
  trim({ receivedBefore, mostBytes, keepFrom }: TrimRequest): number {
    const oldest = this.#statement(`select seq, segment_id, received_at from delivery where seq < ? order by seq limit ${TRIM_STEP}`).all(keepFrom) as unknown as { seq: number; segment_id: number; received_at: number }[]
    const isTooLarge = this.stats().storedBytes > mostBytes
    const doomed = oldest.filter((row) => isTooLarge || row.received_at < receivedBefore)
    const last = doomed.at(-1)
    if (!last) return 0
    this.#db.exec('begin immediate')
    try {
      this.#statement('delete from delivery where seq <= ?').run(last.seq)
      this.#statement('delete from segment where id <= ? and not exists (select 1 from delivery where segment_id = segment.id)').run(last.segment_id)
      this.#db.exec('commit')
    } catch (error) {
      this.#rollback()
      throw error
    }
    this.#db.exec('pragma incremental_vacuum(2000)')
    return doomed.length
  }

  stats(): LogStats {
    const { last } = this.#statement('select coalesce(max(seq), 0) as last from delivery').get() as { last: number }
    const { first } = this.#statement('select coalesce(min(seq), 1) as first from delivery').get() as { first: number }
    const { pages } = this.#statement('select page_count as pages from pragma_page_count').get() as { pages: number }
    const { free } = this.#statement('select freelist_count as free from pragma_freelist_count').get() as { free: number }
    const { size } = this.#statement('select page_size as size from pragma_page_size').get() as { size: number }
    return { lastSeq: last, deliveries: last === 0 ? 0 : last - first + 1, storedBytes: (pages - free) * size }
  }

  close(): void {
    this.#db.close()
  }

  readonly #statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()

  #statement(sql: string): ReturnType<DatabaseSync['prepare']> {
    let statement = this.#statements.get(sql)
    if (!statement) this.#statements.set(sql, (statement = this.#db.prepare(sql)))
    return statement
  }

  #withBody(row: DeliveryRow): StoredDelivery {
    if (this.#cached?.id !== row.segment_id) {
      const stored = this.#statement('select bytes from segment where id = ?').get(row.segment_id) as { bytes: Uint8Array }
      const bytes = zstdDecompressSync(stored.bytes)
      // A large body is read once: caching it would only keep it from being freed.
      this.#cached = bytes.length <= SEGMENT_CACHE_BYTES ? { id: row.segment_id, bytes } : null
      if (!this.#cached) return { ...summaryOf(row), body: bytes.subarray(row.body_offset, row.body_offset + row.body_length) }
    }
    return { ...summaryOf(row), body: this.#cached.bytes.subarray(row.body_offset, row.body_offset + row.body_length) }
  }

  #rollback(): void {
    try {
      this.#db.exec('rollback')
    } catch {
      // SQLite has rolled back by itself already (disk full, I/O error): nothing is open.
    }
  }
}

const TRIM_STEP = 500
const ROW_COLUMNS = 'seq, tenant_id, source, source_kind, received_at, request_id, content_type, bytes_cut, segment_id, body_offset, body_length'

interface DeliveryRow {
  readonly seq: number
  readonly tenant_id: string
  readonly source: string
  readonly source_kind: string
  readonly received_at: number
  readonly request_id: string
  readonly content_type: string
  readonly bytes_cut: number
  readonly segment_id: number
  readonly body_offset: number
  readonly body_length: number
}

function summaryOf(row: DeliveryRow): Omit<StoredDelivery, 'body'> {
  return {
    seq: row.seq,
    tenantId: row.tenant_id,
    source: row.source,
    sourceKind: row.source_kind,
    receivedAt: row.received_at,
    requestId: row.request_id,
    contentType: row.content_type,
    bytesCut: row.bytes_cut,
  }
}

/** Level 1: alert bodies shrink to a quarter, at a speed that never becomes the bottleneck. */
export const COMPRESSION = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

function compressSegment(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, COMPRESSION)
}
