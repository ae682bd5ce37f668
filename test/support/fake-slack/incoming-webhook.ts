import { APP } from './api-method.ts'
import { type MessageContent, refusalOf } from './block-rules.ts'
import { contentOf } from './message-content.ts'
import { parseObject } from './parse-object.ts'
import type { JsonObject } from './schema-checks.ts'
import type { SlackMessage, Workspace } from './workspace.ts'

/** The answer of an incoming webhook: a status and one word of text. */
export interface WebhookAnswer {
  readonly status: number
  readonly text: string
  readonly message?: SlackMessage
}

/** The path of the webhook that posts to a channel. */
export function webhookPath(teamId: string, channel: string): string {
  return `/services/${teamId}/B${channel}/fake-secret-of-${channel}`
}

/** The channel that a webhook path posts to, or the answer for a path that posts nowhere. */
export function channelOfWebhook(workspace: Workspace, path: string): string | WebhookAnswer {
  const [, , team, service = '', secret] = path.split('/')
  const channel = workspace.channels.find(({ id }) => service === `B${id}`)
  if (team !== workspace.teamId || channel === undefined) return { status: 404, text: 'no_service' }
  return webhookPath(team, channel.id).endsWith(`/${secret}`) ? channel.id : { status: 403, text: 'invalid_token' }
}

/** Reads the JSON of a webhook request: the body itself, or the form field `payload`. */
export function readWebhookPayload(body: string): JsonObject | undefined {
  const text = body.startsWith('payload=') ? (new URLSearchParams(body).get('payload') ?? '') : body
  return parseObject(text)
}

/** Posts what an incoming webhook was sent, or says in Slack's one word why not. */
export function postByWebhook(workspace: Workspace, channelId: string, payload: JsonObject | undefined): WebhookAnswer {
  const channel = workspace.channel(channelId)
  if (payload === undefined) return { status: 400, text: 'invalid_payload' }
  if (channel.isArchived) return { status: 410, text: 'channel_is_archived' }
  const refusal = refusalOf(payload as MessageContent, 'post')
  if (refusal !== undefined) return { status: 400, text: refusal.error }
  const threadTs = payload['thread_ts']
  const content = contentOf(payload)
  const message = workspace.post(channel, {
    author: APP.userId,
    content,
    threadTs: typeof threadTs === 'string' ? threadTs : undefined,
  })
  return { status: 200, text: 'ok', message }
}
