import type { Actor } from '../../../../domain/actor.ts'
import type { Language } from '../../../../domain/language.ts'
import type { Db } from '../../../../store/database.ts'
import type { SlackLine } from '../call-slack.ts'
import type { IncidentDesk } from './incident-desk.ts'
import type { InteractionTexts } from './interaction-texts.ts'
import type { MoveTarget } from './more-modal.ts'
import type { SlackReceipt } from './slack-receipt-repository.ts'

/** What everybody who does something for a person in Slack needs. */
export interface Desk {
  readonly db: Db
  readonly tenantId: string
  readonly now: () => number
  readonly incidents: IncidentDesk
  /** The channels that an incident can be moved to; their ids are those of the projection. */
  readonly channels: readonly MoveTarget[]
  /** Who looks at the Home tab these days: it is brought up to date when they act elsewhere. */
  readonly homes: Map<string, number>
  /** A person could not be told something. What was asked for is done nevertheless. */
  readonly onUntold: (facts: { readonly what: string; readonly detail: string }) => void
}

/** One request of one person, who is known and may at least read. */
export interface Visit {
  readonly desk: Desk
  readonly receipt: SlackReceipt
  readonly line: SlackLine
  readonly actor: Actor
  readonly language: Language
  readonly texts: InteractionTexts
}
