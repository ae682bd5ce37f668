import type { SlackMessage } from './fake-slack/workspace.ts'

/** A text object, or the label of a button, which holds one. */
interface Text {
  readonly text?: string | Text
}

interface Block {
  readonly text?: Text
  readonly fields?: readonly Text[]
  readonly elements?: readonly Text[]
}

/** What a reader of a message sees, line by line: bold marks gone, links as `text → address`, fields one per line. */
export function readableLines(message: SlackMessage): readonly string[] {
  const { text, blocks = [], attachments = [] } = message.content
  const attached = (attachments as readonly { readonly blocks?: readonly Block[] }[]).flatMap((one) => one.blocks ?? [])
  const all = [...(blocks as readonly Block[]), ...attached].flatMap(textsOf)
  return (all.length > 0 ? all : [text ?? '']).flatMap((part) => readable(part).split('\n'))
}

/** The colour of the bar beside a message. */
export function colorOf(message: SlackMessage): string | undefined {
  return (message.content.attachments as readonly { readonly color?: string }[] | undefined)?.[0]?.color
}

function textsOf({ text, fields = [], elements = [] }: Block): readonly string[] {
  return [...(text === undefined ? [] : [text]), ...fields, ...elements].flatMap((part) =>
    typeof part.text === 'string' ? [part.text] : [],
  )
}

function readable(markup: string): string {
  return markup
    .replace(/\*([^*\n]+)\*/g, '$1')
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<([^|>]+)\|([^>]+)>/g, '$2 → $1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
