import type { IncidentMessage, Mention, StormDigest } from '../../channel.ts'
import type { Block, ColouredAttachment, LegacyAttachment } from './block-kit.ts'
import { clampBlocks } from './clamp-blocks.ts'
import { clampMrkdwn } from './clamp-text.ts'
import { escapeMrkdwn, escapeUnlinked } from './escape-mrkdwn.ts'
import { mention, mrkdwn, plainText, textObject, value, words } from './message-tree.ts'
import type { RenderedMessage } from './rendered-message.ts'

export type RungName = 'full' | 'short' | 'plain'

/** What of a message goes to Slack, by the names of its arguments. Nothing here unfurls or parses names; only `text` mentions. */
export interface MessageContent {
  readonly attachments?: readonly [ColouredAttachment | LegacyAttachment]
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
/** `chat.update` takes a tenth of the text that `chat.postMessage` takes: 4,000 bytes, by measurement of others. */
const MOST_TEXT_BYTES = 3_900
const MOST_SUMMARY = 600
const MOST_MENTIONS = 20
/** Slack takes 50 blocks in a message, but people report `invalid_attachments` from 20 on inside an attachment. */
const MOST_ATTACHED_BLOCKS = 20
const NO_PREVIEWS = { unfurl_links: false, unfurl_media: false } as const

/**
 * The forms of a message, richest first: blocks, few short blocks, plain text. Each is within Slack's limits, as
 * far as they are known; the poorer ones are for those that are not.
 */
export const RUNGS: Readonly<Record<RungName, (rendered: RenderedMessage) => MessageContent>> = {
  full: (rendered) => (rendered.legacy === undefined ? attached(rendered, rendered.blocks) : legacyForm(rendered)),
  short: (rendered) =>
    attached(rendered, [
      { type: 'header', text: { ...plainText([value(rendered.headline)]), emoji: true } },
      { type: 'section', text: textObject([value(rendered.facts.join('\n').slice(0, 1_000), 'many')]) },
    ]),
  plain: ({ headline, facts, mentions }) => ({
    text: clampText(`${callOf(mentions)}${escapeMrkdwn([headline, ...facts].join('\n'), 'many')}`),
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

/** What programs may want to know of a digest, by which it is found again. */
export function metadataOfDigest({ deliveryId }: Pick<StormDigest, 'deliveryId'>): MessageMetadata {
  return { event_type: METADATA_EVENT, event_payload: { delivery_id: deliveryId, purpose: 'digest' } }
}

function attached(rendered: RenderedMessage, blocks: readonly Block[]): MessageContent {
  const { color, summary, mentions } = rendered
  const line = escapeUnlinked(summary)
  const attachment = {
    color,
    fallback: clampMrkdwn(line, MOST_FALLBACK),
    blocks: clampBlocks(blocks, MOST_ATTACHED_BLOCKS),
  }
  const call = callOf(mentions)
  // Without blocks of its own a message shows its `text` above the attachment, and the headline would stand there
  // twice. Notifications use `fallback` then. Where somebody is called, the notification is what wakes them, and it
  // shows `text` alone: there the line stands twice.
  const text = call === '' ? {} : ({ text: `${call}${clampMrkdwn(line, MOST_SUMMARY)}`, parse: 'none' } as const)
  return { ...text, attachments: [attachment], ...NO_PREVIEWS }
}

function legacyForm({ legacy, mentions }: RenderedMessage): MessageContent {
  if (legacy === undefined) throw new Error('Only messages of the old form have one')
  const text = clampText(`${callOf(mentions)}${legacy.text}`)
  return { text, attachments: [legacy.attachment], ...NO_PREVIEWS }
}

/** The mentions with a space behind them; empty when nobody is called. Unknown ids are left out. */
function callOf(mentions: readonly Mention[]): string {
  const nodes = mentions.slice(0, MOST_MENTIONS).flatMap((target) => mention(target) ?? [])
  return mrkdwn(nodes.flatMap((node) => [node, words(' ')]))
}

function clampText(text: string): string {
  let most = MOST_FALLBACK
  let cut = clampMrkdwn(text, most)
  while (Buffer.byteLength(cut) > MOST_TEXT_BYTES) {
    most = Math.floor(most * 0.8)
    cut = clampMrkdwn(text, most)
  }
  return cut
}
