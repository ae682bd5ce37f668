import type { IncidentMessage } from '../../channel.ts'
import type { Block, ColouredAttachment } from './block-kit.ts'
import { clampBlocks } from './clamp-blocks.ts'
import { clampMrkdwn } from './clamp-text.ts'
import { escapeMrkdwn } from './escape-mrkdwn.ts'
import { plainText, textObject, value } from './message-tree.ts'
import type { RenderedMessage } from './rendered-message.ts'

export type RungName = 'full' | 'short' | 'plain'

/** What of a message goes to Slack, by the names of its arguments. Nothing here mentions, unfurls or parses names. */
export interface MessageContent {
  readonly attachments?: readonly [ColouredAttachment]
  readonly text?: string
  readonly mrkdwn?: false
  readonly parse?: 'none'
  readonly unfurl_links: false
  readonly unfurl_media: false
}

/** Metadata that Slack keeps with the message: how a message whose answer was lost is found again. */
export interface MessageMetadata {
  readonly event_type: typeof METADATA_EVENT
  readonly event_payload: Readonly<Record<string, string | number>>
}

export const METADATA_EVENT = 'nunchi_incident'

const MOST_FALLBACK = 3_000
/** Slack takes 50 blocks in a message, but people report `invalid_attachments` from 20 on inside an attachment. */
const MOST_ATTACHED_BLOCKS = 20
const NO_PREVIEWS = { unfurl_links: false, unfurl_media: false } as const

/**
 * The forms of a message, richest first: blocks, few short blocks, plain text. Each is within Slack's limits, as
 * far as they are known; the poorer ones are for those that are not.
 */
export const RUNGS: Readonly<Record<RungName, (rendered: RenderedMessage) => MessageContent>> = {
  // Without blocks of its own a message shows its `text` above the attachment, and the headline would stand there
  // twice. Notifications use `fallback` then.
  full: (rendered) => attached(rendered, rendered.blocks),
  short: (rendered) =>
    attached(rendered, [
      { type: 'header', text: { ...plainText([value(rendered.headline)]), emoji: true } },
      { type: 'section', text: textObject([value(rendered.facts.join('\n').slice(0, 1_000), 'many')]) },
    ]),
  plain: ({ headline, facts }) => ({
    text: clampMrkdwn(escapeMrkdwn([headline, ...facts].join('\n'), 'many'), MOST_FALLBACK),
    mrkdwn: false,
    parse: 'none',
    ...NO_PREVIEWS,
  }),
}

/** The next poorer form; null when there is none. */
export function poorerRung(rung: RungName): RungName | null {
  if (rung === 'plain') return null
  return rung === 'full' ? 'short' : 'plain'
}

/** What programs may want to know of a message. People never see it. */
export function metadataOf({ incident, deliveryId, purpose }: IncidentMessage): MessageMetadata {
  const ids = { incident_id: incident.id, delivery_id: deliveryId, tenant_id: incident.tenantId }
  return { event_type: METADATA_EVENT, event_payload: { ...ids, incident_number: incident.number, purpose } }
}

function attached({ color, summary }: RenderedMessage, blocks: readonly Block[]): MessageContent {
  // Clients that show `fallback` as text make links of the addresses in it, and those can be anybody's.
  const fallback = clampMrkdwn(escapeMrkdwn(summary).replaceAll('://', ':∕∕'), MOST_FALLBACK)
  return { attachments: [{ color, fallback, blocks: clampBlocks(blocks, MOST_ATTACHED_BLOCKS) }], ...NO_PREVIEWS }
}
