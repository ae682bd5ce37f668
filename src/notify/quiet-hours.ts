import type { Incident } from '../domain/incident.ts'
import { severityRank } from '../domain/severity.ts'
import { periodAt } from './hours-period.ts'
import type { QuietHoursSpec } from './route-spec.ts'

/** When a notice of an incident may go out to a channel, ms since 1970; null = now. */
export type QuietUntil = (incident: Pick<Incident, 'peakSeverity'>, channelId: string, now: number) => number | null

/** Quiet times that join end to end for longer than this are a channel that never speaks: then it speaks. */
const MOST_JOINED = 16

/**
 * Answers from the quiet hours of the configuration. Goes by the highest severity so far, so that who was woken by an
 * incident also hears its end at once.
 */
export function quietUntilFrom(specs: readonly QuietHoursSpec[]): QuietUntil {
  return (incident, channelId, now) => {
    const binding = specs.filter(
      ({ holdBelow, channels }) =>
        severityRank(incident.peakSeverity) < severityRank(holdBelow) && (channels?.includes(channelId) ?? true),
    )
    const until = endOfQuiet(binding, now)
    return until === now ? null : until
  }
}

function endOfQuiet(specs: readonly QuietHoursSpec[], now: number): number {
  let until = now
  for (let joined = 0; joined < MOST_JOINED; joined++) {
    const ends = specs.flatMap(({ hours }) => periodAt(hours, until)?.end ?? [])
    if (ends.length === 0) return until
    until = Math.max(...ends)
  }
  return now
}
