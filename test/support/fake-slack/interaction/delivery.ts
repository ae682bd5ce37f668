import type { JsonObject } from '../schema-checks.ts'
import type { SignedRequest } from './sign-request.ts'

/** What Slack tells an app. */
export type DeliveryKind =
  | 'block_actions'
  | 'view_submission'
  | 'view_closed'
  | 'message_action'
  | 'shortcut'
  | 'command'
  | 'event'
  | 'url_verification'
  | 'ssl_check'

/** What the app said to a delivery. Over Socket Mode an acknowledgement counts as status 200. */
export type Answer =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly type: string
      readonly text: string
      readonly noRetry?: boolean
    }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'unreachable'; readonly reason: string }

/** Something to tell the app. */
export interface Outgoing {
  readonly kind: DeliveryKind
  readonly payload: JsonObject
  readonly userId?: string
  readonly retry?: { readonly num: number; readonly reason: string }
}

/** One attempt to tell the app something. */
export interface Delivery extends Outgoing {
  readonly number: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly transport: 'http' | 'socket'
  /** What went over HTTP, for sending it again byte by byte. */
  readonly request?: SignedRequest & { readonly url: string }
  /** Absent while it is on its way. */
  answer?: Answer
  /** Until the answer, or until Slack gave up. */
  roundTripMs?: number
}

/** What somebody saw go wrong after they did something. */
export interface PersonError {
  readonly at: number
  readonly userId: string
  readonly kind: DeliveryKind
  readonly reason: string
  /** The number of the delivery. */
  readonly delivery: number
}

/** True when the app took a delivery in time. */
export function isTaken(answer: Answer | undefined): boolean {
  return answer?.kind === 'answered' && answer.status >= 200 && answer.status < 300
}

/** Why a delivery was not taken, in the words that Slack uses for the retry of an event. */
export function failureOf(answer: Answer | undefined): string {
  if (answer?.kind === 'answered') return 'http_error'
  return answer?.kind === 'timeout' ? 'http_timeout' : 'connection_failed'
}
