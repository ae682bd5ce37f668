import type { FailureReason, SendOutcome } from '../../channel.ts'
import type { Exchange } from './post-once.ts'

export type WebhookFailure = Extract<SendOutcome, { kind: 'retry' | 'rejected' }>

const LEAST_WAIT_MS = 1_000
const MOST_WAIT_MS = 5 * 60_000
/** For a 429 that does not say how long. */
const USUAL_WAIT_MS = 10_000

/**
 * What an exchange means for the message; null when it was taken. Whatever is unclear is a retry, not a doubt: the
 * receiver knows a message that it has seen by its idempotency key.
 */
export function outcomeOfExchange(exchange: Exchange, channelId: string, now: number): WebhookFailure | null {
  const name = `webhook ${channelId}`
  switch (exchange.kind) {
    case 'failed':
      return retry(exchange.reason, `The message to ${name} ${exchange.detail}`, null)
    case 'address-refused':
      return rejected('no-such-channel', `Nothing is sent to ${name}. ${exchange.detail}`)
    case 'answered':
      return outcomeOfStatus(exchange, name, now)
  }
}

type Answer = Extract<Exchange, { kind: 'answered' }>

function outcomeOfStatus(answer: Answer, name: string, now: number): WebhookFailure | null {
  const { status } = answer
  const said = `The receiver of ${name} answered HTTP ${status}`
  const afterMs = retryDelayMs(answer.retryAfter, now)
  if (status >= 200 && status < 300) return null
  if (status === 429) return retry('rate-limited', `${said}: too many messages`, afterMs ?? USUAL_WAIT_MS)
  if (status === 408) return retry('timeout', said, afterMs)
  if (status === 425 || (status >= 500 && status < 600)) return retry('server-error', said, afterMs)
  if (status >= 300 && status < 400)
    return rejected('no-such-channel', `${said}: it redirects, which is never followed; set \`url\` to where it leads`)
  if (status === 401 || status === 403)
    return rejected('bad-credentials', `${said}: it refuses who sends; check \`secret\` and \`headers\``)
  if (status === 404 || status === 410)
    return rejected('no-such-channel', `${said}: nothing takes messages there; check \`url\``)
  if (status >= 400 && status < 500)
    return rejected('message-refused', `${said}: it refuses this message; its own log says why`)
  return retry('bad-answer', said, null)
}

/** Reads Retry-After, in seconds or as a date, between a second and five minutes. Null when it says nothing. */
export function retryDelayMs(retryAfter: string | null, now: number): number | null {
  const text = retryAfter?.trim() ?? ''
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now
  return Number.isNaN(ms) ? null : Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, ms))
}

// One URL is one receiver, so what it asks for holds for every message to it.
function retry(reason: FailureReason, detail: string, afterMs: number | null): WebhookFailure {
  return { kind: 'retry', reason, detail, afterMs, pause: 'channel' }
}

function rejected(reason: FailureReason, detail: string): WebhookFailure {
  return { kind: 'rejected', reason, detail }
}
