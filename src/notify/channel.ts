import type { AlertLinks, Labels } from '../domain/alert-event.ts'
import type { Incident } from '../domain/incident.ts'

/** What a message tells. `resolved` as a root is the late arrival: it began and ended before the channel could be told. */
export type MessagePurpose = 'firing' | 'resolved' | 'fired-again' | 'flapping'

/** The alert that stands for the incident in a message: the one that opened it, or the one that fires hardest. */
export interface MessageAlert {
  readonly title: string
  readonly labels: Labels
  readonly annotations: Labels
  readonly links: AlertLinks
  readonly startsAt: number
  readonly endsAt: number | null
}

/** One message to one channel, before it becomes that channel's markup. Every string in it is untrusted. */
export interface IncidentMessage {
  readonly purpose: MessagePurpose
  readonly incident: Incident
  readonly alert: MessageAlert
  /** The installation's environment, shown in the context line. */
  readonly environment: string
  /** Null: this message starts the thread. Otherwise the id of the root it answers. */
  readonly thread: { readonly id: string; readonly place: string | null } | null
  /** Kept by the receiver as metadata, so that a message whose answer was lost can be found again. */
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
  /** `threadId`: the thread the receiver put it into; differs from the wanted one when the root is gone. `body`: what would have been sent, from a channel that only pretends to. */
  | {
      readonly kind: 'delivered'
      readonly id: string
      readonly threadId: string | null
      readonly place: string | null
      readonly body?: string
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

/** Whether a message with a delivery id is there. `unknown`: could not be asked, or the channel cannot tell. */
export type FindOutcome =
  | { readonly kind: 'found'; readonly id: string; readonly place: string | null }
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'unknown'
      readonly reason: FailureReason
      readonly afterMs: number | null
      readonly detail: string
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
  /** Looks a message up by its delivery id among those posted since `since` (ms). Absent where the receiver cannot be asked. */
  readonly find?: (
    deliveryId: string,
    since: number,
    thread: IncidentMessage['thread'],
    signal: AbortSignal,
  ) => Promise<FindOutcome>
}
