import type { Worker } from 'node:worker_threads'
import type { SpawnThread } from '../../../store/dialects/sqlite/sqlite-thread.ts'
import {
  type Delivery,
  type DeliveryLog,
  type DeliverySummary,
  type ListRequest,
  type LogStats,
  LogUnavailableError,
  type StoredDelivery,
  type TrimRequest,
} from '../delivery-log.ts'
import { segmentsOf } from '../segment.ts'
import type { FileStats } from './log-file.ts'
import { LARGE_BYTES, LOG_THREAD_ROLE, type LogAnswer, type LogCall, type LogResult } from './log-thread.ts'

type CallBody = LogCall extends infer C ? (C extends LogCall ? Omit<C, 'id'> : never) : never

interface Waiting {
  readonly delivery: Delivery
  readonly resolve: (seq: number) => void
  readonly reject: (error: Error) => void
}

/** More than this waiting for the disk and the intake answers 503: memory stays bounded. */
const MOST_WAITING_BYTES = 192 * 1024 * 1024

/**
 * The embedded log as the thread that answers HTTP sees it. Appends that arrive while a commit is under way
 * join the next one (group commit): the busier, the fewer fsyncs each delivery costs. It has one partition.
 */
export class EmbeddedLog implements DeliveryLog {
  readonly #worker: Worker
  readonly #calls = new Map<number, { resolve: (result: LogResult) => void; reject: (error: Error) => void }>()
  #lastCall = 0
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #isCommitting = false
  #end: Error | null = null
  #partition = ''

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  /** Opens the file in a thread of its own. Rejects with what is wrong with the file. */
  static open(path: string, spawn: SpawnThread): Promise<EmbeddedLog> {
    const log = new EmbeddedLog(spawn(LOG_THREAD_ROLE, { path }))
    return new Promise((resolve, reject) => {
      log.#worker.on('message', (message: LogAnswer) => {
        if (!('ready' in message)) return log.#settle(message)
        if (!message.ready) return reject(new LogUnavailableError(`${path} cannot be opened: ${message.error}`))
        log.#partition = message.logId
        resolve(log)
      })
      const onEnd = (error: unknown): void => {
        log.#refuseAll(new LogUnavailableError('its thread has ended', error))
        reject(new LogUnavailableError(`the thread of ${path} has ended`, error))
      }
      log.#worker.on('error', onEnd)
      log.#worker.on('exit', onEnd)
    })
  }

  get partitions(): readonly string[] {
    return [this.#partition]
  }

  partitionOf(): string {
    return this.#partition
  }

  append(delivery: Delivery): Promise<number> {
    if (this.#end) return Promise.reject(this.#end)
    if (this.#waitingBytes + delivery.body.length > MOST_WAITING_BYTES && this.#waiting.length > 0) {
      return Promise.reject(new LogUnavailableError('too much is waiting for the disk'))
    }
    this.#waitingBytes += delivery.body.length
    return new Promise((resolve, reject) => {
      // Compressing a large body takes a while: it has a commit of its own, which small ones need not wait for.
      if (delivery.body.length > LARGE_BYTES) return void this.#commit([{ delivery, resolve, reject }])
      this.#waiting.push({ delivery, resolve, reject })
      // One turn of the event loop gathers what arrived together.
      if (!this.#isCommitting && this.#waiting.length === 1) setImmediate(() => void this.#commitWaiting())
    })
  }

  async #commitWaiting(): Promise<void> {
    if (this.#isCommitting) return
    this.#isCommitting = true
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      await this.#commit(batch)
    }
    this.#isCommitting = false
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const bytes = batch.reduce((sum, { delivery }) => sum + delivery.body.length, 0)
    try {
      const segments = segmentsOf(batch.map(({ delivery }) => delivery))
      const seqs = (await this.#call(
        { op: 'append', segments },
        segments.map(({ bytes }) => bytes.buffer as ArrayBuffer),
      )) as number[]
      batch.forEach(({ resolve }, i) => resolve(seqs[i] as number))
    } catch (error) {
      const reason =
        error instanceof LogUnavailableError
          ? error
          : new LogUnavailableError(error instanceof Error ? error.message : String(error), error)
      for (const { reject } of batch) reject(reason)
    } finally {
      this.#waitingBytes -= bytes
    }
  }

  async get(seq: number): Promise<StoredDelivery | null> {
    return (await this.#call({ op: 'get', seq })) as StoredDelivery | null
  }

  async list(request: ListRequest): Promise<readonly DeliverySummary[]> {
    return (await this.#call({ op: 'list', request })) as DeliverySummary[]
  }

  async trim(request: TrimRequest): Promise<number> {
    const keepFrom = request.keepFrom.get(this.#partition) ?? 0
    return (await this.#call({ op: 'trim', request: { ...request, keepFrom } })) as number
  }

  async stats(): Promise<LogStats> {
    const { lastSeq, ...stats } = (await this.#call({ op: 'stats' })) as FileStats
    return { partitions: [{ partition: this.#partition, lastSeq }], seqStep: 1, ...stats }
  }

  /** Its only partition is the file: that answers, or this rejects. */
  async check(): Promise<readonly []> {
    await this.#call({ op: 'stats' })
    return []
  }

  /** Sees to it that what is appended from now on is numbered higher than `seq`. Rejects with what keeps the file from it. */
  async countOnBehind(seq: number): Promise<void> {
    await this.#call({ op: 'countOnBehind', seq })
  }

  /** Commits what waits, then closes the file. */
  async close(): Promise<void> {
    if (this.#end) return
    while (this.#waiting.length > 0 || this.#isCommitting) await new Promise((resolve) => setImmediate(resolve))
    await this.#call({ op: 'close' })
    this.#end = new LogUnavailableError('it is closed')
  }

  #call(body: CallBody, transfer: ArrayBuffer[] = []): Promise<LogResult> {
    if (this.#end) return Promise.reject(this.#end)
    const id = ++this.#lastCall
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject })
      this.#worker.postMessage({ id, ...body }, transfer)
    })
  }

  #settle(answer: Extract<LogAnswer, { id: number }>): void {
    const call = this.#calls.get(answer.id)
    this.#calls.delete(answer.id)
    if (answer.error !== undefined) call?.reject(new LogUnavailableError(answer.error))
    else call?.resolve(answer.result ?? null)
  }

  #refuseAll(error: Error): void {
    this.#end ??= error
    for (const { reject } of this.#calls.values()) reject(error)
    this.#calls.clear()
  }
}
