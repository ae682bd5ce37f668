import type { MarkupSource } from './live-markup.ts'

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
}

/** What a test decides about a channel. */
export interface ChannelOptions {
  readonly id: string
  readonly name?: string
  readonly isPrivate?: boolean
  readonly isMember?: boolean
  readonly isArchived?: boolean
}

/** A channel and everything in it, in the order of ts. */
export interface Channel {
  readonly id: string
  readonly name: string
  readonly isPrivate: boolean
  isMember: boolean
  isArchived: boolean
  readonly messages: SlackMessage[]
  readonly byTs: Map<string, SlackMessage>
  /** The replies below each root, by the root's ts. */
  readonly threads: Map<string, SlackMessage[]>
}

/** What `Workspace.post` needs. */
export interface NewMessage {
  readonly author: string
  readonly content: StoredContent
  readonly threadTs?: string | undefined
  readonly isBroadcast?: boolean
}

/** The channels and messages of one make-believe Slack workspace. Decides nothing about who may do what. */
export class Workspace {
  readonly teamId = 'T0FAKE0001'
  readonly #channels = new Map<string, Channel>()
  readonly #now: () => number
  #lastMicros = 0

  constructor(channels: readonly ChannelOptions[], now: () => number) {
    this.#now = now
    for (const channel of channels) this.addChannel(channel)
  }

  addChannel(options: ChannelOptions): Channel {
    const { id, name = id.toLowerCase(), isPrivate = false, isMember = true, isArchived = false } = options
    const content = { messages: [], byTs: new Map(), threads: new Map() }
    const channel: Channel = { id, name, isPrivate, isMember, isArchived, ...content }
    this.#channels.set(id, channel)
    return channel
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
      ts: this.#nextTs(),
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
    return stored
  }

  /** Replaces a message's content and keeps the version before. */
  edit(message: SlackMessage, content: StoredContent): void {
    message.edits.push({ replacedAt: this.#now(), content: message.content })
    message.content = content
  }

  /** Takes a message away. Its replies stay, but nothing can be added below it. */
  delete(message: SlackMessage): void {
    message.deletedAt = this.#now()
  }

  // Unique and increasing over the whole workspace, even when the clock stands still or jumps back.
  #nextTs(): string {
    this.#lastMicros = Math.max(this.#lastMicros + 1, this.#now() * 1000)
    return `${Math.floor(this.#lastMicros / 1e6)}.${String(this.#lastMicros % 1e6).padStart(6, '0')}`
  }
}
