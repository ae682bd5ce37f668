import { type Channel, type ChannelOptions, makeChannel } from './channel.ts'
import { EphemeralStore } from './ephemeral-store.ts'
import type { MarkupSource } from './live-markup.ts'
import { makeUser, type SlackUser, type UserOptions } from './slack-user.ts'
import { TriggerIds } from './trigger-ids.ts'
import { TsClock } from './ts-clock.ts'
import { ViewStore } from './view-store.ts'

/** The content of one version of a message, as it was sent. */
export interface StoredContent extends MarkupSource {
  readonly text?: string
  readonly blocks?: readonly unknown[]
  readonly attachments?: readonly unknown[]
  readonly metadata?: MessageMetadata
}

/** Data that an app attaches to a message for other programs. */
export interface MessageMetadata {
  readonly event_type: string
  readonly event_payload: Readonly<Record<string, unknown>>
}

/** An earlier version of a message, with the time (ms) at which it was replaced. */
export interface Edit {
  readonly replacedAt: number
  readonly content: StoredContent
}

/** One message that somebody can see, or could until it was deleted. */
export interface SlackMessage {
  readonly channel: string
  readonly ts: string
  /** The ts of the root that this replies to; absent on roots. */
  readonly threadTs?: string
  readonly author: string
  readonly postedAt: number
  readonly isBroadcast: boolean
  content: StoredContent
  readonly edits: Edit[]
  deletedAt?: number
  isEditWindowClosed?: boolean
}

/** Something that happened to a message which everybody in the channel sees. */
export type MessageChange =
  | { readonly kind: 'posted'; readonly message: SlackMessage }
  | { readonly kind: 'edited'; readonly message: SlackMessage; readonly before: StoredContent }

/** What `Workspace.post` needs. */
export interface NewMessage {
  readonly author: string
  readonly content: StoredContent
  readonly threadTs?: string | undefined
  readonly isBroadcast?: boolean
}

/** The channels, people, messages and views of one make-believe Slack workspace. Decides nothing about who may do what. */
export class Workspace {
  readonly teamId: string
  readonly triggers: TriggerIds
  readonly views: ViewStore
  readonly ephemerals: EphemeralStore
  /** Told of every message and edit; one listener is enough. */
  onChange: (change: MessageChange) => void = () => undefined
  readonly #users = new Map<string, SlackUser>()
  readonly #channels = new Map<string, Channel>()
  readonly #now: () => number
  readonly #clock: TsClock

  constructor(channels: readonly ChannelOptions[], now: () => number, teamId = 'T0FAKE0001') {
    this.#now = now
    this.teamId = teamId
    this.#clock = new TsClock(now)
    this.ephemerals = new EphemeralStore(now, this.#clock)
    this.triggers = new TriggerIds(now)
    this.views = new ViewStore(now)
    for (const channel of channels) this.addChannel(channel)
  }

  addChannel(options: ChannelOptions): Channel {
    const members = this.users.filter(({ kind }) => kind === 'member')
    const channel = makeChannel(
      options,
      members.map(({ id }) => id),
    )
    this.#channels.set(channel.id, channel)
    return channel
  }

  /** Adds somebody, and puts them into their channels; fails on a single-channel guest of several channels. */
  addUser(options: UserOptions): SlackUser {
    const user = makeUser(options, this.teamId)
    const everywhere = user.kind === 'member' ? this.channels.map(({ id }) => id) : []
    const { channels = everywhere } = options
    if (user.kind === 'single-channel-guest' && channels.length !== 1) {
      throw new Error(`${user.id} is a single-channel guest and needs exactly one channel.`)
    }
    this.#users.set(user.id, user)
    for (const channel of channels) this.channel(channel).people.add(user.id)
    return user
  }

  get users(): readonly SlackUser[] {
    return [...this.#users.values()]
  }

  user(id: string): SlackUser | undefined {
    return this.#users.get(id)
  }

  get channels(): readonly Channel[] {
    return [...this.#channels.values()]
  }

  /** Finds a channel by its id or, as `chat.postMessage` allows for public ones, by its name. */
  find(idOrName: string): Channel | undefined {
    const name = idOrName.replace(/^#/, '')
    return this.#channels.get(idOrName) ?? this.channels.find((channel) => channel.name === name && !channel.isPrivate)
  }

  /** Like `find`; fails when a test names a channel that was never made. */
  channel(idOrName: string): Channel {
    const channel = this.find(idOrName)
    if (channel === undefined) throw new Error(`The fake Slack has no channel ${idOrName}; name it when starting.`)
    return channel
  }

  /** A message that is still there. */
  message(channel: Channel, ts: string): SlackMessage | undefined {
    const message = channel.byTs.get(ts)
    return message?.deletedAt === undefined ? message : undefined
  }

  /** The replies below a root that are still there, oldest first. */
  replies(channel: Channel, ts: string): readonly SlackMessage[] {
    return (channel.threads.get(ts) ?? []).filter((reply) => reply.deletedAt === undefined)
  }

  /**
   * Stores a message. When the thread's root does not exist (any more) it becomes a root itself,
   * which is what Slack does without a word.
   */
  post(channel: Channel, message: NewMessage): SlackMessage {
    const root = message.threadTs === undefined ? undefined : this.message(channel, message.threadTs)
    const stored: SlackMessage = {
      channel: channel.id,
      ts: this.#clock.next(),
      ...(root === undefined ? {} : { threadTs: root.ts }),
      author: message.author,
      postedAt: this.#now(),
      isBroadcast: root !== undefined && message.isBroadcast === true,
      content: message.content,
      edits: [],
    }
    channel.messages.push(stored)
    channel.byTs.set(stored.ts, stored)
    if (root !== undefined) channel.threads.set(root.ts, [...this.replies(channel, root.ts), stored])
    this.onChange({ kind: 'posted', message: stored })
    return stored
  }

  /** A ts that nothing else in the workspace has. */
  nextTs(): string {
    return this.#clock.next()
  }

  /** Replaces a message's content and keeps the version before. */
  edit(message: SlackMessage, content: StoredContent): void {
    message.edits.push({ replacedAt: this.#now(), content: message.content })
    const before = message.content
    message.content = content
    this.onChange({ kind: 'edited', message, before })
  }

  /** Takes a message away. Its replies stay, but nothing can be added below it. */
  delete(message: SlackMessage): void {
    message.deletedAt = this.#now()
  }
}
