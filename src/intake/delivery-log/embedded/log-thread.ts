import { promisify } from 'node:util'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { zstdCompress } from 'node:zlib'
import type { DeliverySummary, ListRequest, StoredDelivery } from '../delivery-log.ts'
import { COMPRESSION, type Segment } from '../segment.ts'
import { type FileStats, type FileTrimRequest, LogFile } from './log-file.ts'

export const LOG_THREAD_ROLE = 'delivery-log'

export type LogCall = { readonly id: number } & (
  | { readonly op: 'append'; readonly segments: readonly Segment[] }
  | { readonly op: 'get'; readonly seq: number }
  | { readonly op: 'list'; readonly request: ListRequest }
  | { readonly op: 'trim'; readonly request: FileTrimRequest }
  | { readonly op: 'stats' }
  | { readonly op: 'countOnBehind'; readonly seq: number }
  | { readonly op: 'close' }
)

export type LogResult = number[] | StoredDelivery | DeliverySummary[] | FileStats | number | null
export type LogAnswer =
  | { readonly id: number; readonly result?: LogResult; readonly error?: string }
  | { readonly ready: true; readonly logId: string }
  | { readonly ready: false; readonly error: string }

const compress = promisify(zstdCompress)

/** The body of the thread that owns the log file: every write to it happens here, one commit after another. */
export function runLogThread(): void {
  const port = parentPort as MessagePort
  let file: LogFile
  try {
    file = new LogFile((workerData as { path: string }).path)
  } catch (error) {
    port.postMessage({ ready: false, error: String(error) } satisfies LogAnswer)
    port.close()
    return
  }
  port.postMessage({ ready: true, logId: file.logId } satisfies LogAnswer)
  port.on('message', async (call: LogCall) => {
    port.postMessage(await answer(file, call))
    if (call.op === 'close') port.close()
  })
}

async function answer(file: LogFile, call: LogCall): Promise<LogAnswer> {
  try {
    return { id: call.id, result: await perform(file, call) }
  } catch (error) {
    return { id: call.id, error: error instanceof Error ? error.message : String(error) }
  }
}

async function perform(file: LogFile, call: LogCall): Promise<LogResult> {
  switch (call.op) {
    case 'append':
      return file.append(await Promise.all(call.segments.map(compressLarge)))
    case 'get':
      return file.get(call.seq)
    case 'list':
      return file.list(call.request)
    case 'trim':
      return file.trim(call.request)
    case 'stats':
      return file.stats()
    case 'countOnBehind':
      file.countOnBehind(call.seq)
      return null
    case 'close':
      file.close()
      return null
  }
}

export const LARGE_BYTES = 1024 * 1024

/** A 60 MB body takes a quarter of a second to compress: in the thread pool, so that small ones commit meanwhile. */
async function compressLarge(segment: Segment): Promise<Segment> {
  if (segment.bytes.length < LARGE_BYTES) return segment
  return { ...segment, bytes: await compress(segment.bytes, COMPRESSION), isCompressed: true }
}
