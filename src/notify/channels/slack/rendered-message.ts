import type { IncidentMessage } from '../../channel.ts'
import type { Block } from './block-kit.ts'

/** A message in its full form and with what the poorer forms are made of, should Slack refuse it. */
export interface RenderedMessage {
  readonly color: string
  readonly blocks: readonly Block[]
  /** What it is about, with its icon. Untrusted text, not yet escaped, like the two below. */
  readonly headline: string
  /** One line for notifications. */
  readonly summary: string
  /** The facts that must not be missing from the poorest form, one a line. */
  readonly facts: readonly string[]
}

/** A preset of messages. Pure. */
export type MessageTemplate = (message: IncidentMessage) => RenderedMessage
