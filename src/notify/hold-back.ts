import type { Round } from './delivery-round.ts'
import type { NewsPlan } from './plan-message.ts'

/** Why news is not told now, and when to look again; null = not before something else happens to the incident. */
export interface HoldBack {
  readonly until: number | null
  readonly reason: string
}

/** What keeps news of an incident from being told in a channel now; null = nothing. Edits are never held back: they disturb nobody. */
export function whatHoldsBack({ deps, channel, loaded: { incident } }: Round, plan: NewsPlan): HoldBack | null {
  const now = deps.now()
  if (incident.movedTo !== null && incident.movedTo !== channel.id)
    return { until: null, reason: `It was moved to ${incident.movedTo}` }
  // The end of an incident is the end of its silence, and the end of a silence orders a look by itself.
  const isSilenced = incident.silencedUntil !== null && incident.silencedUntil > now && plan.purpose !== 'resolved'
  if (isSilenced) return { until: null, reason: 'It is silenced' }
  const quietUntil = deps.rules.quietUntil(incident, channel.id, now)
  return quietUntil === null ? null : { until: quietUntil, reason: 'Quiet hours' }
}
