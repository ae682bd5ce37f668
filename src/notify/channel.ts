import type { AlertLinks, Labels } from '../domain/alert-event.ts'
import type { Incident } from '../domain/incident.ts'
import type { Severity } from '../domain/severity.ts'

/**
 * What a message tells. A root (`thread` is null) shows the incident as it is now, whatever its purpose; `resolved` as
 * a root is the late arrival: it began and ended before the channel could be told. The others are news, told as replies.
 */
export const MESSAGE_PURPOSES = [
  'firing',
  'resolved',
  'fired-again',
  'flapping',
  'acknowledged',
  'severity-raised',
  'escalated',
  'note',
] as const
export type MessagePurpose = (typeof MESSAGE_PURPOSES)[number]

/** The alert that stands for the incident in a message: the one that opened it, or the one that fires hardest. */
export interface MessageAlert {
  readonly title: string
  readonly labels: Labels
  readonly annotations: Labels
  readonly links: AlertLinks
  readonly startsAt: number
  readonly endsAt: number | null
}

/** A label in which the alerts of an incident differ, with some of its values. */
export interface DifferingLabel {
  readonly name: string
  /** The most frequent first, at most five. */
  readonly values: readonly string[]
  /** How many further values there are. */
  readonly more: number
}

/** What somebody wrote for others to read. */
export interface MessageNote {
  readonly by: string
  readonly text: string
  readonly at: number
}

/** Whom a message calls. Chosen by the routing rules of the configuration alone, never from what a sender wrote. */
export type Mention =
  | { readonly kind: 'here' | 'everyone' }
  | { readonly kind: 'person' | 'group'; readonly id: string }

/** Where a message is: its id, and the place that the receiver named. */
export interface MessageRef {
  readonly id: string
  readonly place: string | null
}

/** One message to one channel, before it becomes that channel's markup. Every string in it is untrusted. */
export interface IncidentMessage {
  readonly purpose: MessagePurpose
  readonly incident: Incident
  readonly alert: MessageAlert
  /** Labels in which the alerts of the incident differ, the most telling first; empty for a single alert. */
  readonly differing: readonly DifferingLabel[]
  /** What `note` tells, oldest first. */
  readonly notes: readonly MessageNote[]
  /** What `severity-raised` compares with. */
  readonly raisedFrom: Severity | null
  readonly mentions: readonly Mention[]
  /** The incident's page in the console; null where no public address is configured. */
  readonly consoleUrl: string | null
  /** The root that this one replaces, because it was deleted or could not be changed any more. */
  readonly previousRoot: string | null
  /** When the message was made, ms since 1970. */
  readonly now: number
  /** The installation's environment, shown in the context line. */
  readonly environment: string
  /** Null: this message starts the thread. Otherwise the id of the root it answers. */
  readonly thread: { readonly id: string; readonly place: string | null } | null
  /** The same when it is sent again. Kept by the receiver, so that a message whose answer was lost can be found, or known as a repetition. */
  readonly deliveryId: string
}

/** Closed list: it is also the metric label. */
export type FailureReason =
  | 'rate-limited'
  | 'unreachable'
  | 'timeout'
  | 'server-error'
  | 'bad-answer' // passing
  | 'bad-credentials'
  | 'missing-permission'
  | 'no-such-channel'
  | 'not-a-member'
  | 'channel-archived'
  | 'message-refused'
  | 'unknown-refusal' // a person must act

export type SendOutcome =
  /**
   * `threadId`: the thread the receiver put it into; differs from the wanted one when the root is gone. `body`: what would
   * have been sent, from a channel that only pretends to. `remark`: what a person should repair although it was shown.
   */
  | {
      readonly kind: 'delivered'
      readonly id: string
      readonly threadId: string | null
      readonly place: string | null
      readonly body?: string
      readonly remark?: string
    }
  /** It certainly was not shown; trying again can help. `pause` says how much must wait: this message, or everything to this place or account. */
  | {
      readonly kind: 'retry'
      readonly reason: FailureReason
      readonly detail: string
      readonly afterMs: number | null
      readonly pause: 'message' | 'channel' | 'account'
    }
  /** It was not shown and will not be until a person repairs what `detail` says, in words that name the remedy. */
  | { readonly kind: 'rejected'; readonly reason: FailureReason; readonly detail: string }
  /** The root it answers is gone; a new root is needed. */
  | { readonly kind: 'thread-gone'; readonly detail: string }
  /** The answer was lost: it may have been shown. */
  | { readonly kind: 'ambiguous'; readonly detail: string }

/** What became of replacing what a root shows. Repeating an edit is harmless, so a lost answer is a `retry`. */
export type EditOutcome =
  | { readonly kind: 'edited' }
  | Extract<SendOutcome, { kind: 'retry' | 'rejected' }>
  /** The root is gone or cannot be changed any more: a new one is needed. */
  | { readonly kind: 'root-lost'; readonly detail: string }

/** Many incidents in one message: what a channel shows while more happens than people can read one by one. */
export interface StormDigest {
  readonly isOver: boolean
  readonly startedAt: number
  readonly endedAt: number | null
  /** Incidents that the digest stands for. */
  readonly total: number
  readonly open: number
  readonly bySeverity: readonly { readonly severity: Severity; readonly open: number; readonly total: number }[]
  /** The services with most incidents, at most eight; an empty name stands for those without one. */
  readonly byService: readonly { readonly service: string; readonly open: number; readonly total: number }[]
  /** The most severe open ones, with the address of their thread or page. */
  readonly top: readonly {
    readonly name: string
    readonly title: string
    readonly severity: Severity
    readonly service: string
    readonly link: string | null
  }[]
  readonly consoleUrl: string | null
  readonly environment: string
  readonly deliveryId: string
  readonly now: number
}

/** Whether a message with a delivery id is there. `unknown`: could not be asked, or the channel cannot tell. */
export type FindOutcome =
  /** `threadId`: the thread it really is in; null = on its own, as a reply ends whose root was gone before it came. */
  | {
      readonly kind: 'found'
      readonly id: string
      readonly place: string | null
      readonly threadId: string | null
    }
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'unknown'
      readonly reason: FailureReason
      readonly afterMs: number | null
      readonly detail: string
    }

/** When a channel has more new incidents than people can read one by one. */
export interface StormPolicy {
  /** More new incidents than this within `perMs` are told in one digest. */
  readonly newIncidents: number
  readonly perMs: number
  /** The digest ends after so long without a new one. */
  readonly quietMs: number
}

/**
 * A place where incidents are told. It renders and sends once and says what became of it. Retry, pacing,
 * order, deduplication and the record belong to the wrapper (`deliver-notification.ts`), not to a channel.
 */
export interface Channel {
  /** The name in the configuration, unique. */
  readonly id: string
  readonly kind: string
  /** False: every message stands alone, replies are sent as messages of their own. */
  readonly hasThreads: boolean
  /** Messages a second that the receiver takes in the long run, and how many at once; null = no limit known. */
  readonly pace: { readonly perSecond: number; readonly burst: number } | null
  /** Sending changes nothing outside of our own record: after a crash there is nothing to be looked up, so no note is taken before. */
  readonly isPretend?: boolean
  readonly send: (message: IncidentMessage, signal: AbortSignal) => Promise<SendOutcome>
  /** Replaces what a root shows by the incident as it is now. Absent where a message cannot be changed: there only replies tell. */
  readonly edit?: (message: IncidentMessage, root: MessageRef, signal: AbortSignal) => Promise<EditOutcome>
  /** Names what a root would show; the same name means that there is nothing to edit. Present where `edit` is. Pure. */
  readonly rootHash?: (message: IncidentMessage) => string
  /** How often the receiver lets messages be changed, and which budget this channel shares with others (an account's). Present where `edit` is. */
  readonly editPace?: { readonly budget: string; readonly perSecond: number; readonly burst: number }
  /** The door (`Actor.via`) through which people act in the channel itself: its root shows at once who did what. */
  readonly ownDoor?: string
  /** Present where `digest` is. */
  readonly storm?: StormPolicy
  /** Tells many incidents in one message that is kept up to date. Absent where that cannot be: every incident is told by itself. */
  readonly digest?: {
    readonly send: (digest: StormDigest, signal: AbortSignal) => Promise<SendOutcome>
    readonly edit: (digest: StormDigest, root: MessageRef, signal: AbortSignal) => Promise<EditOutcome>
  }
  /** The address of a message for people, or null when the receiver does not say. Never throws. */
  readonly linkOf?: (message: MessageRef, signal: AbortSignal) => Promise<string | null>
  /** Looks a message up by its delivery id among those posted since `since` (ms). Absent where the receiver cannot be asked. */
  readonly find?: (
    deliveryId: string,
    since: number,
    thread: IncidentMessage['thread'],
    signal: AbortSignal,
  ) => Promise<FindOutcome>
}
