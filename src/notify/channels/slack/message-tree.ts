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
  | LinkNode

export interface LinkNode {
  readonly kind: 'link'
  /** Absolute, http(s), without a user part, percent-encoded. Made by `link` only. */
  readonly url: string
  readonly label: string
}

/** Longer ones would leave no room for the rest of a section. */
const LONGEST_URL = 2_000

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
  const hasLink = nodes.some((node) => node.kind === 'link')
  const hasMarks = nodes.some((node) => node.kind === 'value' && hasFormattingMarks(node.text, node.lines))
  return hasMarks && !hasLink ? plainText(nodes) : mrkdwn(nodes)
}

/** The same without any markup. Emoji codes such as `:fire:` stay letters. */
export function plainText(nodes: readonly TextNode[]): PlainText {
  return { type: 'plain_text', text: nodes.map(plainOf).join(''), emoji: false }
}

function mrkdwn(nodes: readonly TextNode[]): Mrkdwn {
  return { type: 'mrkdwn', text: nodes.map(mrkdwnOf).join(''), verbatim: true }
}

function mrkdwnOf(node: TextNode): string {
  if (node.kind === 'value') return escapeMrkdwn(node.text, node.lines)
  if (node.kind === 'link') return `<${node.url.replaceAll('&', '&amp;')}|${escapeMrkdwn(node.label)}>`
  if (node.kind === 'bold') return `*${escapeMrkdwn(node.text)}*`
  return escapeWords(node.text)
}

// Escaping trims, and the spaces around our own words separate the values.
function escapeWords(text: string): string {
  const [, before = '', inner = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(text) ?? []
  return `${before}${escapeMrkdwn(inner, 'many')}${after}`
}

function plainOf(node: TextNode): string {
  if (node.kind === 'value') return printableText(node.text, node.lines)
  return node.kind === 'link' ? `${printableText(node.label)} (${node.url})` : node.text
}

function safeAddress(url: string): URL | null {
  const address = URL.parse(url)
  if (address === null || (address.protocol !== 'https:' && address.protocol !== 'http:')) return null
  // `https://grafana.example.com@evil.example/` reads as the wrong host.
  if (address.username !== '' || address.password !== '') return null
  return address.href.length > LONGEST_URL ? null : address
}
