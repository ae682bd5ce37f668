import type { Answer, Outgoing } from './delivery.ts'
import { encodeBody } from './encode-body.ts'
import { type SignedRequest, signRequest, type Tampering } from './sign-request.ts'

/** The addresses that an app has given Slack. */
export interface RequestUrls {
  /** Buttons, menus, modals and shortcuts. */
  readonly interactions: string
  readonly commands: string
  readonly events: string
}

/** A request and where it goes. */
export type AddressedRequest = SignedRequest & { readonly url: string }

/** Writes and signs what goes out, wrong where the test wants it wrong. */
export function prepareRequest(
  outgoing: Outgoing,
  to: { readonly urls: RequestUrls; readonly secret: string; readonly nowMs: number },
  tampering: Tampering,
): AddressedRequest {
  const { kind, payload, retry } = outgoing
  const { type, body } = encodeBody(kind, payload)
  const signed = signRequest(body, to, tampering)
  const headers: Record<string, string> = {
    'content-type': type,
    'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
  }
  if (retry !== undefined) {
    headers['x-slack-retry-num'] = String(retry.num)
    headers['x-slack-retry-reason'] = retry.reason
  }
  return { url: urlFor(kind, to.urls), headers: { ...headers, ...signed.headers }, body: signed.body }
}

/** Sends a request and waits as long as Slack waits; whatever goes wrong is an answer, too. */
export async function postDelivery(request: AddressedRequest, timeoutMs: number): Promise<Answer> {
  const { url, headers, body } = request
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
    const text = await response.text()
    const type = response.headers.get('content-type') ?? ''
    const noRetry = response.headers.get('x-slack-no-retry') === '1'
    return { kind: 'answered', status: response.status, type, text, ...(noRetry ? { noRetry } : {}) }
  } catch (error) {
    if (signal.aborted) return { kind: 'timeout' }
    return { kind: 'unreachable', reason: error instanceof Error ? String(error.cause ?? error) : String(error) }
  }
}

function urlFor(kind: Outgoing['kind'], urls: RequestUrls): string {
  if (kind === 'command' || kind === 'ssl_check') return urls.commands
  return kind === 'event' || kind === 'url_verification' ? urls.events : urls.interactions
}
