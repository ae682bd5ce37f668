import type { JobOutcome } from '../jobs/finish-job.ts'
import type { Channel } from './channel.ts'
import type { LoadedIncident } from './message-facts-queries.ts'
import type { Notification } from './notification-repository.ts'
import type { UntoldNews } from './plan-message.ts'
import type { RunDeps } from './run-deps.ts'

/** What one step of bringing a channel up to date looks at. */
export interface Round {
  readonly deps: RunDeps
  readonly channel: Channel
  readonly loaded: LoadedIncident
  readonly news: UntoldNews
  readonly shown: Notification
  /** It stands in for a channel that cannot be told. */
  readonly insteadOf: string | null
  /** The digest that told it is over, and it is among those that get a thread. */
  readonly leavesDigest: boolean
  readonly isUrgent: boolean
  readonly signal: AbortSignal
}

/** How a step ended: the projection from now on, to take the next step from; or how the job ends. */
export type StepResult =
  | { readonly kind: 'went-on'; readonly shown: Notification }
  | { readonly kind: 'ended'; readonly outcome: JobOutcome }

export const DONE: StepResult = { kind: 'ended', outcome: { kind: 'done' } }

export function ended(outcome: JobOutcome): StepResult {
  return { kind: 'ended', outcome }
}
