import type { IncidentMessage, Mention } from '../../channel.ts'
import type { Block, LegacyAttachment } from './block-kit.ts'

/** A message in its full form and with what the poorer forms are made of, should Slack refuse it. */
export interface RenderedMessage {
  readonly color: string
  readonly blocks: readonly Block[]
  /** Present where the full form is a text with an attachment of the old kind, in place of `blocks`. */
  readonly legacy?: LegacyForm
  /** What it is about, with its icon. Untrusted text, not yet escaped, like the two below. */
  readonly headline: string
  /** One line for notifications. */
  readonly summary: string
  /** The facts that must not be missing from the poorest form, one a line. */
  readonly facts: readonly string[]
  /** Whom it calls. Not part of what it shows: an edit calls nobody. */
  readonly mentions: readonly Mention[]
}

export interface LegacyForm {
  /** mrkdwn, escaped already. */
  readonly text: string
  readonly attachment: LegacyAttachment
}

/** For what a message is rendered. */
export interface RenderUse {
  /** It replaces what a root shows: it calls nobody. */
  readonly isEdit?: boolean
  /** There are no threads and no edits: news must be told by the message itself, and it has no buttons. */
  readonly standsAlone?: boolean
}

/** A preset of messages. Pure. */
export type MessageTemplate = (message: IncidentMessage, use?: RenderUse) => RenderedMessage
