/** The part of Block Kit that Nunchi's messages are made of. Narrower than Slack's own types, and assignable to them. */
export interface PlainText {
  readonly type: 'plain_text'
  readonly text: string
  readonly emoji: boolean
}

/** `verbatim` is always set: without it Slack makes links of bare URLs and mentions of `@here`. */
export interface Mrkdwn {
  readonly type: 'mrkdwn'
  readonly text: string
  readonly verbatim: true
}

export type TextObject = PlainText | Mrkdwn

export interface HeaderBlock {
  readonly type: 'header'
  readonly block_id?: string
  readonly text: PlainText
}

export interface SectionBlock {
  readonly type: 'section'
  readonly block_id?: string
  readonly text?: TextObject
  readonly fields?: readonly TextObject[]
  readonly accessory?: Button
}

export interface ContextBlock {
  readonly type: 'context'
  readonly block_id?: string
  readonly elements: readonly TextObject[]
}

/** What a click asks back before it counts. */
export interface ConfirmDialog {
  readonly title: PlainText
  readonly text: PlainText
  readonly confirm: PlainText
  readonly deny: PlainText
}

export interface Button {
  readonly type: 'button'
  readonly action_id: string
  readonly text: PlainText
  readonly value: string
  readonly style?: 'primary' | 'danger'
  readonly confirm?: ConfirmDialog
  readonly accessibility_label: string
}

export interface StaticSelect {
  readonly type: 'static_select'
  readonly action_id: string
  readonly placeholder: PlainText
  readonly options: readonly { readonly text: PlainText; readonly value: string }[]
}

/** Nothing of a sender stands in it but ids of ours, so it is within Slack's limits as it is made. */
export interface ActionsBlock {
  readonly type: 'actions'
  readonly block_id?: string
  readonly elements: readonly (Button | StaticSelect)[]
}

export type Block = HeaderBlock | SectionBlock | ContextBlock | ActionsBlock

/** Blocks with a coloured bar. `fallback` is what notifications and clients without blocks show. */
export interface ColouredAttachment {
  readonly color: string
  readonly fallback: string
  readonly blocks: readonly Block[]
}

/** The form from before Block Kit, which system 4 uses. Its texts are mrkdwn, escaped already. */
export interface LegacyAttachment {
  readonly color: string
  readonly fallback?: string
  readonly title: string
  readonly fields?: readonly { readonly title: string; readonly value: string; readonly short: boolean }[]
  readonly footer?: string
  /** Seconds since 1970. */
  readonly ts?: number
}
