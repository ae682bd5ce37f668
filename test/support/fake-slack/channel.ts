import type { SlackMessage } from './workspace.ts'

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
  /** Nobody may edit what is older than the workspace allows. */
  isEditWindowClosed: boolean
  /** The people in it, by their ids. */
  readonly people: Set<string>
  readonly messages: SlackMessage[]
  readonly byTs: Map<string, SlackMessage>
  /** The replies below each root, by the root's ts. */
  readonly threads: Map<string, SlackMessage[]>
}

/** Fills in what a test did not say about a channel. */
export function makeChannel(options: ChannelOptions, people: readonly string[]): Channel {
  const { id, name = id.toLowerCase(), isPrivate = false, isMember = true, isArchived = false } = options
  const content = { people: new Set(people), messages: [], byTs: new Map(), threads: new Map() }
  return { id, name, isPrivate, isMember, isArchived, isEditWindowClosed: false, ...content }
}
