import type { Channel } from './channel.ts'
import { findLiveMarkup, type Link, type Ping } from './live-markup.ts'
import type { SlackMessage, StoredContent } from './workspace.ts'

/** A ping or link together with the message it is in. */
export type Located<T> = T & { readonly channel: string; readonly ts: string }

/** Roots that say that they tell the same thing, in the same channel: people see it twice. */
export interface DuplicateRoots {
  readonly channel: string
  /** `incident_id` or `delivery_id`. */
  readonly key: string
  readonly value: string
  readonly roots: readonly SlackMessage[]
}

const IDENTITIES = ['incident_id', 'delivery_id'] as const

/** Messages that can still be seen, in the order of ts. */
export function visibleMessages(channel: Channel): readonly SlackMessage[] {
  return channel.messages.filter((message) => message.deletedAt === undefined)
}

/** Visible messages that are not replies. */
export function rootsOf(channel: Channel): readonly SlackMessage[] {
  return visibleMessages(channel).filter((message) => message.threadTs === undefined)
}

/** Visible roots of a channel that share an `incident_id`, or failing that a `delivery_id`, in their metadata. */
export function duplicateRootsOf(channel: Channel): readonly DuplicateRoots[] {
  const groups = Map.groupBy(rootsOf(channel), identityOf)
  return [...groups].flatMap(([identity, roots]) => {
    const [key, value] = (identity ?? '').split(/:(.*)/s)
    if (key === undefined || value === undefined || roots.length < 2) return []
    return [{ channel: channel.id, key, value, roots }]
  })
}

/** Everything that notified somebody, in any version of any message: an edit or deletion does not take a ping back. */
export function pingsIn(channels: readonly Channel[]): readonly Located<Ping>[] {
  return everyVersion(channels).flatMap(({ message, content }) => located(message, findLiveMarkup(content).pings))
}

/** Everything that could be clicked, in any version of any message. */
export function linksIn(channels: readonly Channel[]): readonly Located<Link>[] {
  return everyVersion(channels).flatMap(({ message, content }) => located(message, findLiveMarkup(content).links))
}

function identityOf(message: SlackMessage): string | undefined {
  const payload = message.content.metadata?.event_payload ?? {}
  const key = IDENTITIES.find((name) => payload[name] !== undefined)
  return key === undefined ? undefined : `${key}:${String(payload[key])}`
}

function everyVersion(channels: readonly Channel[]): { message: SlackMessage; content: StoredContent }[] {
  return channels.flatMap((channel) =>
    channel.messages.flatMap((message) =>
      [...message.edits.map((edit) => edit.content), message.content].map((content) => ({ message, content })),
    ),
  )
}

function located<T>(message: SlackMessage, found: readonly T[]): Located<T>[] {
  return found.map((item) => ({ ...item, channel: message.channel, ts: message.ts }))
}
