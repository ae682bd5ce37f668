import type { LookupAddress } from 'node:dns'
import { type RequestOptions, request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { type AddressPolicy, answerWith, codeOfFault, type LookupAll, resolveReceiver } from './resolve-receiver.ts'

/** One request, and the rules about where it may go. */
export interface WebhookPost {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly policy: AddressPolicy
  readonly timeoutMs: number
  /** Certificates that are trusted instead of the system's; tests only. */
  readonly ca?: string
}

/** What came of a request. No text in it holds a part of the URL, a header, or anything that the receiver wrote. */
export type Exchange =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter: string | null }
  | { readonly kind: 'address-refused'; readonly detail: string }
  | { readonly kind: 'failed'; readonly reason: 'timeout' | 'unreachable'; readonly detail: string }

/** Nothing of an answer's body is needed; this much is read so that a receiver can end what it began. */
const MOST_READ_BYTES = 65_536

/**
 * Posts once, to an address that was checked, and follows no redirect. Never throws. A connection of its own per
 * request: one that was kept could have been closed by the receiver while the request is under way.
 */
export async function postOnce(post: WebhookPost, lookup: LookupAll, stop: AbortSignal): Promise<Exchange> {
  const timeout = AbortSignal.timeout(post.timeoutMs)
  const signal = AbortSignal.any([stop, timeout])
  try {
    if (stop.aborted) return { kind: 'failed', reason: 'timeout', detail: 'was stopped before it was sent' }
    const receiver = await until(signal, resolveReceiver(post.url, post.policy, lookup))
    if (receiver.kind === 'refused') return { kind: 'address-refused', detail: receiver.detail }
    return await exchange(post, receiver.addresses, signal)
  } catch (error) {
    if (stop.aborted) return { kind: 'failed', reason: 'timeout', detail: 'was stopped before its answer' }
    if (timeout.aborted)
      return { kind: 'failed', reason: 'timeout', detail: `had no answer within ${post.timeoutMs / 1_000} s` }
    return { kind: 'failed', reason: 'unreachable', detail: `failed on the network (${codeOfFault(error)})` }
  }
}

function exchange(post: WebhookPost, addresses: readonly LookupAddress[], signal: AbortSignal): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions = {
      method: 'POST',
      agent: false,
      headers: { ...post.headers, 'content-length': Buffer.byteLength(post.body) },
      lookup: answerWith(addresses),
      signal,
    }
    const request = post.url.protocol === 'https:' ? requestTls : requestPlain
    const sent = request(post.url, { ...options, ...(post.ca !== undefined && { ca: post.ca }) }, (response) => {
      let read = 0
      response.on('data', (chunk: Buffer) => {
        read += chunk.length
        if (read > MOST_READ_BYTES) response.destroy()
      })
      // The status has been read; what breaks behind it changes nothing.
      response.on('error', () => undefined)
      const retryAfter = response.headers['retry-after'] ?? null
      resolve({ kind: 'answered', status: response.statusCode ?? 0, retryAfter })
    })
    sent.on('error', reject)
    sent.end(post.body)
  })
}

async function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  return await Promise.race([work, stopped])
}
