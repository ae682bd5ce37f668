import type { Channel, IncidentMessage, SendOutcome } from '../../channel.ts'
import { outcomeOfExchange } from './outcome-of-exchange.ts'
import { postOnce, type WebhookPost } from './post-once.ts'
import { type LookupAll, lookupAll } from './resolve-receiver.ts'
import type { WebhookSettings } from './settings-schema.ts'
import { signBody } from './sign-body.ts'
import { webhookBody, webhookBodyText } from './webhook-body.ts'

/** What a webhook takes from outside. */
export interface WebhookDeps {
  readonly now: () => number
  /** Finds the addresses of a host; each is checked, and only these are connected to. */
  readonly lookup?: LookupAll
  /** The value of the header User-Agent. */
  readonly userAgent?: string
  readonly ca?: string
}

/**
 * A generic outgoing webhook: every message is one signed POST of the JSON in `docs/webhook.md`. What was told cannot be
 * changed, so each piece of news is an event of its own; all of one incident carry the same thread. A receiver tells a
 * repetition by the idempotency key, which is the delivery id.
 */
export function createWebhookChannel(settings: WebhookSettings, deps: WebhookDeps): Channel {
  return {
    id: settings.id,
    kind: 'webhook',
    hasThreads: true,
    pace: { perSecond: settings.messagesPerSecond, burst: settings.burst },
    send: async (message, signal) => await send(settings, deps, message, signal),
  }
}

async function send(
  settings: WebhookSettings,
  deps: WebhookDeps,
  message: IncidentMessage,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const exchange = await postOnce(postOf(settings, deps, message), deps.lookup ?? lookupAll, signal)
  const failure = outcomeOfExchange(exchange, settings.id, deps.now())
  return failure ?? { kind: 'delivered', id: message.deliveryId, threadId: message.thread?.id ?? null, place: null }
}

function postOf(settings: WebhookSettings, deps: WebhookDeps, message: IncidentMessage): WebhookPost {
  const now = deps.now()
  const body = webhookBodyText(webhookBody(message, now))
  const timestamp = Math.floor(now / 1_000)
  return {
    url: new URL(settings.url),
    headers: {
      ...settings.headers,
      'content-type': 'application/json; charset=utf-8',
      'user-agent': deps.userAgent ?? 'Nunchi',
      'idempotency-key': message.deliveryId,
      'x-nunchi-event': message.purpose,
      'x-nunchi-timestamp': String(timestamp),
      ...(settings.secret !== undefined && { 'x-nunchi-signature': signBody(settings.secret, timestamp, body) }),
    },
    body,
    policy: settings,
    timeoutMs: settings.timeoutMs,
    ...(deps.ca !== undefined && { ca: deps.ca }),
  }
}
