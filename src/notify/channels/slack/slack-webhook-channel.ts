import type { Channel, IncidentMessage, SendOutcome } from '../../channel.ts'
import type { SlackFetch } from './call-slack.ts'
import { poorerRung, RUNGS, type RungName } from './message-rungs.ts'
import { type Verdict, verdictOf } from './outcome-of-failure.ts'
import { isErrorName } from './refusals.ts'
import type { SlackDeps } from './slack-channel.ts'
import { networkFailure, retryDelayMs, type SlackFailure, statusFailure } from './slack-failure.ts'
import type { SlackWebhookSettings } from './slack-settings.ts'
import { templateOf } from './templates/template-of.ts'

interface Sender extends Required<SlackDeps> {
  readonly settings: SlackWebhookSettings
}

/** What people read instead of the URL, which is a secret. */
const PLACE = 'the incoming webhook'

/**
 * A Slack incoming webhook: the same messages, each on its own, because the answer names no message to reply to.
 * A lost answer stays lost: there is nothing to look it up with.
 */
export function createSlackWebhookChannel(settings: SlackWebhookSettings, deps: SlackDeps = {}): Channel {
  const sender: Sender = {
    settings,
    fetch: deps.fetch ?? globalThis.fetch,
    template: deps.template ?? templateOf(settings.template),
    onDegrade: deps.onDegrade ?? (() => undefined),
  }
  return {
    id: settings.id,
    kind: 'slack-webhook',
    hasThreads: false,
    pace: { perSecond: settings.postsPerSecond, burst: settings.burst },
    send: async (message, signal) => await sendDegrading(sender, message, signal),
  }
}

async function sendDegrading(sender: Sender, message: IncidentMessage, signal: AbortSignal): Promise<SendOutcome> {
  const rendered = sender.template(message, { standsAlone: true })
  let rung: RungName = 'full'
  for (;;) {
    const failure = await post(sender, JSON.stringify(RUNGS[rung](rendered)), signal)
    if (failure === null) return { kind: 'delivered', id: `webhook-${message.deliveryId}`, threadId: null, place: null }
    const verdict: Verdict = verdictOf(failure, { place: PLACE, isReply: false })
    if (verdict.kind !== 'degrade') return verdict
    sender.onDegrade({ channelId: sender.settings.id, subject: message.incident.id, rung, detail: verdict.detail })
    const poorer = poorerRung(rung)
    if (poorer === null)
      return {
        kind: 'rejected',
        reason: 'message-refused',
        detail: `Slack refuses the message in every form, the last as plain text: ${verdict.detail}`,
      }
    rung = poorer
  }
}

/** Posts once. Null when Slack took it. */
async function post({ settings, fetch }: Sender, body: string, signal: AbortSignal): Promise<SlackFailure | null> {
  const { host } = new URL(settings.url)
  if (signal.aborted) return { kind: 'not-done', reason: 'timeout', detail: `Stopped before ${host} was called` }
  let status: number | null = null
  let response: Awaited<ReturnType<SlackFetch>>
  let text: string
  try {
    response = await fetch(settings.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(settings.timeoutMs)]),
    })
    status = response.status
    text = (await response.text()).trim()
  } catch (error) {
    return networkFailure(error, { wasSent: true, status, retryAfter: null, host })
  }
  return failureOfAnswer({ status: response.status, retryAfter: response.headers.get('retry-after'), text }, host)
}

interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly text: string
}

function failureOfAnswer({ status, retryAfter, text }: Answer, host: string): SlackFailure | null {
  if (status === 200 && text === 'ok') return null
  if (status === 429) return { kind: 'rate-limited', afterMs: retryDelayMs(retryAfter) }
  if (status === 200)
    return { kind: 'unclear', reason: 'bad-answer', detail: `${host} answered HTTP 200 without Slack's "ok"` }
  if (status >= 500) return statusFailure(status, host)
  const refused: SlackFailure = { kind: 'refused', error: text, needed: '', explanation: '' }
  // Slack says one word such as `channel_is_archived`; anything else was said by somebody in between.
  if (isErrorName(text) && text.includes('_')) return refused
  if (status === 404 || status === 410) return { ...refused, error: 'no_service' }
  return statusFailure(status, host)
}
