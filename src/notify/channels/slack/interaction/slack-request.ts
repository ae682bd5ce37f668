import { INCIDENT_ACTION_IDS } from '../incident-actions.ts'

/** The ids of what people click, as the messages name them. */
export const BUTTONS = Object.values(INCIDENT_ACTION_IDS)
export type ButtonId = (typeof BUTTONS)[number]

/** The ids of our modals. */
export const MODALS = ['nunchi:more', 'nunchi:declare', 'nunchi:add-to-timeline'] as const
export type ModalId = (typeof MODALS)[number]

/** The ids of the entries that we add to the menu of a message. */
export const SHORTCUTS = ['nunchi:declare-from-message', 'nunchi:add-to-timeline'] as const
export type ShortcutId = (typeof SHORTCUTS)[number]

/** Where an answer can be shown to one person alone. */
export interface ReplyPlace {
  /** Takes five answers within half an hour. Null where Slack gave none. */
  readonly responseUrl: string | null
  readonly channel: string | null
  readonly threadTs: string | null
  /** The person looks at the Home tab: what happened is said there. */
  readonly isHome: boolean
}

/** The contents of a modal, by the id of the input block. */
export type ModalValues = Readonly<Record<string, string | readonly string[] | null>>

/** What a modal was opened for; comes back with its submission. */
export interface ModalContext {
  readonly incidentId: string | null
  readonly place: ReplyPlace
  /** What a note is made of, where the modal only asks for the incident. */
  readonly note: string | null
  /** The language in which the modal was shown. */
  readonly language: 'en' | 'ko'
}

/** What somebody asked for, without anything that is not needed to do it. */
export type SlackRequest =
  | {
      readonly kind: 'button'
      readonly button: ButtonId
      readonly incidentId: string
      /** Of a menu: the option. */
      readonly option: string | null
      readonly triggerId: string | null
      readonly place: ReplyPlace
    }
  | {
      readonly kind: 'submission'
      readonly modal: ModalId
      readonly values: ModalValues
      readonly context: ModalContext
    }
  | { readonly kind: 'command'; readonly text: string; readonly triggerId: string | null; readonly place: ReplyPlace }
  | {
      readonly kind: 'shortcut'
      readonly shortcut: ShortcutId
      readonly triggerId: string | null
      readonly place: ReplyPlace
      readonly channel: string
      readonly messageTs: string
      readonly text: string
    }
  | { readonly kind: 'home-opened' }
  /** A reply in a thread that begins with :memo:, without that beginning. */
  | { readonly kind: 'memo'; readonly channel: string; readonly threadTs: string; readonly text: string }

/** A request as it is kept: who asks, and where that person was. */
export interface KeptRequest {
  readonly userId: string
  readonly request: SlackRequest
}
