import type { Incident } from '../domain/incident.ts'
import type { Db } from '../store/database.ts'
import type { NewId } from '../store/new-id.ts'
import type { Channel, Mention, MessagePurpose, SendOutcome } from './channel.ts'
import type { ChannelHealth } from './channel-health.ts'
import type { SendingPace } from './sending-pace.ts'
import type { ThreadStore } from './threads/thread-store.ts'

/** What the wrapper tells the outside of each call to a channel, for metrics and logs. */
export interface DeliveryReport {
  readonly channelId: string
  readonly purpose: MessagePurpose | 'edit' | 'digest'
  readonly outcome: SendOutcome['kind'] | 'edited' | 'digested' | 'root-lost' | 'adopted' | 'possible-duplicate'
  readonly detail: string
  /** `INC-42`, or what else the message is about. */
  readonly subject: string
}

/** The rules of the configuration about who hears what when; given by the composition root. */
export interface NotifyRules {
  /** Whether the rules send the incident, as it is now, to the channel. */
  readonly isRoutedTo: (incident: Incident, channelId: string) => boolean
  readonly mentionsFor: (incident: Incident, channelId: string, purpose: MessagePurpose) => readonly Mention[]
  /** When news of this incident may go to this channel; null = now. */
  readonly quietUntil: (incident: Incident, channelId: string, now: number) => number | null
  /** The page of an incident, or of the inbox; null without a public address. */
  readonly consoleUrlOf: (incident: Pick<Incident, 'id' | 'number'> | null) => string | null
  /** Where incidents are told whose own channel cannot be told. */
  readonly defaultChannelId: string | null
  /** The channel whose threads system 2's store keeps; null = none. */
  readonly threadChannelId: string | null
}

/** What bringing a channel up to date needs. */
export interface DeliverDeps {
  readonly db: Db
  readonly newId: NewId
  readonly now: () => number
  readonly random: () => number
  readonly channels: ReadonlyMap<string, Channel>
  readonly pace: SendingPace
  readonly health: ChannelHealth
  readonly threads: ThreadStore
  readonly rules: NotifyRules
  readonly environment: string
  readonly report: (report: DeliveryReport) => void
}
