import { type FetchFunction, type Logger, LogLevel, WebClient } from '@slack/web-api'
import { type Exchange, failureOf, type SlackFailure } from './slack-failure.ts'
import type { SlackSettings } from './slack-settings.ts'

export type SlackFetch = FetchFunction

/** Where to call, and who stops it. */
export interface SlackLine {
  readonly settings: Pick<SlackSettings, 'botToken' | 'apiUrl' | 'timeoutMs'>
  readonly fetch: SlackFetch
  readonly signal: AbortSignal
}

export type SlackAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: SlackFailure }

const nothing = (): void => undefined
/** Every failure is returned, so a line on the console would only repeat it, outside of our log and its redaction. */
export const silentSlackLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => LogLevel.ERROR,
}

/**
 * One call through Slack's client, with the client's own retries and waiting off: whoever calls has a durable queue.
 * Never throws. A client per call, because only so can a signal stop this call and no other.
 */
export async function callSlack<T>(line: SlackLine, call: (client: WebClient) => Promise<T>): Promise<SlackAnswer<T>> {
  const { settings, signal } = line
  const host = new URL(settings.apiUrl).host
  if (signal.aborted)
    return { ok: false, failure: { kind: 'not-done', reason: 'timeout', detail: `Stopped before ${host} was called` } }
  let exchange: Exchange = { wasSent: false, status: null, retryAfter: null, host }
  const fetch: SlackFetch = async (url, init) => {
    exchange = { ...exchange, wasSent: true }
    const response = await line.fetch(url, {
      ...init,
      signal: init?.signal ? AbortSignal.any([init.signal, signal]) : signal,
    })
    exchange = { ...exchange, status: response.status, retryAfter: response.headers.get('retry-after') }
    return response
  }
  const client = new WebClient(settings.botToken, {
    slackApiUrl: settings.apiUrl,
    timeout: settings.timeoutMs,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    maxRequestConcurrency: 1,
    logger: silentSlackLogger,
    fetch,
  })
  try {
    return { ok: true, value: await call(client) }
  } catch (error) {
    return { ok: false, failure: failureOf(error, exchange) }
  }
}
