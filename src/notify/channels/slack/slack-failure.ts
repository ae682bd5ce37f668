import { WebAPIHTTPError, WebAPIPlatformError } from '@slack/web-api'
import type { FailureReason } from '../../channel.ts'
import { printableText } from '../printable-text.ts'
import { isErrorName } from './refusals.ts'

/** Why a call did not succeed, before anybody decides what follows. No text in it holds a secret. */
export type SlackFailure =
  | { readonly kind: 'rate-limited'; readonly afterMs: number }
  /** Certainly without effect, and passing. */
  | { readonly kind: 'not-done'; readonly reason: FailureReason; readonly detail: string }
  /** Without an answer that says; it may have had its effect. */
  | { readonly kind: 'unclear'; readonly reason: FailureReason; readonly detail: string }
  /** Slack said no and gave the reason a name. */
  | { readonly kind: 'refused'; readonly error: string; readonly needed: string; readonly explanation: string }
  /** The message could not even be written down for sending. */
  | { readonly kind: 'unsendable'; readonly detail: string }

/** What was seen of the HTTP exchange behind a call. */
export interface Exchange {
  /** False until the request was handed to the network. */
  readonly wasSent: boolean
  readonly status: number | null
  readonly retryAfter: string | null
  readonly host: string
}

const LEAST_WAIT_MS = 1_000
const MOST_WAIT_MS = 5 * 60_000
/** For a 429 without a usable Retry-After. Slack always sends one; a proxy in between may not. */
const USUAL_WAIT_MS = 10_000

/** Errors that happen before any byte of the request can have reached its receiver. */
const BEFORE_SENDING = new RegExp(
  '^(ECONNREFUSED|ENOTFOUND|EAI_\\w+|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|EMFILE|ENFILE|UND_ERR_CONNECT_TIMEOUT|' +
    'ERR_TLS_\\w+|ERR_SSL_\\w+|EPROTO|CERT_\\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\\w+|HOSTNAME_MISMATCH)$',
)

/** How long to wait after a 429: what Retry-After says in seconds, at least a second, at most five minutes. */
export function retryDelayMs(retryAfter: string | number | null): number {
  const seconds = retryAfter === null || retryAfter === '' ? Number.NaN : Number(retryAfter)
  return Number.isNaN(seconds) ? USUAL_WAIT_MS : Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, seconds * 1_000))
}

/** Sorts what a call threw. The status decides first: the client throws a 429 in three different shapes. */
export function failureOf(error: unknown, exchange: Exchange): SlackFailure {
  if (exchange.status === 429) return { kind: 'rate-limited', afterMs: retryDelayMs(exchange.retryAfter) }
  if (!exchange.wasSent)
    return {
      kind: 'unsendable',
      detail: `The message could not be encoded (${error instanceof Error ? error.name : 'unknown error'})`,
    }
  if (error instanceof WebAPIPlatformError) return refusalOf(error, exchange)
  if (error instanceof WebAPIHTTPError) return statusFailure(error.statusCode, exchange.host)
  return networkFailure(error, exchange)
}

/** The failure that an HTTP status other than 200 and 429 stands for. */
export function statusFailure(status: number, host: string): SlackFailure {
  if (status >= 500) return { kind: 'unclear', reason: 'server-error', detail: `${host} answered HTTP ${status}` }
  if (status === 408) return { kind: 'not-done', reason: 'timeout', detail: `${host} answered HTTP 408` }
  // Slack answers 200 to everything it understands, so something else spoke: a proxy, or a wrong address.
  return {
    kind: 'not-done',
    reason: 'bad-answer',
    detail: `${host} answered HTTP ${status}, which Slack itself does not; check the address of the API and the proxy`,
  }
}

/** The failure behind an exchange that broke. */
export function networkFailure(error: unknown, exchange: Exchange): SlackFailure {
  const { status, host } = exchange
  const causes = causesOf(error)
  const codes = causes.map(codeOf).filter((code) => code !== '')
  if (causes.some((cause) => /unexpected redirect/i.test(cause.message))) {
    return {
      kind: 'not-done',
      reason: 'bad-answer',
      detail: `${host} redirects elsewhere, which Slack does not; check the address of the API and the proxy`,
    }
  }
  if (status === null && causes.some(isBeforeSending))
    return {
      kind: 'not-done',
      reason: 'unreachable',
      detail: `${host} cannot be reached (${codes.join(', ') || 'no connection'})`,
    }
  if (causes.some(({ name }) => name === 'TimeoutError'))
    return { kind: 'unclear', reason: 'timeout', detail: `${host} did not answer in time` }
  if (causes.some(({ name }) => name === 'AbortError'))
    return { kind: 'unclear', reason: 'timeout', detail: `The call to ${host} was given up before its answer` }
  const reason = status === null ? 'unreachable' : 'bad-answer'
  return {
    kind: 'unclear',
    reason,
    detail: `The connection to ${host} broke before its answer (${codes.join(', ') || 'no details'})`,
  }
}

function refusalOf({ data }: WebAPIPlatformError, exchange: Exchange): SlackFailure {
  const { error, response_metadata: metadata } = data
  if (!isErrorName(error))
    return {
      kind: 'unclear',
      reason: 'bad-answer',
      detail: 'Slack answered with something other than its JSON, such as a maintenance page',
    }
  if (error === 'ratelimited' || error === 'rate_limited')
    return { kind: 'rate-limited', afterMs: retryDelayMs(exchange.retryAfter) }
  const needed = 'needed' in data && isErrorName(data.needed) ? data.needed : ''
  const explanation = (metadata?.messages ?? []).filter((line) => typeof line === 'string').join('; ')
  return { kind: 'refused', error, needed, explanation: printableText(explanation.slice(0, 300)) }
}

function isBeforeSending(cause: Error): boolean {
  const syscall = 'syscall' in cause ? cause.syscall : undefined
  if (syscall === 'read' || syscall === 'write') return false
  if (codeOf(cause) === 'ETIMEDOUT') return syscall === 'connect'
  return BEFORE_SENDING.test(codeOf(cause)) || cause.message.includes('before secure TLS connection was established')
}

function codeOf(cause: Error): string {
  return 'code' in cause && typeof cause.code === 'string' && isErrorName(cause.code) ? cause.code : ''
}

/** An error, its causes and, where several addresses were tried, their errors. The client's own wrapper is among them. */
function causesOf(error: unknown, depth = 0): readonly Error[] {
  if (!(error instanceof Error) || depth > 5) return []
  const several = error instanceof AggregateError ? error.errors.flatMap((each) => causesOf(each, depth + 1)) : []
  return [error, ...several, ...causesOf(error.cause, depth + 1)]
}
