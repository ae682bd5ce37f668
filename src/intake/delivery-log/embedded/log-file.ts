import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { DeliverySummary, ListRequest, LogStats, ReadLimit, StoredDelivery, TrimRequest } from '../delivery-log.ts'
import { COMPRESSION, type Segment } from '../segment.ts'

export type FileTrimRequest = Omit<TrimRequest, 'keepFrom'> & { readonly keepFrom: number }
export type FileStats = Pick<LogStats, 'deliveries' | 'storedBytes'> & { readonly lastSeq: number }

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
    const bytes = segment.isCompressed ? segment.bytes : zstdCompressSync(segment.bytes, COMPRESSION)
    const segmentId = this.#statement('insert into segment (bytes) values (?)').run(bytes).lastInsertRowid
    const insert = this.#statement(
      'insert into delivery (tenant_id, source, source_kind, received_at, request_id, content_type, bytes_cut, segment_id, body_offset, body_length) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    for (const h of segment.headers) {
      seqs.push(
        Number(
          insert.run(
            h.tenantId,
            h.source,
            h.sourceKind,
            h.receivedAt,
            h.requestId,
            h.contentType,
            h.bytesCut,
            segmentId,
            h.offset,
            h.length,
          ).lastInsertRowid,
        ),
      )
    }
  }

  read(after: number, limit: ReadLimit): StoredDelivery[] {
    const rows = this.#statement(`select ${ROW_COLUMNS} from delivery where seq > ? order by seq limit ?`).all(
      after,
      limit.count,
    ) as unknown as DeliveryRow[]
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
    const row = this.#statement(`select ${ROW_COLUMNS} from delivery where seq = ?`).get(seq) as unknown as
      | DeliveryRow
      | undefined
    return row ? this.#withBody(row) : null
  }

  list({ before, source, limit }: ListRequest): DeliverySummary[] {
    const bySource = source === null ? '' : 'source = ? and'
    const parameters = [...(source === null ? [] : [source]), before?.seq ?? Number.MAX_SAFE_INTEGER, limit]
    const rows = this.#statement(
      `select ${ROW_COLUMNS} from delivery where ${bySource} seq < ? order by seq desc limit ?`,
    ).all(...parameters) as unknown as DeliveryRow[]
    return rows.map((row) => ({ ...summaryOf(row), bodyBytes: row.body_length }))
  }

  /** Works in small steps so that appends are not held up: call again until it answers 0. */
  trim(request: FileTrimRequest): number {
    const doomed = this.#doomed(request)
    const last = doomed.at(-1)
    if (last) {
      this.#db.exec('begin immediate')
      try {
        this.#statement('delete from delivery where seq <= ?').run(last.seq)
        // Segments are numbered in the order of their deliveries: those before the oldest that is still needed can go.
        this.#statement(
          'delete from segment where id < coalesce((select segment_id from delivery order by seq limit 1), ? + 1)',
        ).run(last.segment_id)
        this.#db.exec('commit')
      } catch (error) {
        this.#rollback()
        throw error
      }
    }
    this.#db.exec(`pragma incremental_vacuum(${VACUUM_PAGES})`)
    return doomed.length
  }

  /** The oldest deliveries that are too old, or in the way of the size, up to one step's worth. */
  #doomed({ receivedBefore, mostBytes, keepFrom }: FileTrimRequest): readonly TrimRow[] {
    const oldest = this.#statement(
      `select seq, segment_id, received_at, (select length(bytes) from segment where id = segment_id) as segment_bytes from delivery where seq < ? order by seq limit ${TRIM_STEP}`,
    ).all(keepFrom) as unknown as TrimRow[]
    const excessBytes = this.stats().storedBytes - mostBytes
    let freedBytes = 0
    let segmentId = -1
    // Only a beginning of the log may go: where the clock was set back, a newer delivery keeps the older ones behind it.
    const end = oldest.findIndex((row) => {
      if ((row.received_at >= receivedBefore && freedBytes >= excessBytes) || freedBytes > TRIM_STEP_BYTES) return true
      if (row.segment_id !== segmentId) freedBytes += row.segment_bytes
      segmentId = row.segment_id
      return false
    })
    return end < 0 ? oldest : oldest.slice(0, end)
  }

  stats(): FileStats {
    // The counter, not the newest row: trimming everything must not turn the position back.
    const counter = this.#statement("select seq as last from sqlite_sequence where name = 'delivery'").get() as
      | { last: number }
      | undefined
    const last = counter?.last ?? 0
    const { first } = this.#statement('select min(seq) as first from delivery').get() as { first: number | null }
    const { pages } = this.#statement('select page_count as pages from pragma_page_count').get() as { pages: number }
    const { free } = this.#statement('select freelist_count as free from pragma_freelist_count').get() as {
      free: number
    }
    const { size } = this.#statement('select page_size as size from pragma_page_size').get() as { size: number }
    return { lastSeq: last, deliveries: first === null ? 0 : last - first + 1, storedBytes: (pages - free) * size }
  }

  /** Sees to it that what is appended next is numbered higher than `seq`. */
  countOnBehind(seq: number): void {
    if (seq <= this.stats().lastSeq) return
    const { changes } = this.#statement("update sqlite_sequence set seq = ? where name = 'delivery'").run(seq)
    if (changes === 0) this.#statement("insert into sqlite_sequence (name, seq) values ('delivery', ?)").run(seq)
  }

  /** Another number than before when another handle has committed meanwhile. */
  dataVersion(): number {
    return Number(this.#statement('pragma data_version').get()?.data_version)
  }

  close(): void {
    this.#db.close()
  }

  readonly #statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()

  #statement(sql: string): ReturnType<DatabaseSync['prepare']> {
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  #withBody(row: DeliveryRow): StoredDelivery {
    if (this.#cached?.id !== row.segment_id) {
      const stored = this.#statement('select bytes from segment where id = ?').get(row.segment_id) as {
        bytes: Uint8Array
      }
      const bytes = zstdDecompressSync(stored.bytes)
      // A large body is read once: caching it would only keep it from being freed.
      this.#cached = bytes.length <= SEGMENT_CACHE_BYTES ? { id: row.segment_id, bytes } : null
      if (!this.#cached)
        return { ...summaryOf(row), body: bytes.subarray(row.body_offset, row.body_offset + row.body_length) }
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
/** Freeing a blob takes time for each of its pages; appends wait meanwhile. */
const TRIM_STEP_BYTES = 8 * 1024 * 1024
const VACUUM_PAGES = 2000

interface TrimRow {
  readonly seq: number
  readonly segment_id: number
  readonly received_at: number
  readonly segment_bytes: number
}

const ROW_COLUMNS =
  'seq, tenant_id, source, source_kind, received_at, request_id, content_type, bytes_cut, segment_id, body_offset, body_length'

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
