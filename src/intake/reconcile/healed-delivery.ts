import type { AlertEvent } from '../../domain/alert-event.ts'

/** Deliveries that Nunchi made itself. The door lets no sender say so. */
export const HEALED_CONTENT_TYPE = 'application/vnd.nunchi.healed+json'

/** What was lost: the message that an alert is over, or the one that it fires. */
export type Loss = 'resolve' | 'firing'

/** How it was found out, for the timeline. */
export interface HealingFacts {
  readonly loss: Loss
  readonly polls: number
  readonly lastedMs: number
}

/** The content type of a healed delivery: what was healed and why travels in the log with it. */
export function healedContentType({ loss, polls, lastedMs }: HealingFacts): string {
  return `${HEALED_CONTENT_TYPE}; lost=${loss}; polls=${polls}; seconds=${Math.round(lastedMs / 1000)}`
}

const FORM = /^application\/vnd\.nunchi\.healed\+json; lost=(resolve|firing); polls=(\d{1,9}); seconds=(\d{1,9})$/

/** Whether Nunchi made a delivery itself. */
export function isHealed(contentType: string): boolean {
  return contentType.startsWith(HEALED_CONTENT_TYPE)
}

/** The sentence that the timeline gets; null for a delivery of a sender. */
export function healedReason(contentType: string, source: string): string | null {
  const facts = FORM.exec(contentType)
  if (facts === null) return null
  const [, loss, polls, seconds] = facts
  const asked = `asked ${polls} times within ${spanOf(Number(seconds))}`
  return loss === 'resolve'
    ? `${source} does not list the alert any more (${asked}), and its message that it is over never came.`
    : `${source} lists the alert as firing (${asked}), and its message never came, or was cut (max_alerts).`
}

/** Events of a healed delivery, with the reason; others as they are. */
export function withHealedReason(events: readonly AlertEvent[], reason: string | null): readonly AlertEvent[] {
  return reason === null ? events : events.map((event) => ({ ...event, healedBecause: reason }))
}

function spanOf(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}
