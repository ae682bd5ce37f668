import type { StoredContent } from '../workspace.ts'
import type { Choice } from './choose.ts'
import type { Delivery } from './delivery.ts'

/** What a person clicks: something in a message, or in the view with that id (`home`: their App Home). */
export type ClickTarget = {
  readonly actionId: string
  readonly blockId?: string
  /** Which button, where several have the same action_id. */
  readonly value?: string
  /** What is chosen in a menu: the value of an option, or the id of a person or channel. */
  readonly selectedOption?: Choice
} & ({ readonly channel: string; readonly ts: string } | { readonly view: string })

/** What came of something that a person did. */
export interface Happening {
  readonly delivery: Delivery
  /** Until the app answered, or Slack gave up. */
  readonly roundTripMs: number
  /** What the person sees go wrong; absent when all is well. */
  readonly error?: string
  /** The errors that a modal shows beside its fields, by block_id. */
  readonly fieldErrors?: Readonly<Record<string, string>>
  /** What a slash command was answered with. */
  readonly shown?: StoredContent
}
