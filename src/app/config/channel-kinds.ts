import type { z } from 'zod'
import type { ChannelContext } from './config-shape.ts'
import { emailChannelKind } from './email-channel-kind.ts'
import { previewChannelKind, slackChannelKind, slackWebhookChannelKind } from './slack-channel-kinds.ts'
import { webhookChannelKind } from './webhook-channel-kind.ts'

/** What the configuration needs to know of a kind of channel. */
export interface ChannelKind {
  readonly kind: string
  /** Its settings as they are written; secrets are `Secret` (`channelSettings`). */
  readonly settings: z.ZodObject
  /** Names the place for people; holds no secret. */
  readonly labelOf: (settings: never) => string
  /** Whether its messages follow their incident; absent where they never do. */
  readonly isLive?: (settings: never, context: ChannelContext) => boolean
  /** The settings that the channel is made with, where they need more than what is written. `id` is added to them. */
  readonly complete?: (settings: never, context: ChannelContext) => object
  /** Its settings in the form of the file, where they are kept in another. */
  readonly asWritten?: (settings: never) => object
}

/** Every kind of channel that can be configured; `src/app/build-channels.ts` makes them. The order is that of the documents. */
export const CHANNEL_KINDS: readonly [ChannelKind, ...ChannelKind[]] = [
  slackChannelKind,
  slackWebhookChannelKind,
  webhookChannelKind,
  emailChannelKind,
]

/** The kind of that name, the preview among them. Throws for one that the schema would have refused. */
export function channelKindOf(name: string): ChannelKind {
  const found = [...CHANNEL_KINDS, previewChannelKind].find(({ kind }) => kind === name)
  if (found === undefined) throw new Error(`There is no channel of kind ${name}`)
  return found
}
