import type { IncomingMessage } from 'node:http'
import { decodeBody, isKnownEncoding } from './decode-body.ts'

/** How much is read, and how long it may take. */
export interface BodyLimits {
  /** A body larger than this, as sent or decoded, is cut. */
  readonly mostBytes: number
  /** What is kept of a body that is cut. */
  readonly keptBytes: number
  /** All bodies that are being read or stored, together. */
  readonly inFlightBytes: number
  /** Longest silence of a sender in the middle of a body. */
  readonly idleMs: number
  /** Longest time for a whole body; less than the server's own limit, which answers 408. */
  readonly totalMs: number
}

const MIB = 1024 * 1024

/** What the intake takes: a group of 100,000 alerts is one body of 62 MB. */
export const BODY_LIMITS: BodyLimits = {
  mostBytes: 64 * MIB,
  keptBytes: MIB,
  inFlightBytes: 256 * MIB,
  idleMs: 15_000,
  totalMs: 110_000,
}

export interface ReadBody {
  readonly ok: true
  readonly bytes: Uint8Array
  /** Bytes that were not kept, at least; 0 = the body is whole. */
  readonly bytesCut: number
  /** False: still encoded as `content-encoding` says, because it could not be decoded. */
  readonly isDecoded: boolean
  /** False: the sender is still sending, so the connection cannot be used again. */
  readonly isFinished: boolean
  /** Counted against the bytes in flight until `release`. */
  readonly heldBytes: number
}

/** `busy`: too much is in flight. `aborted`: the sender went away. `too-slow`: it kept silent, or took too long. Nothing is held. */
export interface UnreadBody {
  readonly ok: false
  readonly reason: 'busy' | 'aborted' | 'too-slow'
}

/** Bodies with a longer `content-length` get their memory at once; shorter ones arrive in a few chunks. */
const CHUNKED_BYTES = 128 * 1024
/** A sender that goes on and on is cut off at this many times the limit. */
const MOST_DRAINED = 16

/**
 * Reads request bodies within shared limits of memory and time. A body over the limit is not refused, because
 * senders drop what is refused: its beginning is kept and the rest is counted. One per server; `close()` it.
 */
export class BodyReader {
  readonly limits: BodyLimits
  readonly #readings = new Set<Reading>()
  readonly #sweep: NodeJS.Timeout
  #heldBytes = 0

  constructor(limits: BodyLimits = BODY_LIMITS) {
    this.limits = limits
    const everyMs = Math.min(1000, limits.idleMs / 4)
    // One timer for all: a timer of its own would cost a small request more than reading it.
    this.#sweep = setInterval(() => this.#endSlowReadings(), everyMs).unref()
  }

  /** Bytes that are being read or stored now. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Never rejects. What it answers with `ok` counts as in flight until `release`. */
  async read(request: IncomingMessage): Promise<ReadBody | UnreadBody> {
    const reading = new Reading(request, this)
    this.#readings.add(reading)
    const received = await reading.done
    this.#readings.delete(reading)
    const encoding = request.headers['content-encoding']
    if (!received.ok || encoding === undefined || received.bytesCut > 0) return received
    return await this.#decode(received, encoding.trim().toLowerCase())
  }

  /** Gives back what a body held. */
  release(body: ReadBody): void {
    this.give(body.heldBytes)
  }

  close(): void {
    clearInterval(this.#sweep)
  }

  /** Counts bytes as in flight; false when that would be too much. */
  take(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.limits.inFlightBytes && this.#heldBytes > 0) return false
    this.#heldBytes += bytes
    return true
  }

  give(bytes: number): void {
    this.#heldBytes -= bytes
  }

  async #decode(received: ReadBody, encoding: string): Promise<ReadBody | UnreadBody> {
    if (encoding === 'identity' || encoding === '') return received
    if (!isKnownEncoding(encoding)) return { ...received, isDecoded: false }
    const { mostBytes, keptBytes } = this.limits
    const decoded = await decodeBody(received.bytes, encoding, {
      mostBytes,
      keptBytes,
      take: (bytes) => this.take(bytes),
      give: (bytes) => this.give(bytes),
    })
    if (decoded.kind === 'undecodable') return { ...received, isDecoded: false }
    this.give(received.heldBytes)
    if (decoded.kind === 'busy') return { ok: false, reason: 'busy' }
    return { ...received, bytes: decoded.bytes, bytesCut: decoded.bytesCut, heldBytes: decoded.bytes.length }
  }

  #endSlowReadings(): void {
    const now = performance.now()
    for (const reading of this.#readings) reading.endIfSlow(now)
  }
}

/** One body on its way in. */
class Reading {
  readonly done: Promise<ReadBody | UnreadBody>
  readonly #request: IncomingMessage
  readonly #reader: BodyReader
  readonly #startedAt = performance.now()
  #progressAt = this.#startedAt
  #resolve!: (outcome: ReadBody | UnreadBody) => void
  #isOver = false
  #chunks: Buffer[] = []
  /** Memory for the whole body, when its length is known and large. */
  #whole: Buffer | null = null
  #receivedBytes = 0
  #heldBytes = 0
  /** Set once the body is over the limit: its beginning. */
  #kept: Buffer | null = null

  constructor(request: IncomingMessage, reader: BodyReader) {
    this.#request = request
    this.#reader = reader
    this.done = new Promise((resolve) => {
      this.#resolve = resolve
    })
    if (request.destroyed && !request.complete) this.#fail('aborted')
    else if (!this.#reserve(Number(request.headers['content-length']))) this.#fail('busy')
    else this.#listen()
  }

  #listen(): void {
    this.#request.on('data', (chunk: Buffer) => this.#add(chunk))
    this.#request.on('end', () => this.#succeed(true))
    this.#request.on('error', () => this.#fail('aborted'))
    this.#request.on('close', () => this.#fail('aborted'))
  }

  endIfSlow(now: number): void {
    const { idleMs, totalMs } = this.#reader.limits
    if (now - this.#progressAt < idleMs && now - this.#startedAt < totalMs) return
    // Of a body that is too large the rest would only be counted: what is known of it is enough.
    if (this.#kept) this.#succeed(false)
    else this.#fail('too-slow')
  }

  /** Reserves what is announced, so that bodies that begin can also end: otherwise many large ones would starve each other. */
  #reserve(announced: number): boolean {
    const { mostBytes, keptBytes } = this.#reader.limits
    if (!(announced > CHUNKED_BYTES)) return true
    const wanted = announced > mostBytes ? keptBytes : announced
    if (!this.#take(wanted)) return false
    if (announced > mostBytes) this.#kept = Buffer.allocUnsafeSlow(0)
    else this.#whole = Buffer.allocUnsafeSlow(announced)
    return true
  }

  #add(chunk: Buffer): void {
    if (this.#isOver) return
    this.#progressAt = performance.now()
    const from = this.#receivedBytes
    this.#receivedBytes += chunk.length
    if (this.#receivedBytes > this.#reader.limits.mostBytes || this.#kept) this.#addToCut(chunk)
    else if (this.#whole) chunk.copy(this.#whole, from)
    else if (this.#take(chunk.length)) this.#chunks.push(chunk)
    else this.#fail('busy')
  }

  #addToCut(chunk: Buffer): void {
    const { mostBytes, keptBytes } = this.#reader.limits
    if (!this.#kept || this.#kept.length < keptBytes) {
      const before = this.#kept ?? this.#assembled(this.#receivedBytes - chunk.length)
      // The copy lets go of everything behind the kept beginning.
      this.#kept = Buffer.concat([
        before.subarray(0, keptBytes),
        chunk.subarray(0, Math.max(0, keptBytes - before.length)),
      ])
      this.#chunks = []
      this.#whole = null
      this.#reader.give(this.#heldBytes - Math.min(this.#heldBytes, keptBytes))
      this.#heldBytes = Math.min(this.#heldBytes, keptBytes)
    }
    if (this.#receivedBytes > mostBytes * MOST_DRAINED) this.#succeed(false)
  }

  #assembled(length: number): Buffer {
    if (this.#whole) return this.#whole.subarray(0, length)
    // A single chunk owns its memory and is handed on without a copy.
    return this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
  }

  #succeed(isFinished: boolean): void {
    if (this.#isOver) return
    this.#isOver = true
    const bytes = this.#kept ?? this.#assembled(this.#receivedBytes)
    this.#resolve({
      ok: true,
      bytes,
      bytesCut: this.#receivedBytes - bytes.length,
      isDecoded: true,
      isFinished,
      heldBytes: this.#heldBytes,
    })
  }

  #fail(reason: UnreadBody['reason']): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#reader.give(this.#heldBytes)
    this.#chunks = []
    this.#whole = null
    // Without a listener the rest would stop in the socket; it flows on into nothing until the answer is out.
    this.#request.resume()
    this.#resolve({ ok: false, reason })
  }

  #take(bytes: number): boolean {
    if (!this.#reader.take(bytes)) return false
    this.#heldBytes += bytes
    return true
  }
}
