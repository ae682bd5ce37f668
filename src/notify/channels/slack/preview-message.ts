import type { IncidentMessage } from '../../channel.ts'
import { type MessageContent, RUNGS } from './message-rungs.ts'
import { readableMessage } from './readable-message.ts'
import type { RenderedMessage } from './rendered-message.ts'
import { SAMPLE_REPLIES, SAMPLE_ROOTS, sampleDigest, sampleDigestOver } from './sample-messages.ts'
import { digestTemplate } from './templates/digest-template.ts'
import { templateOf } from './templates/template-of.ts'
import type { TemplateOptions } from './templates/template-options.ts'

const DIGESTS = { digest: sampleDigest, 'digest-over': sampleDigestOver } as const
const REPLIES = Object.fromEntries(Object.entries(SAMPLE_REPLIES).map(([name, make]) => [`reply-${name}`, make]))
const MESSAGES: Readonly<Record<string, () => IncidentMessage>> = { ...SAMPLE_ROOTS, ...REPLIES }

/** What can be looked at: roots by the state of their incident, replies, and the digest of a storm. */
export const PREVIEW_STATES: readonly string[] = [...Object.keys(MESSAGES), ...Object.keys(DIGESTS)]

export interface MessagePreview {
  /** As people would read it. */
  readonly lines: readonly string[]
  /** What Slack would be sent. */
  readonly content: MessageContent
  /** Slack's own page that draws it. */
  readonly builderUrl: string
}

/**
 * A sample message as Slack would be sent it. `change` puts an incident of one's own into the sample; a digest has
 * none. Throws on a state that is not in `PREVIEW_STATES`, and on a time zone that does not exist.
 */
export function previewMessage(
  state: string,
  options: Partial<TemplateOptions>,
  change: (sample: IncidentMessage) => IncidentMessage = (sample) => sample,
): MessagePreview {
  const content = RUNGS.full(renderedSample(state, options, change))
  // The page knows no message without blocks of its own but one of attachments alone.
  const drawn = JSON.stringify({ attachments: content.attachments })
  const builderUrl = `https://app.slack.com/block-kit-builder/#${encodeURIComponent(drawn)}`
  return { lines: readableMessage(content), content, builderUrl }
}

function renderedSample(
  state: string,
  options: Partial<TemplateOptions>,
  change: (sample: IncidentMessage) => IncidentMessage,
): RenderedMessage {
  const message = MESSAGES[state]
  if (message !== undefined) return templateOf(options)(change(message()))
  if (state === 'digest' || state === 'digest-over') return digestTemplate(options)(DIGESTS[state]())
  throw new Error(`No sample is called ${state}`)
}
