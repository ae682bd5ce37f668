import { isObject } from './schema-checks.ts'

/**
 * Something in a message that notifies people. `automatic` ones are not written in Slack's own syntax:
 * Slack makes them from plain `@here` where it is allowed to (parse=full, link_names, or a mrkdwn text
 * object without `verbatim: true`, of which its reference says that "certain mentions" are parsed).
 */
export interface Ping {
  readonly kind: 'broadcast' | 'user' | 'usergroup'
  readonly target: string
  readonly raw: string
  readonly where: string
  readonly automatic: boolean
}

/** Something in a message that can be clicked. `automatic` ones are bare URLs that Slack turns into links. */
export interface Link {
  readonly url: string
  readonly text: string
  readonly raw: string
  readonly where: string
  readonly automatic: boolean
}

/** Everything live in one message. */
export interface LiveMarkup {
  readonly pings: readonly Ping[]
  readonly links: readonly Link[]
}

/** The arguments of a message that decide what is live in it. */
export interface MarkupSource {
  readonly text?: unknown
  readonly markdown_text?: unknown
  readonly blocks?: unknown
  readonly attachments?: unknown
  readonly parse?: unknown
  readonly link_names?: unknown
}

interface Dialect {
  readonly where: string
  readonly namesArePinged?: boolean
  readonly urlsAreLinked?: boolean
  readonly isMarkdown?: boolean
}

const CONTROL = /<([^<>]+)>/g
const BARE_NAME = /(?<![\w@./-])@(here|channel|everyone|group)\b/g
const BARE_URL = /(?<!\w)https?:\/\/[^\s<>|)]+/gi
const MARKDOWN_LINK = /\[([^\]]*)\]\(([^)\s]+)[^)]*\)/g
const LEGACY_TEXTS = ['fallback', 'pretext', 'author_name', 'title', 'text', 'footer'] as const
const LEGACY_LINKS = [
  ['title_link', 'title'],
  ['author_link', 'author_name'],
] as const

/** Finds every mention and link that Slack would bring to life in a message; escaped and plain text is inert. */
export function findLiveMarkup(message: MarkupSource): LiveMarkup {
  const found: Found = { pings: [], links: [] }
  const namesArePinged = message.parse === 'full' || isTrue(message.link_names)
  const hasBlocks = Array.isArray(message.blocks) && message.blocks.length > 0
  const body: Found = { pings: found.pings, links: hasBlocks ? [] : found.links }
  // With blocks the text is only what notifications show: it can ping, but there is nothing to click.
  scan(body, message.text, { where: 'text', namesArePinged, urlsAreLinked: message.parse !== 'none' })
  scan(body, message.markdown_text, { where: 'markdown_text', isMarkdown: true, urlsAreLinked: true })
  walk(found, message.blocks, 'blocks')
  const attachments = Array.isArray(message.attachments) ? message.attachments : []
  for (const [index, attachment] of attachments.entries()) {
    scanAttachment(found, attachment, { where: `attachments/${index}`, namesArePinged, urlsAreLinked: true })
  }
  return found
}

interface Found {
  readonly pings: Ping[]
  readonly links: Link[]
}

function walk(found: Found, value: unknown, where: string): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) walk(found, item, `${where}/${index}`)
    return
  }
  if (!isObject(value)) return
  const { type, text, verbatim } = value
  if (type === 'mrkdwn') {
    const isAutomatic = verbatim !== true
    return void scan(found, text, { where, namesArePinged: isAutomatic, urlsAreLinked: isAutomatic })
  }
  if (type === 'markdown') return void scan(found, text, { where, isMarkdown: true, urlsAreLinked: true })
  addStructure(found, value, where)
  for (const [key, item] of Object.entries(value)) walk(found, item, `${where}/${key}`)
}

// Buttons with a URL, and the elements of rich text, are live by their structure and not by their text.
function addStructure(found: Found, value: Readonly<Record<string, unknown>>, where: string): void {
  const { type, url, text } = value
  const ping = (kind: Ping['kind'], target: unknown) =>
    found.pings.push({ kind, target: String(target), raw: JSON.stringify(value), where, automatic: false })
  if (type === 'broadcast') ping('broadcast', value['range'])
  if (type === 'user') ping('user', value['user_id'])
  if (type === 'usergroup') ping('usergroup', value['usergroup_id'])
  if (typeof url !== 'string' || (type !== 'button' && type !== 'link' && type !== 'date')) return
  const label = isObject(text) ? text['text'] : text
  found.links.push({ url, text: String(label ?? url), raw: url, where, automatic: false })
}

function scanAttachment(found: Found, attachment: unknown, dialect: Dialect): void {
  if (!isObject(attachment)) return
  const { where } = dialect
  for (const key of LEGACY_TEXTS) scan(found, attachment[key], { ...dialect, where: `${where}/${key}` })
  for (const [key, label] of LEGACY_LINKS) {
    const url = attachment[key]
    if (typeof url !== 'string') continue
    found.links.push({
      url,
      text: String(attachment[label] ?? url),
      raw: url,
      where: `${where}/${key}`,
      automatic: false,
    })
  }
  const fields = Array.isArray(attachment['fields']) ? attachment['fields'] : []
  for (const [index, field] of fields.entries()) {
    for (const key of ['title', 'value']) {
      if (isObject(field)) scan(found, field[key], { ...dialect, where: `${where}/fields/${index}/${key}` })
    }
  }
  walk(found, attachment['blocks'], `${where}/blocks`)
}

function scan(found: Found, text: unknown, dialect: Dialect): void {
  if (typeof text !== 'string') return
  const { where } = dialect
  for (const [raw, inside = ''] of text.matchAll(CONTROL)) addControl(found, { raw, inside, where })
  if (dialect.namesArePinged) {
    for (const [raw, target = ''] of text.matchAll(BARE_NAME)) {
      found.pings.push({ kind: 'broadcast', target, raw, where, automatic: true })
    }
  }
  if (dialect.isMarkdown) {
    for (const [raw, label = '', url = ''] of text.matchAll(MARKDOWN_LINK)) {
      found.links.push({ url, text: label, raw, where, automatic: false })
    }
  }
  if (!dialect.urlsAreLinked) return
  // Only what is outside control sequences: `<https://…|label>` is one link and not two.
  const outside = text.replace(CONTROL, ' ').replace(dialect.isMarkdown ? MARKDOWN_LINK : /$^/, ' ')
  for (const [url] of outside.matchAll(BARE_URL)) {
    found.links.push({ url, text: url, raw: url, where, automatic: true })
  }
}

function addControl(
  found: Found,
  control: { readonly raw: string; readonly inside: string; readonly where: string },
): void {
  const { raw, inside, where } = control
  const [target = '', label] = inside.split('|')
  const ping = (kind: Ping['kind'], name: string) =>
    found.pings.push({ kind, target: name, raw, where, automatic: false })
  if (target.startsWith('@')) return void ping('user', target.slice(1))
  if (target.startsWith('!subteam^')) return void ping('usergroup', target.slice('!subteam^'.length))
  if (/^!(here|channel|everyone|group)(\^|$)/.test(target)) return void ping('broadcast', target.slice(1))
  const dateLink = target.startsWith('!date^') ? target.split('^')[3] : undefined
  const url = dateLink ?? (/^[a-z][a-z0-9+.-]*:\S|^[^\s!#@]+\.\S+$/i.test(target) ? target : undefined)
  if (url !== undefined) found.links.push({ url, text: label ?? url, raw, where, automatic: false })
}

function isTrue(flag: unknown): boolean {
  return flag === true || flag === 1 || flag === '1' || flag === 'true'
}
