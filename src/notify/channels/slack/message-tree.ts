import type { Mention } from '../../channel.ts'
import { type Lines, printableText } from '../printable-text.ts'
import type { Mrkdwn, PlainText, TextObject } from './block-kit.ts'
import { escapeMrkdwn, hasFormattingMarks } from './escape-mrkdwn.ts'

/**
 * What a text is made of. Callers never write mrkdwn: they say what is theirs, what is somebody else's, what is
 * bold and what is a link, and `textObject` is the only place that turns it into markup.
 */
export type TextNode =
  /** Nunchi's own words. */
  | { readonly kind: 'words'; readonly text: string }
  /** Anything that came from outside. */
  | { readonly kind: 'value'; readonly text: string; readonly lines: Lines }
  | { readonly kind: 'bold'; readonly text: string }
  /** Anything that came from outside, in bold. */
  | { readonly kind: 'strong'; readonly text: string }
  | LinkNode
  | MentionNode
  | AgoNode

export interface LinkNode {
  readonly kind: 'link'
  /** Absolute, http(s), without a user part, percent-encoded. Made by `link` only. */
  readonly url: string
  readonly label: string
}

/** Calls people. Made by `mention` only, so that its id is one. */
export interface MentionNode {
  readonly kind: 'mention'
  readonly mention: Mention
}

/** An instant with how long ago it was, which clients keep true by themselves. Made by `timeAgo` only. */
export interface AgoNode {
  readonly kind: 'ago'
  readonly seconds: number
  /** The instant in words of ours. */
  readonly time: string
}

/** Longer ones would leave no room for the rest of a section. */
const LONGEST_URL = 2_000

const PERSON = /^[UW][A-Z0-9]{2,30}$/
const GROUP = /^S[A-Z0-9]{2,30}$/

export function words(text: string): TextNode {
  return { kind: 'words', text }
}

export function value(text: string, lines: Lines = 'one'): TextNode {
  return { kind: 'value', text, lines }
}

/** Nunchi's own words in bold. Becomes normal weight where the text must be sent as plain text. */
export function bold(text: string): TextNode {
  return { kind: 'bold', text }
}

/** A value in bold. Becomes normal weight where the text must be sent as plain text. */
export function strong(text: string): TextNode {
  return { kind: 'strong', text }
}

/** Calls people, or null when the id is none of Slack's. */
export function mention(target: Mention): MentionNode | null {
  const isKnown =
    target.kind === 'person' ? PERSON.test(target.id) : target.kind === 'group' ? GROUP.test(target.id) : true
  return isKnown ? { kind: 'mention', mention: target } : null
}

/** `time` with "(3 minutes ago)" behind it in the reader's language, true without an edit. `time` is the instant in words of ours. */
export function timeAgo(ms: number, time: string): AgoNode {
  return { kind: 'ago', seconds: Math.floor(ms / 1_000), time }
}

/** A link under a label of Nunchi's own, or null when the address is not an absolute http(s) one that people may be sent to. */
export function link(url: string, label: string): LinkNode | null {
  const address = safeAddress(url)
  return address === null ? null : { kind: 'link', url: address.href.replaceAll('|', '%7C'), label }
}

/** A link under somebody else's label. The host follows the label, so that `grafana` cannot lead elsewhere unseen. */
export function foreignLink(url: string, label: string): LinkNode | null {
  const address = safeAddress(url)
  if (address === null) return null
  const name = printableText(label)
  return link(url, name === '' ? address.host : `${name} (${address.host})`)
}

/**
 * The text object of some nodes. mrkdwn where it shows every value unaltered; `plain_text` where a value holds marks
 * that mrkdwn would read as formatting and there is no link to lose: the value stays exact and only the bold is gone.
 */
export function textObject(nodes: readonly TextNode[]): TextObject {
  const needsMarkup = nodes.some((node) => node.kind === 'link' || node.kind === 'mention')
  return !needsMarkup && nodes.some(hasMarks) ? plainText(nodes) : mrkdwnText(nodes)
}

function hasMarks(node: TextNode): boolean {
  if (node.kind === 'value') return hasFormattingMarks(node.text, node.lines)
  return node.kind === 'strong' && hasFormattingMarks(node.text)
}

/** The same without any markup. Emoji codes such as `:fire:` stay letters. */
export function plainText(nodes: readonly TextNode[]): PlainText {
  return { type: 'plain_text', text: nodes.map(plainOf).join(''), emoji: false }
}

/** Always mrkdwn, with look-alikes for marks: for the places that are no text objects. */
export function mrkdwn(nodes: readonly TextNode[]): string {
  return nodes.map(mrkdwnOf).join('')
}

function mrkdwnText(nodes: readonly TextNode[]): Mrkdwn {
  return { type: 'mrkdwn', text: mrkdwn(nodes), verbatim: true }
}

function mrkdwnOf(node: TextNode): string {
  switch (node.kind) {
    case 'words':
      return escapeWords(node.text)
    case 'value':
      return escapeMrkdwn(node.text, node.lines)
    case 'bold':
    case 'strong':
      return boldOf(escapeMrkdwn(node.text))
    case 'link':
      return `<${node.url.replaceAll('&', '&amp;')}|${escapeMrkdwn(node.label)}>`
    case 'mention':
      return mentionOf(node.mention)
    case 'ago':
      return `<!date^${node.seconds}^${escapeMrkdwn(node.time)} ({ago})|${escapeMrkdwn(node.time)}>`
  }
}

function boldOf(escaped: string): string {
  return escaped === '' ? '' : `*${escaped}*`
}

function mentionOf(target: Mention): string {
  if (target.kind === 'person') return `<@${target.id}>`
  if (target.kind === 'group') return `<!subteam^${target.id}>`
  // `<!everyone>` works in the general channel alone.
  return target.kind === 'here' ? '<!here>' : '<!channel>'
}

// Escaping trims, and the spaces around our own words separate the values.
function escapeWords(text: string): string {
  const [, before = '', inner = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(text) ?? []
  return `${before}${escapeMrkdwn(inner, 'many')}${after}`
}

function plainOf(node: TextNode): string {
  switch (node.kind) {
    case 'value':
      return printableText(node.text, node.lines)
    case 'strong':
      return printableText(node.text)
    case 'link':
      return `${printableText(node.label)} (${node.url})`
    case 'mention':
      return 'id' in node.mention ? node.mention.id : `@${node.mention.kind}`
    case 'ago':
      return node.time
    default:
      return node.text
  }
}

function safeAddress(url: string): URL | null {
  const address = URL.parse(url)
  if (address === null || (address.protocol !== 'https:' && address.protocol !== 'http:')) return null
  // `https://grafana.example.com@evil.example/` reads as the wrong host.
  if (address.username !== '' || address.password !== '') return null
  return address.href.length > LONGEST_URL ? null : address
}
