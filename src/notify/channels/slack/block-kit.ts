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
}

export interface ContextBlock {
  readonly type: 'context'
  readonly block_id?: string
  readonly elements: readonly TextObject[]
}

export type Block = HeaderBlock | SectionBlock | ContextBlock

/** Blocks with a coloured bar. `fallback` is what notifications and clients without blocks show. */
export interface ColouredAttachment {
  readonly color: string
  readonly fallback: string
  readonly blocks: readonly Block[]
}
