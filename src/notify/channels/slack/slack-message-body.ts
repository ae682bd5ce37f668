import type { IncidentMessage } from '../../channel.ts'
import { type MessageContent, type MessageMetadata, metadataOf, RUNGS } from './message-rungs.ts'
import type { MessageTemplate } from './rendered-message.ts'

export type SlackMessageBody = MessageContent & { readonly metadata: MessageMetadata; readonly thread_ts?: string }

/** The body that Slack would be sent for a message, without the channel: for previews. */
export function slackMessageBody(message: IncidentMessage, template: MessageTemplate): SlackMessageBody {
  const thread = message.thread === null ? {} : { thread_ts: message.thread.id }
  return { ...RUNGS.full(template(message)), metadata: metadataOf(message), ...thread }
}
