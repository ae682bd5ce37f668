import type { LookupAddress } from 'node:dns'
import { readFileSync } from 'node:fs'
import { type IncomingMessage, type RequestOptions, request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import type { AskHttp, HttpAnswer, HttpQuestion } from '../intake/reconcile/ask-http.ts'
import {
  type AddressPolicy,
  answerWith,
  codeOfFault,
  type LookupAll,
  lookupAll,
  resolveReceiver,
} from '../notify/channels/webhook/resolve-receiver.ts'
import type { AddressRules } from './config/config-shape.ts'
import { NUNCHI_VERSION } from './version.ts'

/** The rules for the servers of one part of the configuration. */
export interface OutgoingPolicy extends AddressPolicy {
  /** Certificates in PEM that are trusted instead of those that Node trusts; null = the latter. */
  readonly ca: string | null
  readonly userAgent: string
}

/** The rules as the configuration has them. Throws, in words for an operator, when the certificates cannot be read. */
export function addressPolicyOf({ ca, allowPrivateAddresses, allowUnencrypted }: AddressRules): OutgoingPolicy {
  const userAgent = `Nunchi/${NUNCHI_VERSION}`
  return { ca: ca === null ? null : certificatesOf(ca), allowPrivateAddresses, allowUnencrypted, userAgent }
}

function certificatesOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const problem = `The certificates in ${path}, which the setting \`ca\` names, cannot be read`
    throw new Error(`${problem}. Give a file in PEM that Nunchi may read.`, { cause })
  }
}

/**
 * Asks servers that the configuration names. Every address is checked when it is connected to, and no redirect is
 * followed, as for outgoing webhooks.
 */
export function outgoingHttp(policy: OutgoingPolicy, lookup: LookupAll = lookupAll): AskHttp {
  return async (question, stop) => {
    const timeout = AbortSignal.timeout(question.timeoutMs)
    const signal = AbortSignal.any([stop, timeout])
    const { host } = question.url
    try {
      signal.throwIfAborted()
      const resolved = await Promise.race([resolveReceiver(question.url, policy, lookup), rejectedBy(signal)])
      if (resolved.kind === 'refused')
        return { kind: 'failed', problem: `${host} is not asked`, remedy: `${resolved.detail}.` }
      return await exchange(question, policy, { addresses: resolved.addresses, signal })
    } catch (error) {
      if (timeout.aborted) return failed(`${host} had no answer within ${question.timeoutMs / 1000} s`)
      return stop.aborted
        ? failed(`${host} was not asked to the end`)
        : failed(`${host} cannot be reached (${codeOfFault(error)})`)
    }
  }
}

function failed(problem: string): HttpAnswer {
  return {
    kind: 'failed',
    problem,
    remedy: 'Check the address, and that the server runs and can be reached from here.',
  }
}

async function rejectedBy(signal: AbortSignal): Promise<never> {
  return await new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

interface Way {
  readonly addresses: readonly LookupAddress[]
  readonly signal: AbortSignal
}

function exchange(
  { url, method = 'GET', headers }: HttpQuestion,
  { ca, userAgent }: OutgoingPolicy,
  { addresses, signal }: Way,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions = {
      method,
      agent: false,
      // Compressed answers would need their own guard against bombs.
      headers: { 'user-agent': userAgent, accept: 'application/json', 'accept-encoding': 'identity', ...headers },
      lookup: answerWith(addresses),
      signal,
    }
    const request = url.protocol === 'https:' ? requestTls : requestPlain
    const sent = request(url, { ...options, ...(ca !== null && { ca }) }, (response) => resolve(answerOf(response)))
    sent.on('error', reject)
    sent.end()
  })
}

function answerOf(response: IncomingMessage): HttpAnswer {
  const date = Date.parse(response.headers.date ?? '')
  return {
    kind: 'answered',
    status: response.statusCode ?? 0,
    date: Number.isNaN(date) ? null : date,
    body: response,
    drop: () => {
      response.on('error', () => undefined)
      response.destroy()
    },
  }
}
